"""What git knows of a change: who made it, when, and why."""

from __future__ import annotations

from typing import NamedTuple

SHORT = 12


class Origin(NamedTuple):
    """Where a source comes from."""

    commit: str | None
    """The full id of the commit that it is, or lies on top of; None before the first, and outside of a repository."""
    is_dirty: bool | None
    """It differs from that commit; None outside of a repository."""


class Commit(NamedTuple):
    """One commit: full ids, the author's name, and the author's date in ISO 8601 with its own time zone."""

    id: str
    author: str
    date: str
    subject: str
    parents: tuple[str, ...] = ()
    is_boundary: bool = False
    """A shallow clone, or the range that was asked for, ends here: the change may be older."""

    @property
    def day(self) -> str:
        """The date alone, as the author's calendar had it."""
        return self.date[:10]

    @property
    def short(self) -> str:
        """The start of the id, as it is shown."""
        return self.id[:SHORT]
