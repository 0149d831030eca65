"""What a variable comes to, and what the value of an `!expand` is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.expand import inherited_texts, sources

if TYPE_CHECKING:
    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry

VariableState = Literal["set", "removed", "unset", "sealed", "wrong", "failed", "circular"]
"""The state of a variable: a `wrong` entry is an error itself, `failed` can't be computed, `circular` needs itself."""

MAX_PARTS = 200
MAX_DEPTH = 20


class ExpansionPart(NamedTuple):
    """A variable that an `!expand` uses, with its final state; the variables that it uses itself follow, one deeper."""

    name: str
    parent: str
    depth: int
    state: VariableState
    value: str | None
    entry: Entry | None
    hint: Literal["", "above", "deeper"] = ""
    """Where its own parts are, if they don't follow."""
    inherited: bool = False
    """Whether it is the value of the parent's own name in a wider layer."""


def outcome(name: str, node: Node) -> tuple[VariableState, str | None, Entry | None]:
    """Return the state of a variable, its value, and the entry that wins."""
    if name not in node.provenance:
        return "unset", None, None
    winner = node.provenance[name][-1]
    if winner.opaque:
        return "sealed" if winner.sealed else "wrong", None, winner
    if name in node.failed:
        return "failed", None, winner
    value = node.values[name]
    return "removed" if value is None else "set", value, winner


class _Inner(NamedTuple):
    """A variable that a value is made of: by its final value, or (`below` not 0) by what so many entries inherit."""

    name: str
    below: int


def parts_of(name: str, node: Node) -> tuple[tuple[ExpansionPart, ...], bool]:
    """Return the variables of an `!expand`, each followed by its own; each is expanded once, to a limited depth."""
    found: list[ExpansionPart] = []
    start = _Inner(name, 0)
    opened = {start}
    pending: list[tuple[_Inner, tuple[_Inner, ...]]] = [(each, (start,)) for each in reversed(_inner(start, node))]
    while pending:
        each, path = pending.pop()
        if len(found) == MAX_PARTS:
            return tuple(found), True
        state, value, winner = outcome(each.name, node) if not each.below else _inherited(each, node)
        inner = _inner(each, node)
        hint: Literal["", "above", "deeper"] = ""
        if each in path:
            state, value = "circular", None
        elif inner and each in opened:
            hint = "above"
        elif inner and len(path) == MAX_DEPTH:
            hint = "deeper"
        else:
            opened.add(each)
            pending += [(one, (*path, each)) for one in reversed(inner)]
        found.append(ExpansionPart(each.name, path[-1].name, len(path), state, value, winner, hint, each.below > 0))
    return tuple(found), False


def _inner(each: _Inner, node: Node) -> tuple[_Inner, ...]:
    """Return what the entry of a variable refers to, with how many entries lie above each value of its own name."""
    lines = node.provenance.get(each.name, ())
    if each.below >= len(lines):
        return ()
    names = lines[-1 - each.below].references
    return tuple(_Inner(name, each.below + 1 if name == each.name else 0) for name in names)


def _inherited(each: _Inner, node: Node) -> tuple[VariableState, str | None, Entry | None]:
    """Return the state of a value that an entry inherits, the value, and the entry that gives it."""
    lines = node.provenance[each.name]
    if each.below >= len(lines):
        return "unset", None, None
    entry = lines[-1 - each.below]
    if entry.opaque:
        return "sealed" if entry.sealed else "wrong", None, entry
    known = {name: text for name, text in node.values.items() if name not in node.failed}
    made_of = sources(lines)
    text = inherited_texts(made_of, known)[len(made_of) - 1 - each.below]
    return "failed" if text is None and entry.parts else "removed" if text is None else "set", text, entry
