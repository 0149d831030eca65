"""The status and the control of runsv: the files of `supervise/` in a service folder, as sv(8) uses them.

`sv` itself is not used, for three reasons that were measured: it has one timeout for all services; after a stop that
timed out it reads a success from a stale state; and `sv check` succeeds for a service that is down.
"""

from __future__ import annotations

import errno
import os
import struct
from typing import Literal, NamedTuple

from envtree.adapters.store.descriptors import read_file
from envtree.machine.services.condition import End
from envtree.machine.services.ending import Ending
from envtree.machine.system.processes import find_process, seconds_since

RunsvState = Literal["down", "run", "finish"]
_STATES: tuple[RunsvState, ...] = ("down", "run", "finish")
_STATUS = struct.Struct(">QI")
_EPOCH = 4611686018427387914
"""TAI64 labels count from 2**62, and are 10 seconds ahead of the clock that runit reads."""
_SIZE = 20
_LETTERS = {"HUP": "h", "USR1": "1", "USR2": "2", "ALRM": "a", "INT": "i", "QUIT": "q"}
"""What runsv sends, by its commands."""
MAX_RECORD = 1 << 12
"""The most bytes of what runsv and the scripts write down."""


class RunsvStatus(NamedTuple):
    """The status of a service, as runsv last wrote it."""

    state: RunsvState
    pid: int
    """0 if the service has no process."""
    since: float
    """When the service entered this state, in seconds of the clock."""
    is_wanted: bool
    """Whether runsv wants the service up."""

    @property
    def is_stopped(self) -> bool:
        """Whether the service is down, and is to stay so."""
        return self.state == "down" and not self.is_wanted


def read_status(folder: str) -> RunsvStatus | None:
    """Return the status of a service folder; None if no runsv supervises it."""
    if not _has_runsv(folder):
        return None
    try:
        data = read_file(f"{folder}/supervise/status", MAX_RECORD)
    except OSError:
        return None
    if len(data) != _SIZE:
        return None
    seconds, nanoseconds = _STATUS.unpack_from(data)
    pid = int.from_bytes(data[12:16], "little")
    return RunsvStatus(_STATES[min(data[19], 2)], pid, seconds - _EPOCH + nanoseconds / 1e9, data[17:18] == b"u")


def control(folder: str, commands: str) -> bool:
    """Send commands to runsv by their letters (`u` up, `d` down, `k` kill, `x` exit); return whether one runs."""
    try:
        descriptor = os.open(f"{folder}/supervise/control", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENOENT, errno.ENOTDIR):
            return False
        raise
    try:
        os.write(descriptor, commands.encode())
    finally:
        os.close(descriptor)
    return True


def send_signal(folder: str, name: str) -> bool:
    """Let runsv send a signal to a service, past a shell in front of it; return whether one runs."""
    return control(folder, _LETTERS[name])


def _has_runsv(folder: str) -> bool:
    """Return whether somebody reads the pipe that runsv holds open as long as it runs."""
    try:
        os.close(os.open(f"{folder}/supervise/ok", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError:
        return False
    return True


class Start(NamedTuple):
    """What the script `run` wrote when it became the process."""

    pid: int
    time: int
    """Its start time, in clock ticks since the machine started."""
    starts: int
    """How many starts there were, with this one."""
    began: float
    """When `run` became the process, in seconds since the machine started: it may have waited before."""


def last_start(folder: str) -> Start | None:
    """Return the last start of a service since this machine (or container) started: PIDs begin again with each."""
    if _fields(f"{folder}/supervise/machine") != _boot_identity():
        return None
    fields = _fields(f"{folder}/supervise/started")
    if len(fields) != 4 or not all(field.replace(".", "", 1).isdigit() for field in fields):
        return None
    pid, time, starts, began = fields
    return Start(int(pid), int(time), int(starts), float(began))


def last_end(folder: str) -> tuple[int, int] | None:
    """Return how a service ended after its last start: the exit code, or -1; and the signal, or 0."""
    fields = _fields(f"{folder}/supervise/ended")
    return (int(fields[0]), int(fields[1])) if len(fields) >= 2 and fields[1].isdigit() else None


def ends(folder: str) -> tuple[End, ...]:
    """Return how a service ended since boot or a restart started it, the latest last; without what was asked for."""
    found = []
    for line in _lines(f"{folder}/supervise/ends") or ():
        fields = line.split()
        if len(fields) == 4 and all(field.removeprefix("-").isdigit() for field in fields):
            at, code, number, _ = map(int, fields)
            found.append(End(code, number, seconds_since(at)))
    return tuple(found)


def down_seconds(folder: str) -> float | None:
    """Return how long ago a service ended; None if it has not, or nothing is known of it."""
    fields = _fields(f"{folder}/supervise/ended")
    return seconds_since(int(fields[2])) if len(fields) == 3 and fields[2].isdigit() else None


def _boot_identity() -> list[str]:
    """Return what distinguishes this start of the machine from another, as `supervision.sh` writes it."""
    first = find_process(1)
    return [*_fields("/proc/sys/kernel/random/boot_id"), *([str(first.start)] if first else [])]


def pipe_of(folder: str) -> str:
    """Return the pipe to the log that a service was started with, such as `pipe:[77]`; empty if there was none."""
    return "".join(_fields(f"{folder}/supervise/pipe"))


def take_ending(folder: str, target: str) -> Ending:
    """Return what did not go well as a service stopped, and remove the record of it."""
    names = ("killed", "hooks", "escaped", "lost")
    is_killed, hooks, escaped, lost = (_taken(f"{folder}/supervise/{name}") for name in names)
    return Ending(target, is_killed is not None, tuple(hooks or ()), tuple(escaped or ()), is_cut_off=lost is not None)


def escaped(folder: str) -> tuple[str, ...]:
    """Return what a process that has ended by itself left in the background, as `NUMBER (NAME)`."""
    return _lines(f"{folder}/supervise/escaped") or ()


def _taken(path: str) -> tuple[str, ...] | None:
    """Return the lines of a file that is removed; None if there is none."""
    lines = _lines(path)
    if lines is not None:
        os.unlink(path)
    return lines


def _lines(path: str) -> tuple[str, ...] | None:
    try:
        return tuple(read_file(path, MAX_RECORD).decode("utf-8", "replace").splitlines())
    except OSError:
        return None


def _fields(path: str) -> list[str]:
    try:
        return read_file(path, MAX_RECORD).decode("ascii", "replace").split()
    except OSError:
        return []
