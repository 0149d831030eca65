"""`envtree status`: what runs, since when, whether it is ready, and whether its environment is current."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.read import read_current, read_target
from envtree.core.model.selector import selects
from envtree.core.model.tree import Target
from envtree.core.output.inventory import is_started, needs, read_inventory
from envtree.core.runit.scripts import PATH
from envtree.machine.commands.restart import resume
from envtree.machine.commands.services import is_stale, not_booted, runsvdirs, runtime_folder
from envtree.machine.services.condition import (
    EnvironmentState,
    ProcessStatus,
    compare_environment,
    expected_environment,
)
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.processes import environment_of
from envtree.machine.system.programs import start_check
from envtree.machine.system.runsv import last_start, read_status

if TYPE_CHECKING:
    from envtree.core.output.inventory import Inventory
    from envtree.machine.services.condition import ProcessState
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.runsv import RunsvStatus

CHECK_SECONDS = 12.0
"""Seconds to wait for a check, which ends itself after ten."""
YOUNG = 5.0
"""Seconds for which a process that was started again counts as restarting: it may end again."""


class Status(NamedTuple):
    """The state of a machine."""

    out: str
    selector: str
    generation: str
    """The current generation of the output."""
    is_watched: bool
    """Whether runsvdir runs, which starts again what ends."""
    processes: tuple[ProcessStatus, ...]
    resumed: tuple[str, ...] = ()
    """What a restart that was cut off had left down, and was started now."""

    @property
    def is_good(self) -> bool:
        """Whether every process is up, ready, and has the environment that the tree says."""
        return self.is_watched and all(each.is_good for each in self.processes)


def status(run: str) -> Status:
    """Return the state of the machine, once what a restart that was cut off had left down is started.

    Raises EnvtreeError if nothing was booted, or the output can't be read.
    """
    run = runtime_folder(run)
    if not folder.check(run):
        raise not_booted(run)
    state, found = folder.read_state(run), folder.installed(run)
    if state is None:
        raise not_booted(run)
    inventory = read_inventory(read_current(state.out).text)
    resumed = resume(run, state.out, inventory)
    specs = [spec for spec in found.values() if spec]
    checks = {spec.name: start_check(folder.service_folder(run, spec.name)) for spec in specs if spec.has_check}
    processes = [_process_status(run, state.out, inventory, spec, checks.get(spec.name)) for spec in specs]
    here = {spec.target for spec in specs}
    role = [each for each in inventory.targets if selects(state.selector, each) and is_started(inventory, each)]
    missing = [each for each in role if str(each) not in here]
    processes += [ProcessStatus(str(each), "missing", 0, 0.0, 0, "", EnvironmentState(), "") for each in missing]
    everything = tuple(sorted(processes, key=lambda each: each.target))
    return Status(state.out, state.selector, inventory.generation, len(runsvdirs(run)) == 1, everything, resumed)


def _process_status(
    run: str, out: str, inventory: Inventory, spec: ProcessSpec, check: subprocess.Popen[bytes] | None
) -> ProcessStatus:
    path = folder.service_folder(run, spec.name)
    now, start = read_status(path), last_start(path)
    is_ready = check is None or _succeeds(check)
    pid = now.pid if now and start and now.pid == start.pid else 0
    seconds = max(0.0, time.time() - now.since) if now else 0.0
    restarts = start.starts - 1 if start else 0
    return ProcessStatus(
        spec.target,
        _state(now, pid, restarts, seconds, is_ready=is_ready),
        pid,
        seconds,
        restarts,
        folder.generation_of(run, spec.name),
        _environment(run, out, inventory, spec, pid) if pid else EnvironmentState(),
        spec.log,
    )


def _succeeds(check: subprocess.Popen[bytes]) -> bool:
    try:
        return check.wait(CHECK_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False


def _state(now: RunsvStatus | None, pid: int, restarts: int, seconds: float, *, is_ready: bool) -> ProcessState:
    if now is None:
        return "unsupervised"
    if not now.is_wanted:
        return "stopping" if now.state != "down" else "down"
    if now.state != "run" or (restarts and seconds < YOUNG):
        return "restarting"
    if not pid:
        return "waiting"
    return "up" if is_ready else "not ready"


def _environment(run: str, out: str, inventory: Inventory, spec: ProcessSpec, pid: int) -> EnvironmentState:
    """Compare the live environment of a process, as proc(5) shows it, with what the tree says."""
    if is_stale(run, out, inventory, spec):
        return EnvironmentState("stale")
    live = environment_of(pid)
    if live is None:
        return EnvironmentState("unreadable")
    target = Target(*spec.target.split("/"))
    values = read_target(out, spec.target).values
    return compare_environment(live, expected_environment(values, needs(inventory, target).runtimes, PATH))
