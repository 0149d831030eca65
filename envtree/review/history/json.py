"""The events of a target as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.render.difference import kind
from envtree.core.render.mask import has_password, json_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.review.diff.comparison import Change
    from envtree.review.history.events import ChangeSet, Event, Invalidation
    from envtree.review.history.text import DisplayOptions


def as_json(
    events: Iterable[Event], options: DisplayOptions, name: str, uncommitted: Iterable[str], *, is_shallow: bool
) -> str:
    """Return one object: the target, its commits, newest first, and what is not committed; hidden values are null."""
    data = {
        "target": str(options.target),
        "name": name or None,
        "commits": [_event_data(each, options) for each in events],
        "not_committed": [each or None for each in uncommitted],
        "shallow": is_shallow,
    }
    return json_lines(data)


def _event_data(event: Event, options: DisplayOptions) -> dict[str, Any]:
    commit, change_set = event
    return {
        "commit": commit.id,
        "author": commit.author,
        "date": commit.date,
        "subject": commit.subject,
        "target": change_set.target_change or None,
        "changes": [_change_data(each, change_set, options) for each in change_set.changes],
        "invalid": [_invalidation_data(each) for each in change_set.invalid],
        "valid": [each or None for each in change_set.valid],
    }


def _change_data(change: Change, change_set: ChangeSet, options: DisplayOptions) -> dict[str, Any]:
    before, after = change.transitions[0].before, change.transitions[0].after
    sealed = any(change_set.sealed.get(change.name, ()))
    has_secret = change.hidden or any(has_password(text or "") for text in (before, after))
    hidden = sealed or (has_secret and not options.revealed)
    entry = change.cause.entry
    return {
        "name": change.name,
        "kind": change.kind,
        "before": None if hidden else before,
        "after": None if hidden else after,
        "hidden": hidden,
        "sealed": sealed,
        "difference": None if before is None or after is None or sealed else kind(before, after),
        "file": entry.file if entry else None,
        "line": entry.line if entry else None,
        "column": entry.column if entry else None,
        "removed": change.cause.after is None,
        "through": list(change.cause.through),
    }


def _invalidation_data(invalidation: Invalidation) -> dict[str, Any]:
    reason = invalidation.reason
    span = reason.span if reason else None
    return {
        "name": invalidation.name or None,
        "code": reason.code if reason else None,
        "message": reason.message if reason else None,
        "file": span.file if span else None,
        "line": span.line if span else None,
    }
