"""The status of a process: what runsv, its check and its live environment say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from envtree.core.runit.runtimes import path_with

if TYPE_CHECKING:
    from collections.abc import Mapping

ProcessState = Literal[
    "up",
    "paused",
    "not ready",
    "starting",
    "waiting",
    "stopping",
    "restarting",
    "looping",
    "down",
    "unsupervised",
    "missing",
]
Freshness = Literal["current", "stale", "changed", "unreadable", "unknown"]
SHELLS_OWN = frozenset(("PWD", "OLDPWD", "SHLVL", "_"))
"""Variables that a shell itself adds to what it starts."""


WINDOW = 600.0
"""Seconds of which the ends of a process are counted."""
LOOP = 3
"""As many ends in that time are a loop, until the process has been up for a minute."""
MINUTE = 60.0
SETTLED = 0.5
"""Seconds that a process without a check must run to count as up."""
YOUNG = 5.0
"""Seconds for which a process that was started again counts as restarting: it may end again."""


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended without being told to."""

    code: int
    """Its exit code, or -1."""
    signal: int
    """The signal that ended it, or 0."""
    seconds: float
    """How long ago that was."""


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """The status of one process, and whether it agrees with the tree; times are in seconds."""

    target: str
    state: ProcessState
    pid: int
    """0 if no process runs."""
    seconds: float
    """How long the process has been in this state."""
    restarts: int
    generation: str
    """The generation that the process was started with; empty if unknown."""
    environment: EnvironmentState
    log: str
    ends: tuple[End, ...] = ()
    """How it ended since boot or a restart started it, the latest last."""

    @property
    def last_end(self) -> End | None:
        """How it ended last."""
        return self.ends[-1] if self.ends else None

    @property
    def recent_ends(self) -> int:
        """How often it has ended in the last ten minutes."""
        return recent(self.ends)

    @property
    def is_good(self) -> bool:
        """Whether the process is up, ready, and has the environment that the tree says now."""
        return self.state == "up" and self.environment.freshness in ("current", "unreadable")


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """How a live environment differs from what the tree says now: only names, never a value.

    `stale`: since the process started, the output has other values or scripts for it. `changed`: the command, or a
    person by hand, gave the process other values. `unreadable`: the program wrote over its environment, as some do to
    show a title in ps(1).
    """

    freshness: Freshness = "unknown"
    changed: tuple[str, ...] = ()
    """Names that have another value than in the tree, or that the process lacks."""
    foreign: tuple[str, ...] = ()
    """Names that the tree doesn't have."""


def recent(ends: tuple[End, ...]) -> int:
    """Return how many of these were in the last ten minutes."""
    return sum(each.seconds < WINDOW for each in ends)


def running_state(ends: tuple[End, ...], seconds: float, *, is_ready: bool, has_check: bool) -> ProcessState:
    """Return the state of a process that has run for so many seconds."""
    if recent(ends) >= LOOP and seconds < MINUTE:
        return "looping"
    if ends and seconds < YOUNG:
        return "restarting"
    if not has_check and seconds < SETTLED:
        return "starting"
    return "up" if is_ready else "not ready"


def compare_environment(live: Mapping[str, str], expected: Mapping[str, str]) -> EnvironmentState:
    """Compare a live environment with the one that the tree says."""
    changed = tuple(sorted(name for name, text in expected.items() if live.get(name) != text))
    foreign = tuple(sorted(live.keys() - expected.keys() - SHELLS_OWN))
    return EnvironmentState("changed" if changed else "current", changed, foreign)


def expected_environment(values: Mapping[str, str | None], folders: tuple[str, ...], path: str) -> dict[str, str]:
    """Return what a process starts with: the tree's variables, its PATH (or the usual one) with runtimes in front."""
    found = {name: text for name, text in ({"PATH": path} | dict(values)).items() if text is not None}
    return found | {"PATH": path_with(folders, found.get("PATH"))} if folders else found
