"""How a process of a machine is: what runsv, its check and its live environment say, each as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from envtree.core.runit.runtimes import path_with

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal["up", "not ready", "waiting", "stopping", "restarting", "down", "unsupervised", "missing"]
Freshness = Literal["current", "stale", "changed", "unreadable", "unknown"]
SHELLS_OWN = frozenset(("PWD", "OLDPWD", "SHLVL", "_"))
"""What a shell adds by itself to what it starts."""


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One process, and whether it is as the tree says; times are in seconds."""

    target: str
    state: State
    number: int
    """Of its process; 0 where none runs."""
    seconds: float
    """For how long it has been in this state."""
    restarts: int
    generation: str
    """What it was started with; empty where that can't be told."""
    environment: EnvironmentState
    log: str

    @property
    def is_good(self) -> bool:
        """Up, ready, and with what the tree says now."""
        return self.state == "up" and self.environment.freshness in ("current", "unreadable")


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """A live environment against what the tree says now: names alone, never a value.

    `stale`: the output has other values or scripts for it since it started. `changed`: the command, or a hand, gave it
    other values than those. `unreadable`: the program wrote over it, as some do to show a title in ps(1).
    """

    freshness: Freshness = "unknown"
    changed: tuple[str, ...] = ()
    """Names with another value than the tree's, or that it lacks."""
    foreign: tuple[str, ...] = ()
    """Names that the tree doesn't have."""


def compare_environment(live: Mapping[str, str], expected: Mapping[str, str]) -> EnvironmentState:
    """Hold a live environment against the one that the tree says."""
    changed = tuple(sorted(name for name, text in expected.items() if live.get(name) != text))
    foreign = tuple(sorted(live.keys() - expected.keys() - SHELLS_OWN))
    return EnvironmentState("changed" if changed else "current", changed, foreign)


def expected_environment(values: Mapping[str, str | None], folders: tuple[str, ...], path: str) -> dict[str, str]:
    """What a process is started with: what the tree says, a usual PATH if it says none, runtimes in front of it."""
    found = {name: text for name, text in ({"PATH": path} | dict(values)).items() if text is not None}
    return found | {"PATH": path_with(folders, found.get("PATH"))} if folders else found
