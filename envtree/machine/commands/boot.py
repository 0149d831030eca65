"""`envtree boot`: what a machine is for, from its tags; and all of it up, in order, ready."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.read import read_current
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.output.inventory import read_inventory
from envtree.machine.commands.preflight import check_machine
from envtree.machine.commands.services import runsvdirs, runtime_folder
from envtree.machine.commands.start import install, start
from envtree.machine.commands.stop import bring_down, remove, stop
from envtree.machine.services.parts import parts
from envtree.machine.services.plan import plan
from envtree.machine.system import programs
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.runsv import supervised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envtree.core.output.inventory import Inventory
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.commands.start import StartFailure
    from envtree.machine.role.role import Role
    from envtree.machine.services.parts import ProcessSpec


class Booted(NamedTuple):
    """What runs now, and what was done for it."""

    role: Role
    generation: str
    started: tuple[str, ...]
    restarted: tuple[str, ...]
    stopped: tuple[str, ...]
    unchanged: tuple[str, ...]
    failures: tuple[StartFailure, ...]
    recovered: bool
    """A crash had left something over, which was brought to its end first."""


def boot(
    out: str, run: str, role_of: Callable[[Inventory], Role], timeout: float | None, telling: MachineProgress
) -> Booted:
    """Bring up what a machine is for; nothing is started where something is missing for any of it.

    Raises EnvtreeError where there is no output to start from, no role, or no place to run it.
    """
    out, run = os.path.realpath(out), runtime_folder(run)
    manifest = read_current(out)
    inventory = read_inventory(manifest.text)
    role = role_of(inventory)
    wanted = parts(inventory, role.targets)
    check_machine(out, manifest, role.targets)
    try:
        with folder.locked(run, telling.on_wait, make=True):
            return _boot(out, run, inventory, role, wanted, timeout, telling)
    except OSError as error:
        place, reason = error.filename or run, os.strerror(error.errno or 0).lower()
        message = f"`{place}` can't be written: {reason}"
        raise EnvtreeError(
            Diagnostic("unusable-runtime", message, help="`envtree down` removes what is there")
        ) from None


def _boot(
    out: str,
    run: str,
    inventory: Inventory,
    role: Role,
    wanted: tuple[ProcessSpec, ...],
    timeout: float | None,
    telling: MachineProgress,
) -> Booted:
    recovered = _recover(run, telling)
    there = {name: part for name, part in folder.installed(run).items() if part}
    state = folder.read_state(run)
    way = plan(there, wanted, is_moved=state is not None and state.out != out)
    stop(run, way.stopped, telling)
    remove(run, {part.name: part for part in way.gone})
    is_whole = not way.kept and not way.changed
    try:
        for part in way.installed:
            install(run, out, inventory.generation, part)
        folder.write_state(run, folder.State(out, str(role), inventory.generation))
        if not runsvdirs(run):
            folder.age(f"{run}/{folder.WATCH}")
            programs.start_runsvdir(f"{run}/{folder.WATCH}")
        idle = tuple(part for part in way.kept if not _is_wanted(run, part))
        failures = start(run, wanted, timeout, telling)
    except BaseException:
        _undo(run, way.installed, telling, whole=is_whole)
        raise
    if failures:
        _undo(run, way.installed, telling, whole=is_whole)
    return Booted(
        role,
        inventory.generation,
        tuple(part.target for part in (*way.added, *idle)),
        tuple(part.target for _, part in way.changed),
        tuple(part.target for part in way.gone),
        tuple(part.target for part in way.kept if part not in idle),
        failures,
        recovered,
    )


def _recover(run: str, telling: MachineProgress) -> bool:
    """Bring to its end what a crash left over; whether there was something.

    A runsv without its runsvdir would hold its service against a second one, once a second, for ever.
    """
    there = folder.installed(run)
    is_whole = all(there.values()) and (not there or (folder.read_state(run) is not None and len(runsvdirs(run)) == 1))
    if is_whole:
        return False
    bring_down(run, telling)
    return True


def _is_wanted(run: str, part: ProcessSpec) -> bool:
    now = supervised(folder.folder_of(run, part.name))
    return now is not None and now.is_wanted


def _undo(run: str, added: Iterable[ProcessSpec], telling: MachineProgress, *, whole: bool) -> None:
    """Stop what this boot had started: nothing stays half started."""
    if whole:
        bring_down(run, telling)
        folder.remove(run)
        return
    parts = tuple(added)
    stop(run, parts, telling)
    remove(run, {part.name: part for part in parts})
