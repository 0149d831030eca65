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
    LOOP,
    EnvironmentState,
    ProcessStatus,
    compare_environment,
    expected_environment,
    recent,
    running_state,
)
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system import runtime_lock
from envtree.machine.system.processes import PAUSED, environment_of, find_process, seconds_since
from envtree.machine.system.programs import start_check
from envtree.machine.system.runsv import down_seconds, ends, last_start, read_status

if TYPE_CHECKING:
    from envtree.core.output.inventory import Inventory
    from envtree.machine.services.condition import End, ProcessState
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.runsv import RunsvStatus, Start

CHECK_SECONDS = 12.0
"""Seconds to wait for a check, which ends itself after ten."""


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
    if not runtime_lock.check(run):
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
    seconds = _seconds(path, now, start if pid else None)
    known = ends(path)
    running = find_process(pid) if pid else None
    state = _state(now, spec, known, seconds if pid else None, is_ready=is_ready)
    return ProcessStatus(
        spec.target,
        "paused" if state == "up" and running and running.state in PAUSED else state,
        pid,
        seconds,
        start.starts - 1 if start else 0,
        folder.generation_of(run, spec.name),
        _environment(run, out, inventory, spec, pid) if pid else EnvironmentState(),
        spec.log,
        known,
    )


def state_without_check(run: str, spec: ProcessSpec) -> ProcessState:
    """Return the state of a process, as ready as it may be: its check is not run."""
    path = folder.service_folder(run, spec.name)
    now, start = read_status(path), last_start(path)
    seconds = seconds_since(start.began) if now and start and now.pid == start.pid else None
    return _state(now, spec, ends(path), seconds, is_ready=True)


def _seconds(path: str, now: RunsvStatus | None, start: Start | None) -> float:
    """Return for how long a service has been as it is, by a clock that nobody sets where that is known."""
    if start is not None:
        return seconds_since(start.began)
    since_end = down_seconds(path) if now and now.state != "run" else None
    return since_end if since_end is not None else max(0.0, time.time() - now.since) if now else 0.0


def _succeeds(check: subprocess.Popen[bytes]) -> bool:
    try:
        return check.wait(CHECK_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False


def _state(
    now: RunsvStatus | None, spec: ProcessSpec, known: tuple[End, ...], seconds: float | None, *, is_ready: bool
) -> ProcessState:
    """Return the state of a service, whose process has run for so many seconds; None if there is no process."""
    if now is None:
        return "unsupervised"
    if not now.is_wanted:
        return "stopping" if now.state != "down" else "down"
    if seconds is not None:
        return running_state(known, seconds, is_ready=is_ready, has_check=spec.has_check)
    if recent(known) >= LOOP:
        return "looping"
    return "restarting" if known or now.state != "run" else "waiting"


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
