"""Paths that nobody but root and this user can turn elsewhere: each folder on the way is held open, and checked."""

from __future__ import annotations

import contextlib
import errno
import os
from stat import S_ISDIR, S_ISGID, S_ISLNK, S_ISVTX
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.descriptors import FOLDER, opened
from envtree.adapters.store.ownership import is_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.adapters.store.ownership import Ownership

ROOT = 0
"""The user id of root."""
MAX_LINKS = 40
"""As many links as Linux follows in one path."""
_ACL = "system.posix_acl_access"
"""A folder has this attribute if its group bits are the most that any of several users and groups may do."""
_ANY = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
"""What is opened so is not read: a pipe doesn't block, and a folder needs only be passed through."""
_GROUP_WRITES, _ALL_WRITE = 0o020, 0o002


class Untrusted(Exception):
    """Somebody else may rename what is in a folder on the way."""

    def __init__(self, folder: str, name: str, fault: str, advice: str = "") -> None:
        super().__init__(f"`{folder}` {fault} `{name}` in it")
        self.advice = advice or f"name another place, or let only root or yourself rename in `{folder}`"


class Reached(NamedTuple):
    """How far a path exists."""

    descriptor: int
    """The last folder that exists."""
    path: str
    """Its real path."""
    missing: tuple[str, ...]
    """The names below it that don't exist."""


def is_trusted(user: int) -> bool:
    """Return whether a user can do what this one does anyway: root, and this one."""
    return user in (ROOT, os.geteuid())


def owns_values(owner: Ownership, status: os.stat_result) -> bool:
    """Return whether values belong to an owner; without one, to who may build here."""
    is_users = is_trusted(status.st_uid) if owner.user == -1 else status.st_uid == owner.user
    return is_users and owner.group in (-1, status.st_gid)


def is_builders(owner: Ownership, status: os.stat_result) -> bool:
    """Return whether a file or folder belongs to who may build here, whoever owns the values."""
    return is_trusted(status.st_uid) and owner.group in (-1, status.st_gid)


@contextlib.contextmanager
def reached(path: str) -> Iterator[Reached]:
    """Hold the last folder of a path that exists.

    Raises Untrusted where somebody else could replace it, OSError where it can't be reached or is no folder.
    """
    with _walked(path, _fault) as found:
        yield found


@contextlib.contextmanager
def contained(path: str) -> Iterator[Reached]:
    """Hold the last folder of a path that exists, where somebody else may rename folders on the way, but not lead away.

    Each link on the way must be where nobody else can replace it, so that what is written there stays among the folders
    of those who can rename them. Raises as `reached` does.
    """
    with _walked(path, _link_fault) as found:
        yield found


def real_path(path: str) -> str:
    """Return a path without links, the end of which may be missing; raises as `reached` does."""
    with reached(path) as found:
        return os.path.join(found.path, *found.missing)


@contextlib.contextmanager
def made(found: Reached, mode: int) -> Iterator[int]:
    """Hold a folder that a path leads to. If missing, it is made with a mode, and those above it for all to enter.

    Raises Untrusted where somebody else makes one of them meanwhile.
    """
    held, path = os.open(".", FOLDER, dir_fd=found.descriptor), found.path
    try:
        for number, name in enumerate(found.missing, start=1):
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=held)
                _give_mode(name, held, mode if number == len(found.missing) else 0o755)
            child = os.open(name, FOLDER, dir_fd=held)
            os.close(held)
            held = child
            if not is_trusted(os.fstat(held).st_uid):
                raise Untrusted(path, name, "lets others make")
            path = os.path.join(path, name)
        yield held
    finally:
        os.close(held)


def _give_mode(name: str, parent: int, mode: int) -> None:
    """Give a mode to a folder that was just made, whatever the umask is; raises OSError where it was replaced."""
    with opened(name, parent) as descriptor:
        status = os.fstat(descriptor)
        if status.st_uid == os.geteuid():
            os.fchmod(descriptor, mode | status.st_mode & S_ISGID)  # a group goes on being handed down


@contextlib.contextmanager
def _walked(path: str, fault_of: Callable[[os.stat_result, os.stat_result | None, int], str]) -> Iterator[Reached]:
    """Enter one folder of a path after the other, each relative to the one before; links are followed by hand."""
    names = [name for name in os.path.abspath(path).split("/") if name]
    held, real, links = os.open("/", _ANY), "/", 0
    try:
        while names:
            name = names.pop(0)
            entry = _entry(name, held)
            try:
                status = None if entry is None else os.fstat(entry)
                if name != ".." and (fault := fault_of(os.fstat(held), status, held)):
                    raise Untrusted(real, name, fault)
                if entry is None or status is None:
                    names.insert(0, name)
                    break
                if S_ISLNK(status.st_mode):
                    links += 1
                    names, is_absolute = _followed(entry, names, links)
                    if is_absolute:
                        os.close(held)
                        held, real = os.open("/", _ANY), "/"
                    continue
                if not S_ISDIR(status.st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.path.join(real, name))
                held, entry = entry, held
                real = os.path.dirname(real) if name == ".." else os.path.join(real, name)
            finally:
                if entry is not None:
                    os.close(entry)
        yield Reached(held, real, tuple(names))
    finally:
        os.close(held)


def _entry(name: str, parent: int) -> int | None:
    """Open what has a name in a folder; None if nothing has."""
    try:
        return os.open(name, _ANY, dir_fd=parent)
    except FileNotFoundError:
        return None


def _followed(link: int, names: list[str], count: int) -> tuple[list[str], bool]:
    """Return the names of a path from where a link leads, and whether it leads there from the root."""
    if count > MAX_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    text = os.readlink("", dir_fd=link)
    return [each for each in text.split("/") if each not in ("", ".")] + names, text.startswith("/")


def _link_fault(folder: os.stat_result, entry: os.stat_result | None, descriptor: int) -> str:
    """Return why somebody else may have put a link where it is; empty if nobody may."""
    return _fault(folder, entry, descriptor) if entry is not None and S_ISLNK(entry.st_mode) else ""


def _fault(folder: os.stat_result, entry: os.stat_result | None, descriptor: int) -> str:
    """Return why somebody else may rename an entry of a folder; empty if nobody may.

    In a sticky folder, as /tmp is one, a name can be changed only by its owner and the folder's. None as the entry is
    one that this user will make.
    """
    if not is_trusted(folder.st_uid):
        return "belongs to another user, who may rename"
    if not _is_writable_by_others(folder, descriptor):
        return ""
    if folder.st_mode & S_ISVTX:
        return "" if entry is None or is_trusted(entry.st_uid) else "lets others rename"
    return "lets others rename"


def _is_writable_by_others(folder: os.stat_result, descriptor: int) -> bool:
    """Return whether somebody else may write in a folder; a group of its owner alone is nobody else."""
    if folder.st_mode & _ALL_WRITE:
        return True
    if not folder.st_mode & _GROUP_WRITES:
        return False
    return not is_private(folder.st_gid, folder.st_uid) or _has_list(descriptor)


def _has_list(descriptor: int) -> bool:
    """Return whether a folder has an access control list: then its group bits speak of more than its group."""
    try:
        return bool(os.getxattr(f"/proc/self/fd/{descriptor}", _ACL))
    except OSError as error:
        return error.errno not in (errno.ENODATA, errno.EOPNOTSUPP)
