"""One file that the user named or that lies at a known place: a plain file, read at once, never waited for."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

OLD_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class PlainFile(NamedTuple):
    """The first bytes of a file, and what the system says of the file that was opened."""

    data: bytes
    status: os.stat_result


def read_plain_file(path: str, limit: int) -> PlainFile:
    """Read at most so many bytes of a plain file; raises OSError for anything else, also for a pipe or a device."""
    try:
        descriptor = os.open(path, OLD_FILE)
    except ValueError:
        raise OSError(errno.EINVAL, "its name holds a NUL") from None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "no plain file")
        return PlainFile(file.read(limit), status)
