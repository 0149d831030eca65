"""Whether users other than this one and root could have written a file: code and commands of theirs are not run.

This module imports little, since a build that changes nothing needs it.
"""

from __future__ import annotations

import os
import stat

ACCESS_LIST = "system.posix_acl_access"
"""The extended attribute in which Linux keeps the rights of further users; see acl(5)."""
_private_groups: dict[tuple[int, int], bool] = {}


def others_can_write(status: os.stat_result, file: int | str) -> bool:
    """Return whether other users than this one and root can write what a status is of, an open file or a path."""
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & stat.S_IWOTH:
        return True
    if not status.st_mode & stat.S_IWGRP:
        return False
    return not _is_private(status.st_gid, status.st_uid) or _has_access_list(file)


def _has_access_list(file: int | str) -> bool:
    try:
        return ACCESS_LIST in os.listxattr(file)
    except OSError:  # a file system that knows no such list
        return False


def is_unsafe(path: str) -> bool:
    """Return whether other users can write a path; what doesn't exist, nobody can."""
    try:
        return others_can_write(os.stat(path), path)
    except FileNotFoundError:
        return False


def foreign_owner(path: str) -> str | None:
    """Return the user, other than this one and root, that owns a path: by name where it has one, else by number."""
    try:
        owner = os.stat(path).st_uid
    except OSError:
        return None
    if owner in (0, os.geteuid()):
        return None
    import pwd

    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)


def exposed_folders(path: str) -> tuple[str, ...]:
    """Return the folders above a path, up to `/`, in which other users can put something else in its place.

    In a folder with the sticky bit, such as /tmp, only the owner of an entry can: that entry is checked by itself.
    """
    above = dict.fromkeys(folder for each in (path, os.path.realpath(path)) for folder in _folders_above(each))
    return tuple(folder for folder in above if _is_exposed(folder))


def _folders_above(path: str) -> tuple[str, ...]:
    """Return the folders above a path, `/` first."""
    folder = os.path.dirname(path)
    return () if folder == path else (*_folders_above(folder), folder)


def _is_exposed(folder: str) -> bool:
    status = os.stat(folder)
    is_sticky = status.st_mode & stat.S_ISVTX and status.st_uid in (0, os.geteuid())
    return not is_sticky and others_can_write(status, folder)


def _is_private(group: int, user: int) -> bool:
    """Return whether a group has only the owner as a member.

    That is common where each user has a group and files are group-writable (umask 002).
    """
    key = (group, user)
    if key not in _private_groups:
        _private_groups[key] = _has_only(group, user)
    return _private_groups[key]


def _has_only(group: int, user: int) -> bool:
    import grp
    import pwd

    try:
        owner, entry = pwd.getpwuid(user), grp.getgrgid(group)
    except KeyError:
        return False
    return owner.pw_gid == group and entry.gr_name == owner.pw_name and set(entry.gr_mem) <= {owner.pw_name}
