"""Who sees an entry, and where it stands in line for them: what a finding about one line is judged by and told from."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Code, Diagnostic
from envtree.core.schema.governance import hidden_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node, Provenance
    from envtree.core.model.tree import Entry, Target


class Occurrence(NamedTuple):
    """Some targets that see an entry, and where it stands in their line for the variable."""

    line: Provenance
    at: int
    targets: tuple[Target, ...]


class Lint(NamedTuple):
    """Something found, and the entry that it is about."""

    diagnostic: Diagnostic
    entry: Entry
    repeats: tuple[Entry, ...] = ()
    """The entries that say the same already, one for each way the entry is inherited: without it, nothing changes."""


class EntryIndex(NamedTuple):
    """All entries of a compilation, by who sees them."""

    compilation: Compilation
    seen: Mapping[Entry, tuple[Occurrence, ...]]
    looks: Mapping[Entry, str]
    """The entries that look like secrets in the clear, and how."""
    hidden: Callable[[Target], frozenset[str]]

    def targets(self, *entries: Entry) -> tuple[Target, ...]:
        """All that see one of these."""
        return tuple(sorted({target for each in entries for sighted in self.seen[each] for target in sighted.targets}))

    def warning(
        self,
        code: Code,
        entries: tuple[Entry, ...],
        message: str,
        label: str,
        notes: Iterable[str] = (),
        advice: str = "",
    ) -> Lint:
        """What is found of entries, told at the first; its value is shown where all may see it, and it is no secret."""
        first, targets = entries[0], self.targets(*entries)
        shown = first not in self.looks and not any(first.name in self.hidden(target) for target in targets)
        span = first.span if shown else first.name_span
        return Lint(
            Diagnostic(code, message, span, label, tuple(notes), advice, targets, severity="warning", shown=shown),
            first,
        )


def views_of(
    compilation: Compilation, looks: Callable[[Mapping[Entry, tuple[Occurrence, ...]]], dict[Entry, str]]
) -> EntryIndex:
    """The views of a compilation; `looks` says which entries look like secrets."""
    own, governed = compilation.own, compilation.governed
    seen = sightings(own)
    return EntryIndex(compilation, seen, looks(seen), cache(lambda target: hidden_names(own[target], governed[target])))


def sightings(own: Mapping[Target, Node]) -> dict[Entry, tuple[Occurrence, ...]]:
    """Where each entry stands in line, and for whom; targets that share a line are taken together."""
    lines: dict[int, tuple[Provenance, list[Target]]] = {}
    for target, node in own.items():
        for line in node.provenance.values():
            lines.setdefault(id(line), (line, []))[1].append(target)
    found: dict[Entry, list[Occurrence]] = {}
    for line, targets in lines.values():
        for at, entry in enumerate(line):
            found.setdefault(entry, []).append(Occurrence(line, at, tuple(targets)))
    return {entry: tuple(sighted) for entry, sighted in found.items()}


def location_of(entry: Entry) -> str:
    """The file and line of an entry's name."""
    return f"{entry.file}:{entry.name_line}"
