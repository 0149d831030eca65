"""Bringing services to their end: gracefully, those that require others first; by force where they don't."""

from __future__ import annotations

import math
import signal
import time
from typing import TYPE_CHECKING, NamedTuple

from envtree.machine.commands.services import POLL, by_level, leftovers, runsvdirs, wait_until
from envtree.machine.services.parts import MARGIN
from envtree.machine.system import processes
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.programs import start_ending
from envtree.machine.system.runsv import supervised, tell, was_killed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping

    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.services.parts import ProcessSpec

DRAIN = 10.0
"""Seconds that svlogd may take to write what is left, when its service has ended."""
GONE = 5.0
"""Seconds until what was killed is gone."""


def stop(run: str, parts: Iterable[ProcessSpec], telling: MachineProgress) -> tuple[str, ...]:
    """Stop services, those that nothing requires first, and leave their runsv; the targets that had to be killed."""
    killed: list[str] = []
    levels = list(by_level(parts))
    for level in reversed(levels):
        for part in level:
            folder.hold(run, part.name)
        killed += _stop_level(run, level, telling)
    return tuple(killed)


class _Stopping:
    """One service on its way down."""

    def __init__(self, run: str, part: ProcessSpec) -> None:
        self.part = part
        self.folder = folder.folder_of(run, part.name)
        self.killed = False
        self.ending: subprocess.Popen[bytes] | None = None
        self.began = time.monotonic()
        self.limit = part.kill_after
        self.tell("d")

    def tell(self, orders: str) -> None:
        """Order runsv; without one, end what it left."""
        if not tell(self.folder, orders) and self.ending is None:
            self.ending = start_ending(self.folder, math.ceil(self.part.kill_after))

    def is_down(self) -> bool:
        """Whether it has ended; kills it when it has had its time."""
        if self.ending is not None:
            return self.ending.poll() is not None
        now = supervised(self.folder)
        if now is None:
            self.tell("d")
            return False
        if now.state == "down" and not now.is_wanted:
            return True
        if now.state == "run" and time.monotonic() - self.began > self.limit:
            self.killed = True
            self.limit += GONE
            self.tell("dk")
        return False


def _stop_level(run: str, level: list[ProcessSpec], telling: MachineProgress) -> list[str]:
    waiting = [_Stopping(run, part) for part in level]
    everything = list(waiting)
    deadline = time.monotonic() + max(part.kill_after + part.after_timeout for part in level) + 2 * GONE + MARGIN
    while waiting and time.monotonic() < deadline:
        telling.on_step("stop", len(waiting))
        waiting = [each for each in waiting if not each.is_down()]
        time.sleep(POLL if waiting else 0)
    left = kill(run, {each.part.name: each.part for each in waiting})
    return [each.part.target for each in everything if was_killed(each.folder) or each.killed or each.part.name in left]


def dismiss(run: str, parts: Mapping[str, ProcessSpec | None]) -> frozenset[str]:
    """End the runsv of stopped services, with their logs drained; the names of those where something was killed."""
    for name in parts:
        folder.unwatch(run, name)
    for name in parts:
        tell(folder.folder_of(run, name), "x")
    wait_until(lambda: not any(supervised(folder.folder_of(run, name)) for name in parts), DRAIN)
    wait_until(lambda: not leftovers(run, parts), 1.0)
    return kill(run, parts)


def remove(run: str, parts: Mapping[str, ProcessSpec | None]) -> frozenset[str]:
    """Remove stopped services from the machine; the names of those where something had to be killed."""
    killed = dismiss(run, parts) if parts else frozenset()
    for name in parts:
        folder.uninstall(run, name)
    return killed


def kill(run: str, parts: Mapping[str, ProcessSpec | None]) -> frozenset[str]:
    """Kill whatever is left of services; the names of those where something was."""
    left = leftovers(run, parts)
    for number, seconds in ((signal.SIGTERM, 1.0), (signal.SIGKILL, GONE)):
        for found in leftovers(run, parts).values():
            for each in found:
                processes.send(each, number)
        if wait_until(lambda: not leftovers(run, parts), seconds):
            break
    return frozenset(left)


def stop_runsvdir(run: str) -> None:
    """End runsvdir, so that nothing is started again; its runsv and their services go on."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for each in runsvdirs(run):
            processes.send(each, number)
        if wait_until(lambda: not runsvdirs(run), GONE):
            return


class Down(NamedTuple):
    """What was brought to its end."""

    services: int
    killed: tuple[str, ...]
    """The targets of which something had to be killed."""


def bring_down(run: str, telling: MachineProgress) -> Down:
    """End everything, whatever state a crash left it in, and empty the runtime folder."""
    found = folder.installed(run)
    stop_runsvdir(run)
    killed = set(stop(run, [part for part in found.values() if part], telling))
    killed.update(part.target if (part := found[name]) else name for name in dismiss(run, found))
    folder.clear(run)
    return Down(len(found), tuple(sorted(killed)))
