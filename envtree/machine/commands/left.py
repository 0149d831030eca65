"""What a command that was interrupted leaves behind on the machine."""

from __future__ import annotations

from typing import NamedTuple

from envtree.machine.commands.services import leftovers, runtime_folder
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system import runtime_lock


class LeftBehind(NamedTuple):
    """What runs, and what is to be started again, by target."""

    running: tuple[str, ...]
    pending: tuple[str, ...]


def left_behind(run: str) -> LeftBehind:
    """Return what is left in a runtime folder by whoever worked on it last."""
    run = runtime_folder(run)
    found = folder.installed(run) if runtime_lock.check(run) else {}
    running = leftovers(run, found)
    targets = {name: spec.target if spec else name for name, spec in found.items()}
    return LeftBehind(
        tuple(targets[name] for name in sorted(running)),
        tuple(sorted(folder.read_pending(run).intersection(targets.values()))),
    )
