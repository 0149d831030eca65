"""The lines that differ between two revisions of a tree, and those of them that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import layer_ids
from envtree.review.diff.comparison import Edit, NoEffectEdit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Entry, Target
    from envtree.review.diff.comparison import Cause, Pair, ProcessView


def says_the_same(one: Entry | None, other: Entry | None) -> bool:
    """Return whether two lines say the same, whatever their locations are."""
    if one is None or other is None:
        return one is other
    return (one.text, one.parts, one.opaque) == (other.text, other.parts, other.opaque)


def edits_between(
    before: Compilation, after: Compilation, unread: frozenset[str] = frozenset()
) -> dict[str, dict[str, Edit]]:
    """Return changed lines of two revisions by layer and name, without files unreadable in one of them."""
    found: dict[str, dict[str, Edit]] = {}
    for layer_id in before.layers.keys() | after.layers.keys():
        old = before.layers[layer_id].entries if layer_id in before.layers else {}
        new = after.layers[layer_id].entries if layer_id in after.layers else {}
        for name in old.keys() | new.keys():
            edit = Edit(name, old.get(name), new.get(name))
            if not says_the_same(edit.before, edit.after) and edit.entry.file not in unread:
                found.setdefault(layer_id, {})[name] = edit
    return found


def without_effect(
    edits: Mapping[str, Mapping[str, Edit]],
    compared: Iterable[tuple[Pair, ProcessView, ProcessView]],
    differing: Mapping[Target, frozenset[str]],
    found: Iterable[tuple[str, Cause]],
) -> tuple[dict[tuple[str, Cause], tuple[Target, ...]], tuple[NoEffectEdit, ...]]:
    """Return for whom a line changes nothing, by the change that it makes for others; and the edits without effect."""
    seen_by: dict[str, list[tuple[Target, ProcessView, ProcessView]]] = {}
    for pair, before, after in compared:
        if pair.before == pair.after and pair.after is not None:
            for layer_id in layer_ids(pair.after):
                if layer_id in edits:
                    seen_by.setdefault(layer_id, []).append((pair.after, before, after))
    causes = {(cause.before, cause.after): (name, cause) for name, cause in found}
    shadowed, no_effect = {}, []
    for layer_id, by_name in sorted(edits.items()):
        for name, edit in sorted(by_name.items()):
            here = seen_by.get(layer_id, [])
            overridden = tuple(
                target
                for target, before, after in here
                if name not in differing.get(target, ()) and not _wins(edit, before, after)
            )
            if (key := causes.get((edit.before, edit.after))) is not None:
                shadowed[key] = overridden
            elif here and not any(_matters(edit, *each, differing) for each in here):
                no_effect.append(NoEffectEdit(edit, tuple(target for target, _, _ in here), overridden))
    return shadowed, tuple(no_effect)


def _wins(edit: Edit, before: ProcessView, after: ProcessView) -> bool:
    """Return whether an edited line is the winner on either side, or what the winner builds on."""
    return any(
        entry is not None and entry in (view.winner(edit.name), *view.sources(edit.name))
        for entry, view in ((edit.before, before), (edit.after, after))
    )


def _matters(
    edit: Edit, target: Target, before: ProcessView, after: ProcessView, differing: Mapping[Target, frozenset[str]]
) -> bool:
    """Return whether an edit may affect a target: the variable differs there, or the line sets an unknown value."""
    is_unknown = edit.name in before.unknown or edit.name in after.unknown
    return edit.name in differing.get(target, ()) or (is_unknown and _wins(edit, before, after))
