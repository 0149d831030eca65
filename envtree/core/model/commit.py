"""What git knows about a change: who made it, when, and why."""

from __future__ import annotations

from typing import NamedTuple

SHORT = 12


class Origin(NamedTuple):
    """Where a source comes from."""

    commit: str | None
    """The full id of the commit that the source is, or is based on; None before the first, or outside a repository."""
    is_dirty: bool | None
    """Whether the source differs from that commit; None outside a repository."""


class Commit(NamedTuple):
    """One commit: full ids, the author's name, and the author's date in ISO 8601 with the author's time zone."""

    id: str
    author: str
    date: str
    subject: str
    parents: tuple[str, ...] = ()
    is_boundary: bool = False
    """Whether a shallow clone or the requested range ends here, so that the change may be older."""

    @property
    def day(self) -> str:
        """Return the date alone, in the author's time zone."""
        return self.date[:10]

    @property
    def short(self) -> str:
        """Return the start of the id, to be shown."""
        return self.id[:SHORT]
