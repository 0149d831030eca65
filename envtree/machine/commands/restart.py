"""`envtree restart`: what is stale, or named, stopped and started again with the generation that is current."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.read import read_current
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.selector import selects
from envtree.core.output.inventory import read_inventory
from envtree.machine.commands.preflight import check_machine
from envtree.machine.commands.services import is_stale, not_booted, runtime_folder
from envtree.machine.commands.start import install, start
from envtree.machine.commands.stop import stop
from envtree.machine.services.parts import parts
from envtree.machine.system import runtime_folder as folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.commands.start import StartFailure
    from envtree.machine.services.parts import ProcessSpec


class Restarted(NamedTuple):
    """What was started again, and what of it didn't come up."""

    targets: tuple[str, ...]
    killed: tuple[str, ...]
    failures: tuple[StartFailure, ...]


def restart(run: str, selectors: tuple[str, ...], timeout: float | None, telling: MachineProgress) -> Restarted:
    """Restart what is stale, or what is named whether it is or not; first all of it stops, so no two versions meet.

    Raises EnvtreeError where nothing was booted, or the output can't be started from.
    """
    run = runtime_folder(run)
    with folder.locked(run, telling.on_wait, make=False) as is_there:
        state = folder.read_state(run) if is_there else None
        if state is None:
            raise not_booted(run)
        manifest = read_current(state.out)
        inventory = read_inventory(manifest.text)
        there = {part.target: part for part in folder.installed(run).values() if part}
        stale = [part for part in there.values() if is_stale(run, state.out, inventory, part)]
        chosen = _chosen(there, selectors) if selectors else stale
        targets = [target for target in inventory.targets if str(target) in {part.target for part in chosen}]
        if missing := {part.target for part in chosen} - set(map(str, targets)):
            message = f"the output has no {some(f'`{each}`' for each in sorted(missing))} any more"
            raise EnvtreeError(Diagnostic("unknown-target", message, help="`envtree boot` stops what is gone"))
        check_machine(state.out, manifest, targets)
        now = {
            part.target: part for part in parts(inventory, (each for each in inventory.targets if str(each) in there))
        }
        return _restart(
            run, state.out, inventory.generation, chosen, [now[part.target] for part in chosen], timeout, telling
        )


def _chosen(there: dict[str, ProcessSpec], selectors: Iterable[str]) -> list[ProcessSpec]:
    """The parts that selectors name; raises EnvtreeError for one that names none."""
    chosen: dict[str, ProcessSpec] = {}
    for selector in selectors:
        found = {name: part for name, part in there.items() if selects(selector, name.split("/"))}
        if not found:
            message = f"`{selector}` names nothing that runs here"
            advice = f"this machine runs {some(sorted(there), 8)}"
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
    telling: MachineProgress,
) -> Restarted:
    killed = stop(run, before, telling)
    for part in after:
        install(run, out, generation, part)
    failures = start(run, after, timeout, telling)
    return Restarted(tuple(part.target for part in after), killed, failures)
