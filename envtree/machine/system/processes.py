"""The processes of this machine, from proc(5); PID and start time identify one, since PIDs are used again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import NamedTuple

PROC = "/proc"
MAX_MEMORY = 6 << 20
"""The most bytes of arguments and variables together that Linux' exec accepts, however large the stack may be."""


PAUSED = "Tt"
"""The states of a process that was stopped by a signal, or by who traces it."""


class RunningProcess(NamedTuple):
    """Fields of `/proc/PID/stat`; `start` is in clock ticks since the machine started."""

    pid: int
    name: str
    state: str
    parent: int
    session: int
    start: int


def find_process(pid: int) -> RunningProcess | None:
    """Return the process with a PID; None if there is none, or it has ended."""
    try:
        with open(f"{PROC}/{pid}/stat", "rb") as file:
            head, _, tail = file.read().rpartition(b")")
    except OSError:
        return None
    fields = tail.split()
    if len(fields) < 20 or (fields[0] in (b"Z", b"X") and fields[17] in (b"0", b"1")):
        return None  # with more threads than its first, which has ended, it goes on
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    return RunningProcess(pid, name, fields[0].decode(), int(fields[1]), int(fields[3]), int(fields[19]))


def now() -> float:
    """Return the seconds since the machine started, suspended or not: nobody sets this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def seconds_since(earlier: float) -> float:
    """Return how long ago a time was, of the same clock."""
    return max(0.0, now() - earlier)


def running() -> tuple[RunningProcess, ...]:
    """Return all processes that run now."""
    found = (find_process(int(name)) for name in os.listdir(PROC) if name.isdigit())
    return tuple(each for each in found if each is not None)


def is_alive(pid: int, start: int) -> bool:
    """Return whether this process still runs, and not another one with its PID."""
    process = find_process(pid)
    return process is not None and process.start == start


def working_directory_of(pid: int) -> str:
    """Return the working directory of a process; empty if it can't be read."""
    try:
        return os.readlink(f"{PROC}/{pid}/cwd")
    except OSError:
        return ""


def outputs_of(pid: int) -> tuple[str, ...]:
    """Return what a process has as its output and error output, such as `pipe:[77]`; what can't be read is left out.

    The link is read and not followed: a file may be on a disk that doesn't answer.
    """
    found = []
    for number in (1, 2):
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"{PROC}/{pid}/fd/{number}"))
    return tuple(found)


def has_open(pid: int, path: str) -> bool:
    """Return whether a process has a file open; for one whose files can't be looked at, that it has."""
    try:
        numbers = os.listdir(f"{PROC}/{pid}/fd")
    except PermissionError:
        return True
    except OSError:
        return False
    real = os.path.realpath(path)
    for number in numbers:
        with contextlib.suppress(OSError):
            if os.readlink(f"{PROC}/{pid}/fd/{number}") == real:
                return True
    return False


def command_line_of(pid: int) -> tuple[str, ...]:
    """Return the command line of a process; empty if it can't be read, or is longer than any that exec takes."""
    data = _memory(pid, "cmdline")
    if data is None:
        return ()
    return tuple(data.decode("utf-8", "surrogateescape").rstrip("\0").split("\0"))


def is_program(process: RunningProcess, program: str, users: set[int]) -> bool:
    """Return whether a process of one of these users executes a program's file, be it replaced on the disk since.

    Any user can give a process any name and any arguments, but not another user's id. What is read is of this process,
    and not of another one with its PID.
    """
    return is_run_by(process, users) and _executes(process.pid, program) and is_alive(process.pid, process.start)


def is_run_by(process: RunningProcess, users: set[int]) -> bool:
    """Return whether one of these users, and nobody else, runs a process: by its real, effective and saved id."""
    ids = _users_of(process.pid)
    return len(ids) == 1 and ids <= users and is_alive(process.pid, process.start)


def this_user_and_owner_of(path: str) -> set[int]:
    """Return the id of this user, and of the owner of a file, if there is one."""
    try:
        return {os.geteuid(), os.stat(path).st_uid}
    except OSError:
        return {os.geteuid()}


def _users_of(pid: int) -> set[int]:
    """Return the real, effective, saved and file system user ids of a process; empty if it has ended."""
    try:
        with open(f"{PROC}/{pid}/status", "rb") as file:
            fields = next((line.split()[1:] for line in file if line.startswith(b"Uid:")), [])
    except OSError:
        return set()
    return {int(field) for field in fields}


def _executes(pid: int, program: str) -> bool:
    path = os.path.realpath(program)
    try:
        if os.readlink(f"{PROC}/{pid}/exe") == f"{path} (deleted)":  # an upgrade replaced it
            return True
        return os.path.samestat(os.stat(f"{PROC}/{pid}/exe"), os.stat(path))
    except OSError:
        return False


def environment_of(pid: int) -> dict[str, str] | None:
    """Return the variables that a process was started with; None if unreadable, or if the program wrote over them."""
    data = _memory(pid, "environ")
    if data is None:
        return None
    pairs = [each.partition(b"=") for each in data.removesuffix(b"\0").split(b"\0")] if data else []
    if any(not name or not sign for name, sign, _ in pairs):
        return None
    return {_text(name): _text(value) for name, _, value in pairs}


def _memory(pid: int, name: str) -> bytes | None:
    """Return a file of proc(5) with memory of a process, which may claim that any of it is its arguments or variables.

    None if it can't be read, or is longer than what exec accepts.
    """
    try:
        with open(f"{PROC}/{pid}/{name}", "rb") as file:
            data = file.read(MAX_MEMORY + 1)
    except OSError:
        return None
    return data if len(data) <= MAX_MEMORY else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def send(process: RunningProcess, signal_number: int) -> None:
    """Send a signal to this process, if it still runs, and not to another one with its PID."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except OSError:
        return
    try:
        if is_alive(process.pid, process.start):
            signal.pidfd_send_signal(descriptor, signal_number)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)
