"""Opens folders and files relative to a folder that is held open, never through a link, and reads no more than allowed.

This module imports little, since a build that changes nothing needs it.
"""

from __future__ import annotations

import contextlib
import errno
import os
from stat import S_ISREG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""For reading: a pipe without a writer doesn't block, and a terminal isn't taken over."""
MAX_SMALL = 1 << 20
"""The most bytes of a value, a script or a record of a machine: Linux takes no longer value than 128 KiB."""
MAX_LOG = 16 << 20
"""The most bytes of the log of builds that are read, from its end: about 50,000 builds."""
MAX_MANIFEST = 64 << 20
"""The most bytes of a manifest: about 300,000 processes."""


@contextlib.contextmanager
def opened(name: str, parent: int | None = None) -> Iterator[int]:
    """Open a folder, never through a link, and yield its descriptor."""
    descriptor = os.open(name, FOLDER, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def opened_file(name: str | bytes, parent: int | None = None) -> Iterator[int]:
    """Open what should be a plain file, never through a link, and yield its descriptor."""
    descriptor = os.open(name, OLD_FILE, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_file(name: str | bytes, limit: int, parent: int | None = None) -> bytes:
    """Return the bytes of a plain file; raises OSError for a link, for anything else, and for more than `limit`."""
    with opened_file(name, parent) as descriptor:
        return read_plain(descriptor, os.fstat(descriptor), limit)


def read_plain(descriptor: int, status: os.stat_result, limit: int) -> bytes:
    """Return all bytes of an open file, whose status is known; raises OSError unless it is plain and small enough."""
    if not S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "no plain file")
    data = os.read(descriptor, min(status.st_size, limit) + 1)
    if not data or len(data) == status.st_size <= limit:
        return data  # most often all of it, in one call
    pieces, size = [data], len(data)
    while data and size <= limit:
        data = os.read(descriptor, limit + 1 - size)
        pieces.append(data)
        size += len(data)
    if size > limit:
        raise OSError(errno.EFBIG, f"more than {limit:,} bytes")
    return b"".join(pieces)


def read_tail(descriptor: int, limit: int) -> bytes:
    """Return the last bytes of an open file; raises OSError unless it is plain."""
    status = os.fstat(descriptor)
    if not S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "no plain file")
    return os.pread(descriptor, limit, max(0, status.st_size - limit))
