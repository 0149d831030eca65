"""The processes of this machine, from proc(5). One is known by its number and its start time: numbers come again."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple

PROC = "/proc"


class RunningProcess(NamedTuple):
    """One line of `stat`: its start is in clock ticks since the machine started."""

    number: int
    name: str
    state: str
    parent: int
    session: int
    start: int


def look(number: int) -> RunningProcess | None:
    """A process by its number, if there is one that has not ended."""
    try:
        with open(f"{PROC}/{number}/stat", "rb") as file:
            head, _, tail = file.read().rpartition(b")")
    except OSError:
        return None
    fields = tail.split()
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    return RunningProcess(number, name, fields[0].decode(), int(fields[1]), int(fields[3]), int(fields[19]))


def processes() -> tuple[RunningProcess, ...]:
    """All that run now."""
    found = (look(int(name)) for name in os.listdir(PROC) if name.isdigit())
    return tuple(each for each in found if each is not None)


def is_alive(number: int, start: int) -> bool:
    """Whether this very process still runs."""
    process = look(number)
    return process is not None and process.start == start


def folder_of(number: int) -> str:
    """The working directory of a process; empty where it can't be told."""
    try:
        return os.readlink(f"{PROC}/{number}/cwd")
    except OSError:
        return ""


def words_of(number: int) -> tuple[str, ...]:
    """The command line of a process; empty where it can't be told."""
    try:
        with open(f"{PROC}/{number}/cmdline", "rb") as file:
            data = file.read()
    except OSError:
        return ()
    return tuple(data.decode("utf-8", "surrogateescape").rstrip("\0").split("\0"))


def environment_of(number: int) -> dict[str, str] | None:
    """The variables that a process was started with; None where it can't be read, or the program wrote over it."""
    try:
        with open(f"{PROC}/{number}/environ", "rb") as file:
            data = file.read()
    except OSError:
        return None
    pairs = [each.partition(b"=") for each in data.removesuffix(b"\0").split(b"\0")] if data else []
    if any(not name or not sign for name, sign, _ in pairs):
        return None
    return {_text(name): _text(value) for name, _, value in pairs}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def send(process: RunningProcess, number: int) -> None:
    """Send a signal to this very process, if it still runs."""
    try:
        descriptor = os.pidfd_open(process.number)
    except OSError:
        return
    try:
        if is_alive(process.number, process.start):
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)


def seconds_since(start: int) -> float:
    """How long ago a process started."""
    with open(f"{PROC}/uptime", "rb") as file:
        up = float(file.read().split()[0])
    return max(0.0, up - start / os.sysconf("SC_CLK_TCK"))
