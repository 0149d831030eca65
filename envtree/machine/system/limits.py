"""The limits that all processes of a machine start with: the same whoever boots, and however the shell was set up."""

from __future__ import annotations

import contextlib
import os
import resource

FILES = (1024, 524_288)
"""Open files, as systemd gives them: a command that needs more says `ulimit -n`, up to the second number."""
STACK = (8 << 20, resource.RLIM_INFINITY)
LOCKED_MEMORY = (8 << 20, 8 << 20)
_UNLIMITED = ("CPU", "FSIZE", "DATA", "RSS", "NPROC", "AS")
OUT_OF_MEMORY = "/proc/self/oom_score_adj"


def fix() -> None:
    """Give this process the fixed limits, nice value and score, as far as this user may, and what it starts."""
    _limit(resource.RLIMIT_NOFILE, *FILES)
    _limit(resource.RLIMIT_STACK, *STACK)
    _limit(resource.RLIMIT_MEMLOCK, *LOCKED_MEMORY)
    _limit(resource.RLIMIT_CORE, 0, resource.RLIM_INFINITY)
    for name in _UNLIMITED:
        _limit(getattr(resource, f"RLIMIT_{name}"), resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)
    with contextlib.suppress(OSError), open(OUT_OF_MEMORY, "wb", buffering=0) as file:
        file.write(b"0")


def _limit(which: int, soft: int, hard: int) -> None:
    """Set a limit; whoever may not raise it has as much of it as there is."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (soft, hard))
        return
    most = resource.getrlimit(which)[1]
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (_least(soft, most), most))


def _least(one: int, other: int) -> int:
    """Return the smaller of two limits; the number for no limit is negative."""
    return min(one, other, key=lambda each: float("inf") if each == resource.RLIM_INFINITY else each)
