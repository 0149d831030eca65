"""`!expand`: text computed on the other variables, to any depth, or the reason why it can't be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envtree.core.model.graph import cycles, topological_order
from envtree.core.runit.envdir import MAX_STRING, TOO_LONG, value_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.model.tree import Entry
    from envtree.core.runit.envdir import EncodingFault


@dataclass(frozen=True, slots=True)
class ExpansionFailure:
    """Why an `!expand` can't be computed; at most one of the last three is set."""

    entry: Entry | None
    """The one that is to blame: others fail for it. None where the reason is an opaque entry, reported on its own."""
    missing: str | None = None
    """It refers to a name without a value."""
    fault: EncodingFault | None = None
    """Its text can't be carried."""
    circle: tuple[Entry, ...] = field(default=(), compare=False)
    """It is the first of those that refer to one another in turn."""


OPAQUE = ExpansionFailure(None)


def expand(
    expands: Mapping[str, Entry], values: Mapping[str, str | None], opaque: Iterable[str]
) -> tuple[dict[str, str], dict[str, ExpansionFailure]]:
    """The text of each `!expand`, computed on the final variables; and the names that have none, with the reason."""
    texts: dict[str, str] = {}
    failed = dict.fromkeys((name for name in opaque if name not in expands), OPAQUE)
    ordered, waiting = topological_order({name: entry.references for name, entry in expands.items()})
    for name in ordered:
        result = _join(expands[name], expands, values, texts, failed)
        if isinstance(result, str):
            texts[name] = result
        else:
            failed[name] = result
    for name, circle in cycles(waiting).items():
        failed[name] = ExpansionFailure(expands[circle[0]], circle=tuple(expands[each] for each in circle))
    return texts, failed


def _join(
    entry: Entry,
    expands: Mapping[str, Entry],
    values: Mapping[str, str | None],
    texts: Mapping[str, str],
    failed: Mapping[str, ExpansionFailure],
) -> str | ExpansionFailure:
    """The text of one `!expand`, once those it refers to are computed or have failed."""
    pieces: list[str] = []
    size = 0
    for part in entry.parts or ():
        text = part if isinstance(part, str) else _fetch(entry, part.name, expands, values, texts, failed)
        if isinstance(text, ExpansionFailure):
            return text
        pieces.append(text)
        size += len(text)
        if size > MAX_STRING:  # sixty lines, each twice the one before, would be all of the memory
            return ExpansionFailure(entry, fault=TOO_LONG)
    joined = "".join(pieces)
    fault = value_fault(entry.name, joined)
    return ExpansionFailure(entry, fault=fault) if fault else joined


def _fetch(
    entry: Entry,
    name: str,
    expands: Mapping[str, Entry],
    values: Mapping[str, str | None],
    texts: Mapping[str, str],
    failed: Mapping[str, ExpansionFailure],
) -> str | ExpansionFailure:
    """The text that an entry refers to."""
    if name in failed:
        return failed[name]
    text = texts[name] if name in expands else values.get(name)
    return ExpansionFailure(entry, name) if text is None else text
