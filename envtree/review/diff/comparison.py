"""What compared sides are made of: what each process gets, what changed of it, and the edits that did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target
    from envtree.core.schema.governance import Governance

Kind = Literal["added", "removed", "changed"]


class ProcessView(NamedTuple):
    """What one process gets: every variable that is set; and where it comes from a tree, how."""

    values: Mapping[str, str]
    node: Node | None = None
    governance: Governance | None = None
    unknown: frozenset[str] = frozenset()
    """Names whose value can't be told: sealed, wrong, or hidden in a file."""

    def winner(self, name: str) -> Entry | None:
        """The entry that gives a variable, or removes it."""
        lines = self.node.provenance.get(name) if self.node else None
        return lines[-1] if lines else None


class Pair(NamedTuple):
    """What is compared with what: mostly a target with itself. One is None where only the other side has it."""

    before: Target | None
    after: Target | None

    def __str__(self) -> str:
        if self.before is None or self.after is None or self.before == self.after:
            return str(self.after or self.before)
        return f"{self.before} -> {self.after}"


class Transition(NamedTuple):
    """One value that becomes another (None: it is not set), and for which processes."""

    before: str | None
    after: str | None
    pairs: tuple[Pair, ...]

    @property
    def kind(self) -> Kind:
        """What happens to the variable there."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


class Cause(NamedTuple):
    """Why a variable differs: the line that was edited, as it was and as it is, or the variables it is made of."""

    before: Entry | None
    after: Entry | None
    through: tuple[str, ...] = ()

    @property
    def entry(self) -> Entry | None:
        """The line as it is now, or as it was before it went."""
        return self.after or self.before


@dataclass(frozen=True, slots=True)
class Change:
    """A variable that differs for one cause."""

    name: str
    cause: Cause
    transitions: tuple[Transition, ...]
    hidden: bool
    shadowed: tuple[Target, ...] = ()
    """Who sees the edited line, and gets the value of a narrower one."""

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """For whom it differs."""
        return tuple(sorted((pair for each in self.transitions for pair in each.pairs), key=str))

    @property
    def kind(self) -> Kind:
        """What happens to the variable; of several things, `changed`."""
        kinds = {each.kind for each in self.transitions}
        return kinds.pop() if len(kinds) == 1 else "changed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All in which two sides differ."""

    changes: tuple[Change, ...]
    added: tuple[tuple[Target, int], ...]
    """Targets that only the second side has, with how many variables."""
    removed: tuple[tuple[Target, int], ...]
    idle: tuple[NoEffectEdit, ...]
    compared: tuple[Pair, ...]
    unknown: int
    """Values that couldn't be compared."""

    @property
    def is_empty(self) -> bool:
        """Whether every process gets the same."""
        return not (self.changes or self.added or self.removed)


class Edit(NamedTuple):
    """A line of a layer that was written, rewritten or removed."""

    name: str
    before: Entry | None
    after: Entry | None

    @property
    def entry(self) -> Entry:
        """The line as it is now, or as it was before it went."""
        entry = self.after or self.before
        assert entry is not None
        return entry


class NoEffectEdit(NamedTuple):
    """An edit that changes nothing for anyone."""

    edit: Edit
    seeing: tuple[Target, ...]
    shadowed: tuple[Target, ...]
    """Of those who see it, who gets the value of a narrower line; the others get the same from this one."""
