"""`envtree restart`: stop the stale or the named processes, and start them with the current generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.read import read_current
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.selector import selects
from envtree.core.output.inventory import read_inventory
from envtree.machine.commands.preflight import check_machine, prepare_logs
from envtree.machine.commands.services import is_stale, not_booted, runtime_folder
from envtree.machine.commands.start import install, start
from envtree.machine.commands.stop import stop
from envtree.machine.services.parts import process_specs
from envtree.machine.system import runtime_folder as folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.commands.start import StartFailure
    from envtree.machine.services.parts import ProcessSpec


class Restarted(NamedTuple):
    """What was restarted, what had to be killed, and what didn't come up."""

    targets: tuple[str, ...]
    killed: tuple[str, ...]
    failures: tuple[StartFailure, ...]


def restart(run: str, selectors: tuple[str, ...], timeout: float | None, progress: MachineProgress) -> Restarted:
    """Restart the stale processes, or those that are named, stale or not.

    All of them stop before one starts, so two versions never run together. Raises EnvtreeError if nothing was booted,
    or the output can't be started from.
    """
    run = runtime_folder(run)
    with folder.locked(run, progress.on_wait, make=False) as is_there:
        state = folder.read_state(run) if is_there else None
        if state is None:
            raise not_booted(run)
        manifest = read_current(state.out)
        inventory = read_inventory(manifest.text)
        installed = {spec.target: spec for spec in folder.installed(run).values() if spec}
        stale = [spec for spec in installed.values() if is_stale(run, state.out, inventory, spec)]
        chosen = _chosen(installed, selectors) if selectors else stale
        targets = [target for target in inventory.targets if str(target) in {spec.target for spec in chosen}]
        if missing := {spec.target for spec in chosen} - set(map(str, targets)):
            message = f"the output has no {some(f'`{each}`' for each in sorted(missing))} any more"
            raise EnvtreeError(Diagnostic("unknown-target", message, help="`envtree boot` stops what is gone"))
        check_machine(state.out, manifest, targets)
        prepare_logs(inventory, targets)
        specs = {
            spec.target: spec
            for spec in process_specs(inventory, (each for each in inventory.targets if str(each) in installed))
        }
        return _restart(
            run, state.out, inventory.generation, chosen, [specs[spec.target] for spec in chosen], timeout, progress
        )


def _chosen(installed: dict[str, ProcessSpec], selectors: Iterable[str]) -> list[ProcessSpec]:
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


def _restart(
    run: str,
    out: str,
    generation: str,
    before: list[ProcessSpec],
    after: list[ProcessSpec],
    timeout: float | None,
    progress: MachineProgress,
) -> Restarted:
    killed = stop(run, before, progress)
    for spec in after:
        install(run, out, generation, spec)
    failures = start(run, after, timeout, progress)
    return Restarted(tuple(spec.target for spec in after), killed, failures)
