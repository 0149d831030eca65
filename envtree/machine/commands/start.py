"""Bringing services up in the order of what they require, and telling which of them don't come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from envtree.machine.commands.services import POLL, by_level
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.processes import look
from envtree.machine.system.programs import start_check
from envtree.machine.system.runsv import last_end, last_start, supervised, tell

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable

    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.services.parts import ProcessSpec

SETTLED = 0.5
"""Seconds that a process without a check must have run to be taken for one that stays."""
BETWEEN_CHECKS = 0.1
HOPELESS = (100, 111, 126, 127)
"""Exit codes of chpst and of a shell for what can't be started: another try after this many seconds, and no more."""
PATIENCE = 2.5
PICK_UP = 15.0
"""Seconds until runsvdir has given each service folder a runsv: it looks every five."""


class StartFailure(NamedTuple):
    """A process that didn't come up, and why."""

    part: ProcessSpec
    reason: str


def install(run: str, out: str, generation: str, part: ProcessSpec) -> None:
    """Make the service folder of a part, which doesn't run, or the one that is there as it is now."""
    folder.install(run, out, generation, part)
    tell(f"{folder.folder_of(run, part.name)}/log", "t")  # its folder or size may be another one
    folder.watch(run, part.name)


def start(
    run: str, parts: Iterable[ProcessSpec], timeout: float | None, telling: MachineProgress
) -> tuple[StartFailure, ...]:
    """Start services level by level, each when the one before is ready; those of the first level that isn't whole.

    `timeout`, in seconds, stands for what each process says of itself, where it is given.
    """
    for level in by_level(parts):
        for part in level:
            folder.let_start(run, part.name)
        waiting = [_Starting(run, part, timeout) for part in level]
        failed: list[StartFailure] = []
        while waiting and not failed:
            telling.on_step("start", len(waiting))
            waiting = [each for each in waiting if not each.is_up()]
            failed = [StartFailure(each.part, reason) for each in waiting if (reason := each.fault())]
            time.sleep(POLL if waiting and not failed else 0)
        if failed:
            return tuple(failed)
    return ()


class _Starting:
    """One service on its way up."""

    def __init__(self, run: str, part: ProcessSpec, timeout: float | None) -> None:
        self.part = part
        self.folder = folder.folder_of(run, part.name)
        self.limit = part.ready_timeout if timeout is None else timeout
        self.began = time.monotonic()
        self.is_told = False
        self.end: tuple[int, int] | None = None
        self.hopeless_since: float | None = None
        self.check: subprocess.Popen[bytes] | None = None
        self.checked = 0.0

    def is_up(self) -> bool:
        """Whether it runs, and is ready."""
        if not self.is_told:
            self.is_told = tell(self.folder, "u")
        now, begun = supervised(self.folder), last_start(self.folder)
        if now is None or now.state != "run" or begun is None or begun.number != now.number:
            self.check = None
            return False
        if not self.has_log():
            return False
        if not self.part.has_check:
            return time.time() - now.since >= SETTLED
        return self.is_ready()

    def has_log(self) -> bool:
        """Whether svlogd writes: without it, a process stands still as soon as the pipe is full."""
        log = supervised(f"{self.folder}/log")
        process = look(log.number) if log and log.state == "run" else None
        return process is not None and process.name == "svlogd"

    def is_ready(self) -> bool:
        """What its check says, which is asked again and again."""
        if self.check is None:
            if time.monotonic() - self.checked >= BETWEEN_CHECKS:
                self.check = start_check(self.folder)
            return False
        code = self.check.poll()
        if code is not None:
            self.check, self.checked = None, time.monotonic()
        return code == 0

    def fault(self) -> str:
        """Why it won't come up; empty as long as it may."""
        elapsed = time.monotonic() - self.began
        self.end = end = last_end(self.folder) or self.end  # the next start forgets it
        if not self.is_told:
            return "runsvdir doesn't look after its service folder" if elapsed > PICK_UP else ""
        if end and end[0] in HOPELESS:
            self.hopeless_since = self.hopeless_since or time.monotonic()
            if time.monotonic() - self.hopeless_since > PATIENCE:
                return f"can't be started: {ended(end)}, again and again"
        if elapsed < self.limit:
            return ""
        now = supervised(self.folder)
        if now and now.state == "run" and not self.has_log():
            return f"can't write its log to {self.part.log}"
        if end:
            return f"doesn't stay up: {ended(end)}"
        if now and now.state == "run" and self.part.has_check:
            return f"runs, but isn't ready after {self.limit:g} s"
        return f"hasn't come up after {self.limit:g} s"


def ended(end: tuple[int, int]) -> str:
    """How a process ended, in words."""
    import signal

    code, number = end
    if code >= 0:
        return f"exit code {code}{_MEANINGS.get(code, '')}"
    names = {each.value: each.name for each in signal.Signals}
    return f"killed by {names.get(number, f'signal {number}')}"


_MEANINGS = {126: " (the command can't be run)", 127: " (there is no such command)", 111: " (its log says why)"}
