"""What each target of a tree gets, for a comparison with another revision, or with values that come from no tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import layer_ids
from envtree.core.sealed.document import read_sealed
from envtree.review.diff.comparison import ProcessView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.compile import Compilation
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Target


def views_of(compilation: Compilation) -> dict[Target, ProcessView]:
    """Return what each target of a tree gets."""
    return {
        target: ProcessView(
            {name: text for name, text in node.values.items() if text is not None and name not in node.failed},
            node,
            compilation.governed[target],
            frozenset(node.failed),
        )
        for target, node in compilation.own.items()
    }


def with_encrypted(views: Mapping[Target, ProcessView], source: Source) -> dict[Target, ProcessView]:
    """Return the views with sealed values in their encrypted form, so that a changed one differs between revisions."""
    entries: dict[str, Mapping[str, str]] = {}
    found = {}
    for target, view in views.items():
        texts = {}
        for name in view.unknown:
            winner = view.winner(name)
            if winner and winner.is_closed:
                if winner.file not in entries:
                    sealed, _ = read_sealed(winner.file, source.files[winner.file])
                    entries[winner.file] = {each.name: each.text for each in sealed.values} if sealed else {}
                if name in entries[winner.file]:
                    texts[name] = entries[winner.file][name]
        found[target] = view._replace(values={**view.values, **texts}, unknown=view.unknown - texts.keys())
    return found


def with_unread(
    views: Mapping[Target, ProcessView], unread: frozenset[str], other: Compilation
) -> dict[Target, ProcessView]:
    """Return the views, in which all that the unreadable files set in the other revision is unknown."""
    names: dict[str, frozenset[str]] = {
        layer_id: frozenset(entry.name for entry in layer.entries.values() if entry.file in unread)
        for layer_id, layer in other.layers.items()
    }
    return {
        target: view._replace(unknown=view.unknown.union(*(names.get(layer_id, ()) for layer_id in layer_ids(target))))
        for target, view in views.items()
    }
