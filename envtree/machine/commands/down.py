"""`envtree down`: everything to a graceful end, and the machine as it was before boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.machine.commands.services import runtime_folder
from envtree.machine.commands.stop import Down, bring_down
from envtree.machine.system import runtime_folder as folder

if TYPE_CHECKING:
    from envtree.machine.commands.services import MachineProgress


def down(run: str, telling: MachineProgress) -> Down:
    """Bring everything down, after any crash; raises EnvtreeError where the runtime folder is somebody else's."""
    run = runtime_folder(run)
    with folder.locked(run, telling.on_wait, make=False) as is_there:
        if not is_there:
            return Down(0, ())
        done = bring_down(run, telling)
        folder.remove(run)
        return done
