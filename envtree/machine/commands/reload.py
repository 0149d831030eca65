"""`envtree reload`: send processes the signal by which they read their files again, without a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.read import read_current
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.output.inventory import read_inventory
from envtree.machine.commands.restart import chosen_of, specs_here
from envtree.machine.commands.services import is_stale, not_booted, runtime_folder
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system import runtime_lock
from envtree.machine.system.runsv import last_start, read_status, send_signal

if TYPE_CHECKING:
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.services.parts import ProcessSpec


class Reloaded(NamedTuple):
    """Which processes were sent their signal, and which not."""

    targets: tuple[str, ...]
    without: tuple[str, ...]
    """Those that were named, and have no `reload`."""
    down: tuple[str, ...]
    """Those that have one, and don't run."""


def reload(run: str, selectors: tuple[str, ...], progress: MachineProgress) -> Reloaded:
    """Send the signal to the processes that are named, or to all that have one; raises EnvtreeError."""
    run = runtime_folder(run)
    with runtime_lock.locked(run, progress.on_wait, make=False) as is_there:
        state = folder.read_state(run) if is_there else None
        if state is None:
            raise not_booted(run)
        installed = _as_written_now(run, state.out)
        named = chosen_of(installed, selectors) if selectors else [spec for spec in installed.values() if spec.reload]
        sent: list[str] = []
        down: list[str] = []
        for spec in named:
            if spec.reload:
                (sent if _send(run, spec) else down).append(spec.target)
        return Reloaded(tuple(sent), tuple(spec.target for spec in named if not spec.reload), tuple(down))


def _as_written_now(run: str, out: str) -> dict[str, ProcessSpec]:
    """Return what runs here by target: as the output has it now, where that starts with the same values and scripts."""
    installed = folder.installed_by_target(run)
    try:
        inventory = read_inventory(read_current(out).text)
    except EnvtreeError:
        return installed
    now = specs_here(inventory, installed)
    return {
        target: spec if is_stale(run, out, inventory, spec) else now.get(target, spec)
        for target, spec in installed.items()
    }


def _send(run: str, spec: ProcessSpec) -> bool:
    """Send a process its signal; return whether it runs, and its script doesn't still prepare the start."""
    path = folder.service_folder(run, spec.name)
    status, start = read_status(path), last_start(path)
    runs = status is not None and start is not None and status.state == "run" and status.pid == start.pid
    return runs and send_signal(path, spec.reload)
