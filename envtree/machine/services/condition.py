"""The status of a process: what runsv, its check and its live environment say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from envtree.core.runit.runtimes import path_with

if TYPE_CHECKING:
    from collections.abc import Mapping

ProcessState = Literal["up", "not ready", "waiting", "stopping", "restarting", "down", "unsupervised", "missing"]
Freshness = Literal["current", "stale", "changed", "unreadable", "unknown"]
SHELLS_OWN = frozenset(("PWD", "OLDPWD", "SHLVL", "_"))
"""Variables that a shell itself adds to what it starts."""


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


def compare_environment(live: Mapping[str, str], expected: Mapping[str, str]) -> EnvironmentState:
    """Compare a live environment with the one that the tree says."""
    changed = tuple(sorted(name for name, text in expected.items() if live.get(name) != text))
    foreign = tuple(sorted(live.keys() - expected.keys() - SHELLS_OWN))
    return EnvironmentState("changed" if changed else "current", changed, foreign)


def expected_environment(values: Mapping[str, str | None], folders: tuple[str, ...], path: str) -> dict[str, str]:
    """Return what a process starts with: the tree's variables, its PATH (or the usual one) with runtimes in front."""
    found = {name: text for name, text in ({"PATH": path} | dict(values)).items() if text is not None}
    return found | {"PATH": path_with(folders, found.get("PATH"))} if folders else found
