"""The text of each `!expand`, computed from other variables to any depth, or the reason why it can't be computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envtree.core.model.graph import cycles, topological_order
from envtree.core.runit.envdir import MAX_STRING, TOO_LONG, value_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from envtree.core.model.tree import Entry
    from envtree.core.runit.envdir import EncodingFault

Provenance = tuple["Entry", ...]
"""Every entry that is in line for a variable, widest first; the last one wins."""


@dataclass(frozen=True, slots=True)
class ExpansionFailure:
    """Why an `!expand` can't be computed; at most one of the last three fields is set."""

    entry: Entry | None
    """The entry that is the cause, also of other failures; None for an opaque entry, which is reported on its own."""
    missing: str | None = None
    """The name without a value that the entry refers to: its own where there is no value to inherit."""
    fault: EncodingFault | None = None
    """Why an envdir can't hold the entry's text."""
    cycle: tuple[Entry, ...] = field(default=(), compare=False)
    """The entries that refer to one another in turn, of which the entry is the first."""


OPAQUE = ExpansionFailure(None)


def names_itself(entry: Entry) -> bool:
    """Return whether an `!expand` refers to its own name: to the value that it inherits."""
    return entry.name in entry.references


def sources(lines: Provenance) -> Provenance:
    """Return the entries that a value is made of, widest first: the winner, and what it inherits if it names itself."""
    count = 1
    while count < len(lines) and names_itself(lines[-count]):
        count += 1
    return lines[-count:]


def references_of(made_of: Provenance) -> tuple[str, ...]:
    """Return the other variables that the entries of one value refer to, each once."""
    return tuple(dict.fromkeys(each for entry in made_of for each in entry.references if each != entry.name))


def inherited_texts(made_of: Provenance, values: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """Return what the value is after each of its entries, by the final values of other variables; None for no value."""
    found: list[str | None] = []
    text = None
    for entry in made_of:
        if entry.parts is None:
            text = None if entry.opaque else entry.text
        else:
            others = {each: values.get(each) for each in entry.references} | {entry.name: text}
            pieces = [part if isinstance(part, str) else others[part.name] for part in entry.parts]
            text = None if None in pieces else "".join(each for each in pieces if each is not None)
        found.append(text)
    return tuple(found)


def expand(
    expands: Mapping[str, Provenance], values: Mapping[str, str | None], opaque: Iterable[str]
) -> tuple[dict[str, str], dict[str, ExpansionFailure]]:
    """Return the text of each `!expand`, computed from the final values, and the names that failed, with the reason.

    `expands` has the entries that each is made of.
    """
    texts: dict[str, str] = {}
    failed = dict.fromkeys((name for name in opaque if name not in expands), OPAQUE)
    ordered, waiting = topological_order({name: references_of(made_of) for name, made_of in expands.items()})

    def text_of(entry: Entry, name: str) -> str | ExpansionFailure:
        """Return the text of a name that an entry refers to, or why there is none."""
        if name in failed:
            return failed[name]
        text = texts[name] if name in expands else values.get(name)
        return ExpansionFailure(entry, name) if text is None else text

    for name in ordered:
        result = _compute(expands[name], text_of)
        if isinstance(result, str):
            texts[name] = result
        else:
            failed[name] = result
    by_first: dict[
        str, ExpansionFailure
    ] = {}  # one for all of a cycle: made for each of its names, it would be quadratic
    for name, cycle in cycles(waiting).items():
        if cycle[0] not in by_first:
            entries = _referring(cycle, expands)
            by_first[cycle[0]] = ExpansionFailure(entries[0], cycle=entries)
        failed[name] = by_first[cycle[0]]
    return texts, failed


def _referring(cycle: Sequence[str], expands: Mapping[str, Provenance]) -> Provenance:
    """Return the entry of each name of a cycle that refers to the next name."""
    following = (*cycle[1:], cycle[0])
    return tuple(
        next(entry for entry in reversed(expands[name]) if after in entry.references)
        for name, after in zip(cycle, following, strict=True)
    )


def _compute(made_of: Provenance, text_of: Callable[[Entry, str], str | ExpansionFailure]) -> str | ExpansionFailure:
    """Return the text of one variable, whose references have been computed or have failed, entry by entry."""
    inherited: str | None = None
    for entry in made_of:
        if entry.opaque:
            return OPAQUE
        if entry.parts is None:
            inherited = entry.text
            continue
        result = _join(entry, inherited, text_of)
        if isinstance(result, ExpansionFailure):
            return result
        inherited = result
    return ExpansionFailure(made_of[-1], made_of[-1].name) if inherited is None else inherited


def _join(
    entry: Entry, inherited: str | None, text_of: Callable[[Entry, str], str | ExpansionFailure]
) -> str | ExpansionFailure:
    """Return the text of one `!expand`, put together."""
    pieces: list[str] = []
    size = 0
    for part in entry.parts or ():
        if isinstance(part, str):
            text: str | ExpansionFailure = part
        elif part.name == entry.name:
            text = ExpansionFailure(entry, entry.name) if inherited is None else inherited
        else:
            text = text_of(entry, part.name)
        if isinstance(text, ExpansionFailure):
            return text
        pieces.append(text)
        size += len(text)
        if size > MAX_STRING:  # sixty lines, each twice the one before, would fill all of the memory
            return ExpansionFailure(entry, fault=TOO_LONG)
    joined = "".join(pieces)
    fault = value_fault(entry.name, joined)
    return ExpansionFailure(entry, fault=fault) if fault else joined
