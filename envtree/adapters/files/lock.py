"""The lock of a working tree: who edits its files holds it from reading to writing, so that no edit is lost."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def locked_tree(root: str, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the folder of a tree alone; `on_wait` is called where another edit holds it, and is waited for.

    The lock ends with the process, however that ends. Where the file system has no locks, there is none: an edit still
    refuses a file that is not as it was read.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            _lock(descriptor, on_wait)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
