"""What differs between two sides, by cause, with all that each cause changes.

A side is a tree at some revision, or only values (an output, a file, a running process). What counts is the value
that a process gets. The causes are the edited lines: one line that changes forty processes is one change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.expand import references_of
from envtree.core.schema.governance import derived_from, hidden_names
from envtree.review.diff.comparison import Cause, Change, Comparison, Pair, ProcessView, Transition
from envtree.review.diff.edits import says_the_same, without_effect
from envtree.review.diff.holding import names_holding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.model.tree import Entry, Target
    from envtree.review.diff.comparison import Edit

RECOGNIZABLE = 6
"""Characters that a value needs to be recognized inside another; shorter ones, such as `false`, are in many values."""


def compare(
    pairs: Iterable[tuple[Pair, ProcessView | None, ProcessView | None]], edits: Mapping[str, Mapping[str, Edit]]
) -> Comparison:
    """Compare pair by pair; `edits` are those between two revisions of one tree, by layer and name."""
    found: dict[tuple[str, Cause], dict[tuple[str | None, str | None], list[Pair]]] = {}
    hidden: set[tuple[str, Cause]] = set()
    added: list[tuple[Target, int]] = []
    removed: list[tuple[Target, int]] = []
    compared: list[tuple[Pair, ProcessView, ProcessView]] = []
    differing: dict[Target, frozenset[str]] = {}
    unknown = 0
    for pair, before, after in pairs:
        if before is None or after is None:
            (added if before is None else removed).append(_variable_count(pair, before or after))
            continue
        compared.append((pair, before, after))
        skipped = before.unknown | after.unknown
        unknown += len(skipped)
        names = _differing(before, after) - skipped
        if not names:
            continue
        if pair.after is not None:
            differing[pair.after] = names
        secret = _hidden(before, after, names)
        for name in names:
            key = (name, _cause(name, before, after, names))
            both = (before.values.get(name), after.values.get(name))
            found.setdefault(key, {}).setdefault(both, []).append(pair)
            if name in secret:
                hidden.add(key)
    shadowed, no_effect = without_effect(edits, compared, differing, found)
    changes = tuple(
        Change(
            name,
            cause,
            tuple(Transition(*both, tuple(sorted(into, key=str))) for both, into in transitions.items()),
            (name, cause) in hidden,
            shadowed.get((name, cause), ()),
        )
        for (name, cause), transitions in found.items()
    )
    return Comparison(
        tuple(sorted(changes, key=_order)),
        tuple(sorted(added)),
        tuple(sorted(removed)),
        no_effect,
        tuple(pair for pair, _, _ in compared),
        unknown,
    )


def _variable_count(pair: Pair, view: ProcessView | None) -> tuple[Target, int]:
    target = pair.after or pair.before
    assert target is not None
    assert view is not None
    return target, len(view.values)


def _differing(before: ProcessView, after: ProcessView) -> frozenset[str]:
    one, other = before.values, after.values
    if one == other:
        return frozenset()
    return frozenset(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _hidden(before: ProcessView, after: ProcessView, names: Iterable[str]) -> frozenset[str]:
    """Return the names that are not shown: hidden on a side where they have a value, or `Secret` on either side.

    Values that come from no tree are shown if the other side declares them; if neither side does, they are hidden.
    """
    from_tree = [(view, view.node, view.governance) for view in (before, after) if view.node and view.governance]
    secret = frozenset[str]().union(*(governance.secret for _, _, governance in from_tree))
    declared = frozenset[str]().union(*(governance.known for _, _, governance in from_tree))
    hidden = set(secret)
    for view, node, governance in from_tree:
        hidden |= (hidden_names(node, governance) | derived_from(node, secret)) & view.values.keys()
    for view in (before, after):
        if view.node is None:
            hidden |= view.values.keys() - declared
            hidden |= _holding(view.values, hidden, secret)
    return frozenset(hidden.intersection(names))


def _holding(values: Mapping[str, str], hidden: Iterable[str], secret: frozenset[str]) -> set[str]:
    """Return the variables whose value contains a hidden one: an output doesn't record what its values are made of."""
    texts = {text for name in hidden if (text := values.get(name)) and (name in secret or len(text) >= RECOGNIZABLE)}
    return names_holding(values, texts)


def _cause(name: str, before: ProcessView, after: ProcessView, names: frozenset[str]) -> Cause:
    """Return the line that a difference comes from: the new winner if it was edited, or the old one if that changed."""
    new, old = after.winner(name), before.winner(name)
    if after.node is None or before.node is None:
        return Cause(old, new)
    was = _in_file(before, name, new) if new else None
    if new and not says_the_same(was, new):
        return Cause(was, new)
    now = _in_file(after, name, old) if old else None
    if old and not says_the_same(now, old):
        return Cause(old, now)
    if new and new.parts is not None:
        changed = names.intersection(references_of(after.sources(name)))
        return _edited_below(name, before, after) or Cause(old, new, tuple(sorted(changed)))
    return Cause(old, new)


def _edited_below(name: str, before: ProcessView, after: ProcessView) -> Cause | None:
    """Return the edit of an entry that the winner, which names itself, builds on; None where there is none."""
    for new in reversed(after.sources(name)[:-1]):
        was = _in_file(before, name, new)
        if not says_the_same(was, new):
            return Cause(was, new)
    for old in reversed(before.sources(name)[:-1]):
        now = _in_file(after, name, old)
        if not says_the_same(old, now):
            return Cause(old, now)
    return None


def _in_file(view: ProcessView, name: str, entry: Entry) -> Entry | None:
    lines = view.node.provenance.get(name, ()) if view.node else ()
    return next((each for each in lines if each.file == entry.file), None)


def _order(change: Change) -> tuple[str, str, int]:
    entry = change.cause.entry
    return (change.name, entry.file if entry else "", entry.line if entry else 0)
