"""The values of a comparison: what each process gets, what changed, and the edits that caused it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.layers.expand import Provenance
    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target
    from envtree.core.schema.governance import Governance

Kind = Literal["added", "removed", "changed"]


class ProcessView(NamedTuple):
    """What one process gets: every variable that is set, and how it was resolved if it comes from a tree."""

    values: Mapping[str, str]
    node: Node | None = None
    governance: Governance | None = None
    unknown: frozenset[str] = frozenset()
    """Names whose value is unknown: sealed, wrong, or hidden in a file."""

    def winner(self, name: str) -> Entry | None:
        """Return the entry that sets a variable, or removes it."""
        lines = self.node.provenance.get(name) if self.node else None
        return lines[-1] if lines else None

    def sources(self, name: str) -> Provenance:
        """Return the entries that a computed value is made of, widest first; none for any other."""
        return self.node.expands.get(name, ()) if self.node else ()


class Pair(NamedTuple):
    """The two targets that are compared, mostly one with itself; None where only the other side has the target."""

    before: Target | None
    after: Target | None

    def __str__(self) -> str:
        if self.before is None or self.after is None or self.before == self.after:
            return str(self.after or self.before)
        return f"{self.before} -> {self.after}"


class Transition(NamedTuple):
    """A value that becomes another one (None: not set), and the processes where it does."""

    before: str | None
    after: str | None
    pairs: tuple[Pair, ...]

    @property
    def kind(self) -> Kind:
        """What happens to the variable."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


class Cause(NamedTuple):
    """Why a variable differs: the edited line, before and after, or (`through`) the variables that it is made of."""

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
    """The targets that see the edited line, and get the value of a narrower one."""

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs for which the variable differs."""
        return tuple(sorted((pair for each in self.transitions for pair in each.pairs), key=str))

    @property
    def kind(self) -> Kind:
        """What happens to the variable; `changed` if several things do."""
        kinds = {each.kind for each in self.transitions}
        return kinds.pop() if len(kinds) == 1 else "changed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences between two sides."""

    changes: tuple[Change, ...]
    added: tuple[tuple[Target, int], ...]
    """Targets that only the second side has, with their number of variables."""
    removed: tuple[tuple[Target, int], ...]
    without_effect: tuple[NoEffectEdit, ...]
    compared: tuple[Pair, ...]
    unknown: int
    """How many values couldn't be compared."""

    @property
    def is_empty(self) -> bool:
        """Whether every process gets the same."""
        return not (self.changes or self.added or self.removed)


class Edit(NamedTuple):
    """A line of a layer that was added, changed or removed."""

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
    """An edit that changes nothing for any target."""

    edit: Edit
    seen_by: tuple[Target, ...]
    shadowed: tuple[Target, ...]
    """Those targets that get the value of a narrower line; the others get the same value from this line."""
