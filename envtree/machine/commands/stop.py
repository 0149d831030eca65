"""Stop services, those that require others first: gracefully, or by force where they don't end."""

from __future__ import annotations

import math
import signal
import time
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.mask import one_line
from envtree.machine.commands.services import POLL, by_level, leftovers, runsvdirs, wait_until
from envtree.machine.services.ending import Ending, joined
from envtree.machine.services.parts import MARGIN
from envtree.machine.system import cgroups, processes
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.programs import start_ending
from envtree.machine.system.runsv import control, read_status, take_ending

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping

    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.processes import RunningProcess

DRAIN = 10.0
"""Seconds that svlogd may take to write the rest of its log after its service has ended."""
KILL_SECONDS = 5.0
"""Seconds that a killed process may take to disappear."""


def stop(run: str, specs: Iterable[ProcessSpec], progress: MachineProgress) -> tuple[Ending, ...]:
    """Stop services, those that nothing requires first, but not their runsv; return what did not end as it should."""
    found: list[Ending] = []
    levels = list(by_level(specs))
    for level in reversed(levels):
        for spec in level:
            folder.hold(run, spec.name)
        found += _stop_level(run, level, progress)
    return joined(found)


class _Stopping:
    """One service that is being stopped."""

    def __init__(self, run: str, spec: ProcessSpec) -> None:
        self.spec = spec
        self.folder = folder.service_folder(run, spec.name)
        self.killed = False
        self.ending: subprocess.Popen[bytes] | None = None
        self.began = time.monotonic()
        self.limit = spec.kill_after
        take_ending(self.folder, spec.target)  # what is known of an earlier end
        self.control("d")

    def control(self, commands: str) -> None:
        """Send commands to runsv; if there is none, end what the service left running."""
        if not control(self.folder, commands) and self.ending is None:
            self.ending = start_ending(self.folder, math.ceil(self.spec.kill_after))

    def is_down(self) -> bool:
        """Return whether the service has ended; kill the service when its time is over."""
        if self.ending is not None:
            return self.ending.poll() is not None
        now = read_status(self.folder)
        if now is None:
            self.control("d")
            return False
        if now.is_stopped:
            return True
        if now.state == "run" and time.monotonic() - self.began > self.limit:
            self.killed = True
            self.limit += KILL_SECONDS
            self.control("dk")
        return False


def _stop_level(run: str, level: list[ProcessSpec], progress: MachineProgress) -> list[Ending]:
    waiting = [_Stopping(run, spec) for spec in level]
    everything = list(waiting)
    deadline = (
        time.monotonic() + max(spec.kill_after + spec.after_timeout for spec in level) + 2 * KILL_SECONDS + MARGIN
    )
    while waiting and time.monotonic() < deadline:
        progress.on_step("stop", len(waiting))
        waiting = [each for each in waiting if not each.is_down()]
        time.sleep(POLL if waiting else 0)
    left = kill(run, {each.spec.name: each.spec for each in waiting})
    killed = [Ending(each.spec.target, is_killed=True) for each in everything if each.killed]
    return [*(take_ending(each.folder, each.spec.target) for each in everything), *killed, *left]


def dismiss(run: str, specs: Mapping[str, ProcessSpec | None]) -> tuple[Ending, ...]:
    """End the runsv of stopped services and drain their logs; return those where something was killed."""
    for name in specs:
        folder.unwatch(run, name)
    for name in specs:
        control(folder.service_folder(run, name), "x")
    for each in chain.from_iterable(leftovers(run, specs).values()):
        if each.name == "svlogd":  # whoever owns a log may have paused it, and what is in the pipe is to be written
            processes.send(each, signal.SIGCONT)
    wait_until(lambda: not any(read_status(folder.service_folder(run, name)) for name in specs), DRAIN)
    wait_until(lambda: not leftovers(run, specs), 1.0)
    return kill(run, specs)


def remove(run: str, specs: Mapping[str, ProcessSpec | None]) -> tuple[Ending, ...]:
    """Remove stopped services from the machine; return those where something was killed."""
    killed = dismiss(run, specs) if specs else ()
    for name in specs:
        folder.uninstall(run, name)
    return killed


def kill(run: str, specs: Mapping[str, ProcessSpec | None]) -> tuple[Ending, ...]:
    """Kill what is left of services; return an ending for each where something was left."""
    groups = {name: folder.service_folder(run, name) for name in specs}
    asked: set[RunningProcess] = set()

    def left() -> dict[str, list[RunningProcess]]:
        swarms: dict[str, list[RunningProcess]] = {name: [] for name in groups if cgroups.members(groups[name])}
        return swarms | leftovers(run, specs)  # of who starts others again and again, nobody may be there to be seen

    def is_asked() -> bool:
        found = left()
        for each in {*chain.from_iterable(found.values())} - asked:
            processes.send(each, signal.SIGTERM)
            asked.add(each)
        return not found

    def is_killed() -> bool:
        found = left()
        for name, running in found.items():
            cgroups.kill(groups[name])
            for each in running:  # each time: they may have started others
                processes.send(each, signal.SIGKILL)
        return not found

    names = left()
    if not names:
        return ()
    gone = wait_until(is_asked, 1.0) or wait_until(is_killed, KILL_SECONDS)
    remains = {} if gone else left()
    return tuple(
        Ending(
            spec.target if (spec := specs[name]) else name,
            is_killed=True,
            remains=tuple(f"{each.pid} ({one_line(each.name)})" for each in remains.get(name, ())),
        )
        for name in names
    )


def stop_runsvdir(run: str) -> None:
    """End runsvdir, so that nothing is started again; its runsv and their services keep running."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for each in runsvdirs(run):
            processes.send(each, signal_number)
        if wait_until(lambda: not runsvdirs(run), KILL_SECONDS):
            return


class DownResult(NamedTuple):
    """What `down` ended."""

    services: int
    endings: tuple[Ending, ...]
    """What did not end as it should."""


def bring_down(run: str, progress: MachineProgress) -> DownResult:
    """End all processes, in whatever state a crash left them, and empty the runtime folder."""
    found = folder.installed(run)
    stop_runsvdir(run)
    endings = stop(run, [spec for spec in found.values() if spec], progress)
    killed = dismiss(run, found)
    folder.clear(run)
    return DownResult(len(found), joined((*endings, *killed)))
