"""`envtree down`: end everything gracefully, and leave the machine as it was before boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.machine.commands.services import runtime_folder
from envtree.machine.commands.stop import DownResult, bring_down
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system import runtime_lock

if TYPE_CHECKING:
    from envtree.machine.commands.services import MachineProgress


def down(run: str, progress: MachineProgress) -> DownResult:
    """Bring everything down, after any crash. Raises EnvtreeError if the runtime folder belongs to another user."""
    run = runtime_folder(run)
    with runtime_lock.locked(run, progress.on_wait, make=False) as is_there:
        if not is_there:
            return DownResult(0, ())
        done = bring_down(run, progress)
        folder.remove(run)
        return done
