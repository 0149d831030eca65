"""What runsv says of a service folder and is told about it: the files of `supervise/`, as sv(8) uses them.

`sv` itself would do, but for three things that were measured: one waiting time for all, a success that it reads from a
stale state after a stop that timed out, and `sv check`, which is content with what is down.
"""

from __future__ import annotations

import errno
import os
import struct
from typing import Literal, NamedTuple

from envtree.machine.system.processes import look

State = Literal["down", "run", "finish"]
_STATES: tuple[State, ...] = ("down", "run", "finish")
_STATUS = struct.Struct(">QI")
_EPOCH = 4611686018427387914
"""TAI64 labels count from 2**62, and are 10 seconds ahead of the clock that runit reads."""
_SIZE = 20


class Supervised(NamedTuple):
    """A service as runsv last wrote it down."""

    state: State
    number: int
    """Of its process; 0 where it has none."""
    since: float
    """When it got into this state, in seconds of the clock."""
    is_wanted: bool


def supervised(folder: str) -> Supervised | None:
    """What runsv says of a service folder; None where no runsv looks after it."""
    if not _has_runsv(folder):
        return None
    try:
        with open(f"{folder}/supervise/status", "rb") as file:
            data = file.read(_SIZE)
    except OSError:
        return None
    if len(data) != _SIZE:
        return None
    seconds, nanoseconds = _STATUS.unpack_from(data)
    number = int.from_bytes(data[12:16], "little")
    return Supervised(_STATES[min(data[19], 2)], number, seconds - _EPOCH + nanoseconds / 1e9, data[17:18] == b"u")


def tell(folder: str, orders: str) -> bool:
    """Give runsv orders by their letters (`u` up, `d` down, `k` kill, `x` exit); whether there was one to take them."""
    try:
        descriptor = os.open(f"{folder}/supervise/control", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENOENT, errno.ENOTDIR):
            return False
        raise
    try:
        os.write(descriptor, orders.encode())
    finally:
        os.close(descriptor)
    return True


def _has_runsv(folder: str) -> bool:
    """Whether somebody reads the pipe that runsv holds open for as long as it runs."""
    try:
        os.close(os.open(f"{folder}/supervise/ok", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError:
        return False
    return True


class Start(NamedTuple):
    """What `run` wrote down when it became the process."""

    number: int
    time: int
    """Its start time, in clock ticks since the machine started."""
    turn: int
    """How many starts there were, this one among them."""


def last_start(folder: str) -> Start | None:
    """The last start of a service since this machine (or container) started; numbers begin again with each."""
    if _words(f"{folder}/supervise/machine") != _machine():
        return None
    words = _words(f"{folder}/supervise/started")
    return Start(*map(int, words)) if len(words) == 3 and all(word.isdigit() for word in words) else None


def last_end(folder: str) -> tuple[int, int] | None:
    """How it ended since it last started: exit code, or -1; and the signal, or 0."""
    words = _words(f"{folder}/supervise/ended")
    return (int(words[0]), int(words[1])) if len(words) == 2 and words[1].isdigit() else None


def _machine() -> list[str]:
    """What tells this start of the machine from another, as `supervision.sh` writes it down."""
    first = look(1)
    return [*_words("/proc/sys/kernel/random/boot_id"), *([str(first.start)] if first else [])]


def was_killed(folder: str) -> bool:
    """Whether what its process left behind had to be killed; asking forgets it."""
    try:
        os.unlink(f"{folder}/supervise/killed")
    except OSError:
        return False
    return True


def _words(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().split()
    except OSError:
        return []
