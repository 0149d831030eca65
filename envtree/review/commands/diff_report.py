"""The report of a comparison: two sides that are read and compiled, compared by what each process gets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.core.validity import invalid_targets, unread_files
from envtree.review.diff.compare import compare
from envtree.review.diff.edits import edits_between
from envtree.review.diff.text import DiffReport
from envtree.review.diff.views import with_encrypted, with_unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.core.model.tree import Target
    from envtree.review.commands.diff_sides import Side
    from envtree.review.diff.comparison import Pair, ProcessView


def report_of(
    one: Side, other: Side, pairs: Sequence[Pair], foreign: frozenset[str] = frozenset(), untouched: int = 0
) -> DiffReport:
    """Compare the pairs of two sides; the authors of the lines are not asked for, and `foreign` names left out."""
    edits, is_history = {}, False
    if one.compilation and other.compilation and all(pair.before == pair.after or None in pair for pair in pairs):
        unread = tuple(unread_files(side.problems, side.compilation) for side in (one, other) if side.compilation)
        edits, is_history = edits_between(one.compilation, other.compilation, frozenset().union(*unread)), True
        one, other = _as_revision(one, unread[0], other), _as_revision(other, unread[1], one)
    comparison = compare(((pair, *_views(pair, one, other, foreign)) for pair in pairs), edits)
    invalid = [_invalid(one, other), _invalid(other, one)]
    return DiffReport(
        comparison,
        {},
        tuple(sorted(invalid[1] - invalid[0])) if is_history else (),
        tuple(sorted((invalid[0] - invalid[1]) & other.views.keys())) if is_history else (),
        tuple(sorted(invalid[0] & invalid[1] if is_history else invalid[0] | invalid[1])),
        os.urandom(16),
        is_history,
        untouched,
    )


def _as_revision(side: Side, unread: frozenset[str], other: Side) -> Side:
    """Add to a side what two revisions of one tree can show: that a sealed value changed, and what a file lacks."""
    assert side.tree is not None
    assert other.compilation is not None
    views = with_unread(with_encrypted(side.views, side.tree.source), unread, other.compilation)
    return side._replace(views=views)


def _views(
    pair: Pair, one: Side, other: Side, foreign: frozenset[str]
) -> tuple[ProcessView | None, ProcessView | None]:
    return (
        _without(one.views[pair.before], foreign) if pair.before else None,
        _without(other.views[pair.after], foreign) if pair.after else None,
    )


def _invalid(side: Side, other: Side) -> frozenset[Target]:
    """Return the invalid targets of a side, with those that may only seem to be missing because of its settings."""
    return invalid_targets(side.problems, tuple({**side.views, **(other.views if side.is_partial else {})}))


def _without(view: ProcessView, names: frozenset[str]) -> ProcessView:
    if names.isdisjoint(view.values):
        return view
    return view._replace(values={name: text for name, text in view.values.items() if name not in names})
