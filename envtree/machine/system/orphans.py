"""The children of this process that it did not start: PID 1 of a container gets all whose parent has ended."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envtree.machine.system.processes import RunningProcess


def reap() -> None:
    """Ask after all children that have ended, so that none stays a zombie."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def wait_for_end(process: RunningProcess | None, seconds: float) -> None:
    """Wait until a process has ended, be it a child or not, for so many seconds at most."""
    if process is None:
        time.sleep(seconds)
        return
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(seconds * 1000)
    finally:
        os.close(descriptor)
