"""`envtree restart`: stop the stale or the named processes, and start them with the current generation.

What it is about to restart is written down before anything stops, so that no process stays down whatever dies in
between: the next `restart` or `boot` does the rest, and `status` starts what is down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.store.read import read_current
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.selector import selects
from envtree.core.output.inventory import read_inventory
from envtree.machine.commands.preflight import check_machine, prepare_logs
from envtree.machine.commands.rolling import Restarted, RestartedProcess, restart_one_by_one
from envtree.machine.commands.services import is_stale, not_booted, runtime_folder
from envtree.machine.commands.start import install, start_each
from envtree.machine.commands.stop import stop
from envtree.machine.services.parts import process_specs
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system import runtime_lock
from envtree.machine.system.runsv import control, read_status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envtree.core.output.inventory import Inventory
    from envtree.machine.commands.rolling import RestartWay
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.services.parts import ProcessSpec


def restart(run: str, selectors: tuple[str, ...], way: RestartWay, progress: MachineProgress) -> Restarted:
    """Restart the stale processes, or those that are named, stale or not; and what a restart that was cut off left.

    Raises EnvtreeError if nothing was booted, or the output can't be started from.
    """
    run = runtime_folder(run)
    with runtime_lock.locked(run, progress.on_wait, make=False) as is_there:
        state = folder.read_state(run) if is_there else None
        if state is None:
            raise not_booted(run)
        manifest = read_current(state.out)
        inventory = read_inventory(manifest.text)
        installed = folder.installed_by_target(run)
        stale = [spec for spec in installed.values() if is_stale(run, state.out, inventory, spec)]
        resumed = sorted(folder.read_pending(run) & installed.keys())
        asked = chosen_of(installed, selectors) if selectors else stale
        chosen = list({spec.target: spec for spec in (*asked, *(installed[each] for each in resumed))}.values())
        targets = [target for target in inventory.targets if str(target) in {spec.target for spec in chosen}]
        if missing := {spec.target for spec in chosen} - set(map(str, targets)):
            message = f"the output has no {some(f'`{each}`' for each in sorted(missing))} any more"
            raise EnvtreeError(Diagnostic("unknown-target", message, help="`envtree boot` stops what is gone"))
        check_machine(state.out, manifest, targets)
        prepare_logs(inventory, targets)
        specs = specs_here(inventory, installed)
        changes = [RestartedProcess(spec, specs[spec.target]) for spec in chosen]
        begin = restart_one_by_one if way.order == "one by one" else _restart_at_once
        done = begin(run, state.out, inventory.generation, changes, way, progress)
        return done._replace(resumed=tuple(resumed))


def specs_here(inventory: Inventory, installed: Iterable[str]) -> dict[str, ProcessSpec]:
    """Return the processes of these targets as the output has them now; what it has no more is left out."""
    here = {*installed}
    found = process_specs(inventory, (each for each in inventory.targets if str(each) in here))
    return {spec.target: spec for spec in found}


def resume(run: str, out: str, inventory: Inventory) -> tuple[str, ...]:
    """Start what a restart that was cut off has stopped and not started again; return these targets.

    Nothing is stopped, and nothing waited for: what the restart had not come to goes on as it is. Does nothing as long
    as another command works on the machine.
    """
    if not folder.read_pending(run):
        return ()
    try:
        with runtime_lock.locked_at_once(run) as is_there:
            return _resume(run, out, inventory) if is_there else ()
    except runtime_lock.Busy:
        return ()


def _resume(run: str, out: str, inventory: Inventory) -> tuple[str, ...]:
    installed = folder.installed_by_target(run)
    pending = folder.read_pending(run) & installed.keys()
    specs = specs_here(inventory, pending)
    started = []
    for target in sorted(pending):
        name = installed[target].name
        status = read_status(folder.service_folder(run, name))
        if status and status.is_stopped:
            if target in specs:
                install(run, out, inventory.generation, specs[target])
            started.append(target)
        folder.let_start(run, name)
        control(folder.service_folder(run, name), "u")
    folder.write_pending(run, pending.difference(started))
    return tuple(started)


def chosen_of(installed: dict[str, ProcessSpec], selectors: Iterable[str]) -> list[ProcessSpec]:
    """Return the processes that selectors name. Raises EnvtreeError for a selector that names none."""
    chosen: dict[str, ProcessSpec] = {}
    for selector in selectors:
        found = {name: spec for name, spec in installed.items() if selects(selector, name.split("/"))}
        if not found:
            message = f"`{selector}` names nothing that runs here"
            advice = f"this machine runs {some(sorted(installed), 8)}"
            raise EnvtreeError(Diagnostic("unknown-target", message, help=advice))
        chosen |= found
    return list(chosen.values())


def _restart_at_once(
    run: str, out: str, generation: str, changes: Sequence[RestartedProcess], way: RestartWay, progress: MachineProgress
) -> Restarted:
    """Stop all of them, and start them; what requires one that fails is started as well, and waits for it."""
    after = [change.after for change in changes]
    folder.write_pending(run, (spec.target for spec in after))
    endings = stop(run, [change.before for change in changes], progress)
    for spec in after:
        install(run, out, generation, spec)
    failures = start_each(run, after, way.timeout, progress)
    folder.write_pending(run, ())
    failed = {each.spec.target for each in failures}
    return Restarted(tuple(spec.target for spec in after if spec.target not in failed), endings, failures)
