"""Owners by name or number, as this machine knows them."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError


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
