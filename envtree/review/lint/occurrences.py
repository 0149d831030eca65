"""The occurrences of an entry: the targets that see it, and its rank among the entries for the same variable."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Code, Diagnostic
from envtree.core.schema.governance import hidden_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.expand import Provenance
    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target
    from envtree.core.secrets.judgement import Judgement


class Occurrence(NamedTuple):
    """Targets that see an entry at the same rank of the same provenance."""

    provenance: Provenance
    rank: int
    """The index of the entry in the provenance, whose first entry is the widest."""
    targets: tuple[Target, ...]


class Lint(NamedTuple):
    """A finding, and the entry that it is about."""

    diagnostic: Diagnostic
    entry: Entry
    repeats: tuple[Entry, ...] = ()
    """The wider entries that say the same, one for each way of inheriting: without this entry, nothing changes."""
    others: tuple[Entry, ...] = ()
    """The other entries that it is about."""


class EntryIndex(NamedTuple):
    """All entries of a compilation, with the targets that see them."""

    compilation: Compilation
    seen: Mapping[Entry, tuple[Occurrence, ...]]
    suspected_secrets: Mapping[Entry, Judgement]
    """The entries that may be secrets in plain text, and how sure that is."""
    hidden: Callable[[Target], frozenset[str]]

    def targets(self, *entries: Entry) -> tuple[Target, ...]:
        """Return all targets that see one of these entries."""
        return tuple(
            sorted({target for each in entries for occurrence in self.seen[each] for target in occurrence.targets})
        )

    def warning(
        self,
        code: Code,
        entries: tuple[Entry, ...],
        message: str,
        label: str,
        notes: Iterable[str] = (),
        advice: str = "",
    ) -> Lint:
        """Return a warning at the first of some entries; no value that looks secret or that a target hides is shown."""
        first, targets = entries[0], self.targets(*entries)
        shown = first not in self.suspected_secrets and not any(first.name in self.hidden(target) for target in targets)
        span = first.span if shown else first.name_span
        return Lint(
            Diagnostic(code, message, span, label, tuple(notes), advice, targets, severity="warning", shown=shown),
            first,
            others=entries[1:],
        )


def index_entries(
    compilation: Compilation, find_secrets: Callable[[Mapping[Entry, tuple[Occurrence, ...]]], dict[Entry, Judgement]]
) -> EntryIndex:
    """Index the entries of a compilation; `find_secrets` returns those that look like secrets."""
    own, governed = compilation.own, compilation.governed
    seen = occurrences_by_entry(own)
    return EntryIndex(
        compilation, seen, find_secrets(seen), cache(lambda target: hidden_names(own[target], governed[target]))
    )


def occurrences_by_entry(own: Mapping[Target, Node]) -> dict[Entry, tuple[Occurrence, ...]]:
    """Return the rank of each entry, and for which targets; targets with the same provenance are grouped."""
    by_provenance: dict[int, tuple[Provenance, list[Target]]] = {}
    for target, node in own.items():
        for provenance in node.provenance.values():
            by_provenance.setdefault(id(provenance), (provenance, []))[1].append(target)
    found: dict[Entry, list[Occurrence]] = {}
    for provenance, targets in by_provenance.values():
        for rank, entry in enumerate(provenance):
            found.setdefault(entry, []).append(Occurrence(provenance, rank, tuple(targets)))
    return {entry: tuple(occurrences) for entry, occurrences in found.items()}


def location_of(entry: Entry) -> str:
    """Return the file and line of an entry's name."""
    return f"{entry.file}:{entry.name_line}"
