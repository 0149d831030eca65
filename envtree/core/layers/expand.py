"""The text of each `!expand`, computed from other variables to any depth, or the reason why it can't be computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envtree.core.model.graph import cycles, topological_order
from envtree.core.runit.envdir import MAX_STRING, TOO_LONG, value_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from envtree.core.model.tree import Entry
    from envtree.core.runit.envdir import EncodingFault


@dataclass(frozen=True, slots=True)
class ExpansionFailure:
    """Why an `!expand` can't be computed; at most one of the last three fields is set."""

    entry: Entry | None
    """The entry that is the cause, also of other failures; None for an opaque entry, which is reported on its own."""
    missing: str | None = None
    """The name without a value that the entry refers to."""
    fault: EncodingFault | None = None
    """Why an envdir can't hold the entry's text."""
    cycle: tuple[Entry, ...] = field(default=(), compare=False)
    """The entries that refer to one another in turn, of which the entry is the first."""


OPAQUE = ExpansionFailure(None)


def expand(
    expands: Mapping[str, Entry], values: Mapping[str, str | None], opaque: Iterable[str]
) -> tuple[dict[str, str], dict[str, ExpansionFailure]]:
    """Return the text of each `!expand`, computed from the final values, and the names that failed, with the reason."""
    texts: dict[str, str] = {}
    failed = dict.fromkeys((name for name in opaque if name not in expands), OPAQUE)
    ordered, waiting = topological_order({name: entry.references for name, entry in expands.items()})

    def text_of(entry: Entry, name: str) -> str | ExpansionFailure:
        """Return the text of a name that an entry refers to, or why there is none."""
        if name in failed:
            return failed[name]
        text = texts[name] if name in expands else values.get(name)
        return ExpansionFailure(entry, name) if text is None else text

    for name in ordered:
        result = _join(expands[name], text_of)
        if isinstance(result, str):
            texts[name] = result
        else:
            failed[name] = result
    by_first: dict[
        str, ExpansionFailure
    ] = {}  # one for all of a cycle: made for each of its names, it would be quadratic
    for name, cycle in cycles(waiting).items():
        if cycle[0] not in by_first:
            by_first[cycle[0]] = ExpansionFailure(expands[cycle[0]], cycle=tuple(expands[each] for each in cycle))
        failed[name] = by_first[cycle[0]]
    return texts, failed


def _join(entry: Entry, text_of: Callable[[Entry, str], str | ExpansionFailure]) -> str | ExpansionFailure:
    """Return the text of one `!expand`, whose references have been computed or have failed."""
    pieces: list[str] = []
    size = 0
    for part in entry.parts or ():
        text = part if isinstance(part, str) else text_of(entry, part.name)
        if isinstance(text, ExpansionFailure):
            return text
        pieces.append(text)
        size += len(text)
        if size > MAX_STRING:  # sixty lines, each twice the one before, would fill all of the memory
            return ExpansionFailure(entry, fault=TOO_LONG)
    joined = "".join(pieces)
    fault = value_fault(entry.name, joined)
    return ExpansionFailure(entry, fault=fault) if fault else joined
