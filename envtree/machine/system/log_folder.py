"""The folders that svlogd writes to: made, given to who writes the log, and told how much of it to keep.

All of it is done on descriptors: who owns a log may leave links, pipes and second names of other files in it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from envtree.adapters.store.descriptors import NEW_FILE, opened_file, read_file
from envtree.adapters.store.ownership import ownership
from envtree.adapters.store.trust import Untrusted, is_trusted, made, reached
from envtree.core.model.diagnostic import system_reason

if TYPE_CHECKING:
    from envtree.adapters.store.ownership import Ownership
    from envtree.machine.services.parts import LogFolder

CONFIG = "config"
MAX_CONFIG = 1 << 12
_OTHERS_WRITE = 0o022


def prepare_log(log: LogFolder) -> tuple[str, str] | None:
    """Make a log's folder as svlogd needs it; return why that can't be, and what to do about it, or None."""
    try:
        with reached(log.path) as found, made(found, 0o700) as folder:
            return _prepare(log, folder, ownership(log.owner))
    except Untrusted as fault:
        return f"the log of a process can't be trusted: {fault}", fault.advice
    except OSError as error:
        return f"the log folder `{log.path}` can't be made: {system_reason(error)}", "mend the cause, or set `log`"


def _prepare(log: LogFolder, folder: int, owner: Ownership) -> tuple[str, str] | None:
    status = os.fstat(folder)
    writer = os.geteuid() if owner.user == -1 else owner.user
    if status.st_uid != writer and not is_trusted(status.st_uid):
        whose = f"`{log.owner}`" if log.owner else "who runs it"
        return (
            f"the log folder `{log.path}` belongs to somebody else, not to {whose}",
            "move it away: boot makes a new one",
        )
    if is_trusted(status.st_uid) and status.st_mode & _OTHERS_WRITE:
        return f"others can write to the log folder `{log.path}`", "move it away: boot makes a new one"
    _write_config(folder, log.config, owner)
    if status.st_uid != writer or owner.group not in (-1, status.st_gid):
        for name in os.listdir(folder):
            _give(name, folder, owner)
        os.fchown(folder, writer, owner.group)
    if stat.S_IMODE(status.st_mode) != log.mode:
        os.fchmod(folder, log.mode)
    return None


def _give(name: str, folder: int, owner: Ownership) -> None:
    """Give a file of a log to who writes the log, and nothing else: no link, and no file with a name elsewhere."""
    with contextlib.suppress(OSError), opened_file(name, folder) as descriptor:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            os.fchown(descriptor, *owner)


def _write_config(folder: int, text: str, owner: Ownership) -> None:
    """Write what svlogd reads as it starts, unless it is there: in place of the old file, never into it.

    Its owner may have left a folder in its place, which is moved away.
    """
    with contextlib.suppress(OSError):
        if read_file(CONFIG, MAX_CONFIG, folder) == text.encode():
            return
    unique = os.urandom(8).hex()
    staged = f".{CONFIG}.{unique}"
    descriptor = os.open(staged, NEW_FILE, 0o644, dir_fd=folder)
    try:
        os.write(descriptor, text.encode())
        if owner != (-1, -1):
            os.fchown(descriptor, *owner)
        try:
            os.rename(staged, CONFIG, src_dir_fd=folder, dst_dir_fd=folder)
        except IsADirectoryError:
            os.rename(CONFIG, f"{CONFIG}.{unique}", src_dir_fd=folder, dst_dir_fd=folder)
            os.rename(staged, CONFIG, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(staged, dir_fd=folder)
        raise
    finally:
        os.close(descriptor)
