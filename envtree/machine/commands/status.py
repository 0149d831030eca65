"""`envtree status`: what runs, since when, ready or not, and whether it has what the tree says now."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.read import read_current, read_target
from envtree.core.model.selector import selects
from envtree.core.model.tree import Target
from envtree.core.output.inventory import needs, read_inventory
from envtree.core.runit.scripts import PATH
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
from envtree.machine.system.runsv import last_start, supervised

if TYPE_CHECKING:
    from envtree.core.output.inventory import Inventory
    from envtree.machine.services.condition import State
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.runsv import Supervised

CHECK_SECONDS = 12.0
"""A check ends itself after ten."""
YOUNG = 5.0
"""Seconds before which a process that was started again is one that may end again."""


class Status(NamedTuple):
    """A machine."""

    out: str
    selector: str
    generation: str
    """The one that is current now."""
    is_watched: bool
    """Whether runsvdir is there to start again what ends."""
    conditions: tuple[ProcessStatus, ...]

    @property
    def is_good(self) -> bool:
        """Everything is up, ready, and as the tree says."""
        return self.is_watched and all(each.is_good for each in self.conditions)


def status(run: str) -> Status:
    """How the machine is; raises EnvtreeError where nothing was booted, or the output can't be read."""
    run = runtime_folder(run)
    state, found = folder.read_state(run), folder.installed(run)
    if state is None or not found:
        raise not_booted(run)
    inventory = read_inventory(read_current(state.out).text)
    parts = [part for part in found.values() if part]
    checks = {part.name: start_check(folder.folder_of(run, part.name)) for part in parts if part.has_check}
    conditions = [_condition(run, state.out, inventory, part, checks.get(part.name)) for part in parts]
    here = {part.target for part in parts}
    missing = [each for each in inventory.targets if selects(state.selector, each) and str(each) not in here]
    conditions += [ProcessStatus(str(each), "missing", 0, 0.0, 0, "", EnvironmentState(), "") for each in missing]
    everything = tuple(sorted(conditions, key=lambda each: each.target))
    return Status(state.out, state.selector, inventory.generation, len(runsvdirs(run)) == 1, everything)


def _condition(
    run: str, out: str, inventory: Inventory, part: ProcessSpec, check: subprocess.Popen[bytes] | None
) -> ProcessStatus:
    place = folder.folder_of(run, part.name)
    now, begun = supervised(place), last_start(place)
    is_ready = check is None or _succeeds(check)
    number = now.number if now and begun and now.number == begun.number else 0
    seconds = max(0.0, time.time() - now.since) if now else 0.0
    restarts = begun.turn - 1 if begun else 0
    return ProcessStatus(
        part.target,
        _state(now, number, restarts, seconds, is_ready=is_ready),
        number,
        seconds,
        restarts,
        folder.generation_of(run, part.name),
        _environment(run, out, inventory, part, number) if number else EnvironmentState(),
        part.log,
    )


def _succeeds(check: subprocess.Popen[bytes]) -> bool:
    try:
        return check.wait(CHECK_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False


def _state(now: Supervised | None, number: int, restarts: int, seconds: float, *, is_ready: bool) -> State:
    if now is None:
        return "unsupervised"
    if not now.is_wanted:
        return "stopping" if now.state != "down" else "down"
    if now.state != "run" or (restarts and seconds < YOUNG):
        return "restarting"
    if not number:
        return "waiting"
    return "up" if is_ready else "not ready"


def _environment(run: str, out: str, inventory: Inventory, part: ProcessSpec, number: int) -> EnvironmentState:
    """What a process really has, as proc(5) shows it."""
    if is_stale(run, out, inventory, part):
        return EnvironmentState("stale")
    live = environment_of(number)
    if live is None:
        return EnvironmentState("unreadable")
    target = Target(*part.target.split("/"))
    values = read_target(out, part.target).values
    return compare_environment(live, expected_environment(values, needs(inventory, target).runtimes, PATH))
