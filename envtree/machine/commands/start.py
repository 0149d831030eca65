"""Start services, what they require first, and report those that don't come up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.core.model.tree import Target
from envtree.machine.commands.services import POLL, by_level, wait_until
from envtree.machine.services.condition import SETTLED
from envtree.machine.services.ending import ended
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.processes import PAUSED, find_process, has_open, seconds_since
from envtree.machine.system.programs import start_check
from envtree.machine.system.runsv import control, escaped, last_end, last_start, read_status

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Iterator

    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.runsv import Start

BETWEEN_CHECKS = 0.1
HOPELESS = (100, 111, 126, 127)
"""Exit codes of chpst and of a shell for a command that can't be started."""
HOPELESS_SECONDS = 2.5
"""Seconds after the first hopeless exit in which runsv may try again; then the start has failed."""
PICK_UP = 15.0
"""Seconds until runsvdir has started a runsv for each service folder: runsvdir looks every five seconds."""


class StartFailure(NamedTuple):
    """A process that didn't come up, and why."""

    spec: ProcessSpec
    reason: str


def install(run: str, out: str, generation: str, spec: ProcessSpec) -> None:
    """Make the service folder of a process that doesn't run, or renew the folder that exists."""
    folder.install(run, out, generation, spec)
    # svlogd starts again: its folder or size may have changed
    control(f"{folder.service_folder(run, spec.name)}/log", "t")
    _supervise(run, spec)


def _supervise(run: str, spec: ProcessSpec) -> None:
    """Let runsvdir supervise a service, unless a runsv does that a runsvdir which died has left behind."""
    if not folder.is_watched(run, spec.name) and not read_status(folder.service_folder(run, spec.name)):
        folder.watch(run, spec.name)


def start(
    run: str, specs: Iterable[ProcessSpec], timeout: float | None, progress: MachineProgress
) -> tuple[StartFailure, ...]:
    """Start services level by level, each when the one before is ready, and return the failures.

    The failures are those of the first level that doesn't come up: no further level is started. `timeout`, in seconds,
    replaces the `ready_timeout` of every process.
    """
    for level in by_level(specs):
        for failed in _start_level(run, level, timeout, progress):
            return failed
    return ()


def start_each(
    run: str, specs: Iterable[ProcessSpec], timeout: float | None, progress: MachineProgress
) -> tuple[StartFailure, ...]:
    """Start all services, whichever of them fail, and return the failures.

    What requires a service that fails is started as well, but not waited for: it waits by itself, until that is ready.
    """
    found: list[StartFailure] = []
    for level in by_level(specs):
        missing = {Target(*each.spec.target.split("/")).service for each in found}
        blocked = [spec for spec in level if not missing.isdisjoint(spec.requires)]
        for spec in blocked:
            _request(run, spec)
            lacks = some(f"`{each}`" for each in sorted(missing.intersection(spec.requires)))
            found.append(StartFailure(spec, f"waits for {lacks}"))
        for failed in _start_level(run, [spec for spec in level if spec not in blocked], timeout, progress):
            found += failed
    return tuple(found)


def _request(run: str, spec: ProcessSpec) -> None:
    """Ask runsv to start a service, and wait only for runsv."""
    folder.let_start(run, spec.name)
    folder.start_at_once(run, spec.name)
    _supervise(run, spec)
    wait_until(lambda: control(folder.service_folder(run, spec.name), "u"), PICK_UP)


def _start_level(
    run: str, level: Iterable[ProcessSpec], timeout: float | None, progress: MachineProgress
) -> Iterator[tuple[StartFailure, ...]]:
    """Start services side by side until each is up or has failed; yield failures as they come."""
    specs = tuple(level)
    for spec in specs:
        folder.let_start(run, spec.name)
    waiting = [_Starting(run, spec, timeout) for spec in specs]
    while waiting:
        progress.on_step("start", len(waiting))
        waiting = [each for each in waiting if not each.is_up()]
        failed = [(each, reason) for each in waiting if (reason := each.fault())]
        waiting = [each for each in waiting if all(each is not other for other, _ in failed)]
        if failed:
            yield tuple(StartFailure(each.spec, reason) for each, reason in failed)
        time.sleep(POLL if waiting else 0)


class _Starting:
    """One service that is being started."""

    def __init__(self, run: str, spec: ProcessSpec, timeout: float | None) -> None:
        self.run = run
        self.spec = spec
        self.folder = folder.service_folder(run, spec.name)
        self.limit = spec.ready_timeout if timeout is None else timeout
        if not self.runs():
            folder.start_at_once(run, spec.name)
        self.began = time.monotonic()
        self.is_requested = False
        self.end: tuple[int, int] | None = None
        self.escaped: tuple[str, ...] = ()
        self.hopeless_since: float | None = None
        self.check: subprocess.Popen[bytes] | None = None
        self.checked = 0.0

    def is_up(self) -> bool:
        """Return whether the service runs, and is ready."""
        if not self.is_requested:
            _supervise(self.run, self.spec)
            self.is_requested = control(self.folder, "u")
        start_record = self.runs()
        if start_record is None:
            self.check = None
            return False
        if not self.has_log():
            return False
        if not self.spec.has_check:
            return seconds_since(start_record.began) >= SETTLED
        return self.is_ready()

    def runs(self) -> Start | None:
        """Return the start of the process that runs; None if none does, or its script still waits."""
        now, start_record = read_status(self.folder), last_start(self.folder)
        if now is None or now.state != "run" or start_record is None or start_record.pid != now.pid:
            return None
        return start_record

    def has_log(self) -> bool:
        """Return whether svlogd writes the log: without it, a process blocks as soon as the pipe is full."""
        log = read_status(f"{self.folder}/log")
        process = find_process(log.pid) if log and log.state == "run" else None
        if process is None or process.name != "svlogd" or process.state in PAUSED:
            return False
        return has_open(process.pid, f"{self.spec.log}/current")

    def is_ready(self) -> bool:
        """Return whether the last run of the check succeeded; start the check again if it doesn't run."""
        if self.check is None:
            if time.monotonic() - self.checked >= BETWEEN_CHECKS:
                self.check = start_check(self.folder)
            return False
        code = self.check.poll()
        if code is not None:
            self.check, self.checked = None, time.monotonic()
        return code == 0

    def fault(self) -> str:
        """Return why the service won't come up; empty as long as it may."""
        elapsed = time.monotonic() - self.began
        self.end = end = last_end(self.folder) or self.end  # the next start removes the record
        if not self.is_requested:
            return "runsvdir doesn't look after its service folder" if elapsed > PICK_UP else ""
        self.escaped = self.escaped or escaped(self.folder)
        if end and (end[0] in HOPELESS or self.escaped):
            self.hopeless_since = self.hopeless_since or time.monotonic()
            if time.monotonic() - self.hopeless_since > HOPELESS_SECONDS:
                return self.background() or f"can't be started: {ended(end)}, again and again"
        if elapsed < self.limit:
            return ""
        now = read_status(self.folder)
        if now and now.state == "run" and not self.has_log():
            return f"can't write its log to {self.spec.log}"
        if end:
            return self.background() or f"doesn't stay up: {ended(end)}{_ADVICE if end == (0, 0) else ''}"
        if now and now.state == "run" and self.spec.has_check:
            return f"runs, but isn't ready after {self.limit:g} s"
        return f"hasn't come up after {self.limit:g} s"

    def background(self) -> str:
        """Return what is said of a process that leaves others behind as it ends; empty of any other."""
        return f"runs in the background, as {some(self.escaped)}: {_FOREGROUND}" if self.escaped else ""


_FOREGROUND = "start it in the foreground, as with `--daemonize no`"
_ADVICE = f"; if it goes to the background, {_FOREGROUND}"
