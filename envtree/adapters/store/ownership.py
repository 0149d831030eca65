"""Owners by name or number, as this machine knows them."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

PASS = 0o011
"""The mode bits by which others enter a folder whose names they know, be they in its group or not."""


class Ownership(NamedTuple):
    """The user and group ids for files; -1 leaves one as it is."""

    user: int = -1
    group: int = -1


def mode_of(status: os.stat_result) -> int:
    """Return who may do what with a file.

    A folder's set-group-ID bit lets nobody in: its files get its group, as those of the folder above it did.
    """
    mode = stat.S_IMODE(status.st_mode)
    return mode & ~stat.S_ISGID if stat.S_ISDIR(status.st_mode) else mode


def ownership(owner: str) -> Ownership:
    """Return the ids of `USER`, `USER:GROUP` or `:GROUP`, by name or number; raises EnvtreeError for an unknown one."""
    if not owner:
        return Ownership()
    import grp
    import pwd

    user, _, group = owner.partition(":")
    try:
        return Ownership(
            int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid if user else -1,
            int(group) if group.isdigit() else grp.getgrnam(group).gr_gid if group else -1,
        )
    except KeyError:
        message = f"this machine has no user or group `{owner}`"
        raise EnvtreeError(
            Diagnostic("unknown-owner", message, help="write `USER`, `USER:GROUP`, or numbers")
        ) from None


def passable(mode: int, owner: Ownership, builder: int) -> int:
    """Return the mode of a builder's folder above values that are another user's, who passes through it."""
    return mode | (0 if owner.user in (-1, builder) else PASS)


def is_private(group: int, user: int) -> bool:
    """Return whether a group has only one user as a member, as where each user has a group of that name."""
    import grp
    import pwd

    try:
        owner, entry = pwd.getpwuid(user), grp.getgrgid(group)
    except KeyError:
        return False
    return owner.pw_gid == group and entry.gr_name == owner.pw_name and set(entry.gr_mem) <= {owner.pw_name}
