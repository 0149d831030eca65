"""What `heroku:` in envtree.yaml says: which app is which part of the tree, and what may differ from it, and why."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envtree.core.heroku.fleet import Cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.tree import Span


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the table: the app that gives a cell its variables, and the release that was imported last."""

    app: str
    span: Span
    release: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """A variable that may differ: by name in the cells that a selector names (empty: all), or all of one owner."""

    name: str
    """The variable; empty for all that `owner` owns."""
    owner: str
    selector: str
    reason: str
    span: Span

    def covers(self, cell: Cell, name: str, owner: str) -> bool:
        """Whether it is about this variable of this cell."""
        if (self.name or owner) != (name if self.name else self.owner):
            return False
        parts = self.selector.split("/") if self.selector else []
        return all(fnmatch.fnmatchcase(own, part) for own, part in zip(cell, parts, strict=False))


@dataclass(frozen=True, slots=True)
class HerokuSettings:
    """The whole of it; all may be missing."""

    pipelines: bool = False
    app: str = ""
    """A pattern such as `acme-{service}-{environment}`; empty: none."""
    apps: Mapping[Cell, Link] = field(default_factory=dict)
    skip: Mapping[str, str] = field(default_factory=dict)
    """Apps that are left on Heroku, with the reason."""
    expect: tuple[Expectation, ...] = ()
    span: Span | None = None
    """Where `heroku:` stands; None where it doesn't."""
