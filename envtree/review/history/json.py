"""The events of a target as programs read them: one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from envtree.core.render.difference import kind
from envtree.core.render.mask import has_password

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.review.diff.comparison import Change
    from envtree.review.history.events import ChangeSet, Event, Invalidation
    from envtree.review.history.text import DisplayOptions


def as_json(
    events: Iterable[Event], manner: DisplayOptions, name: str, uncommitted: Iterable[str], *, is_shallow: bool
) -> str:
    """One object: the target, its commits, the newest first, and what is not committed; hidden values are null."""
    data = {
        "target": str(manner.target),
        "name": name or None,
        "commits": [_event_data(each, manner) for each in events],
        "not_committed": [each or None for each in uncommitted],
        "shallow": is_shallow,
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _event_data(event: Event, manner: DisplayOptions) -> dict[str, Any]:
    commit, news = event
    return {
        "commit": commit.id,
        "author": commit.author,
        "date": commit.date,
        "subject": commit.subject,
        "target": news.arrival or None,
        "changes": [_change_data(each, news, manner) for each in news.changes],
        "invalid": [_fault_data(each) for each in news.invalid],
        "valid": [each or None for each in news.valid],
    }


def _change_data(change: Change, news: ChangeSet, manner: DisplayOptions) -> dict[str, Any]:
    before, after = change.transitions[0].before, change.transitions[0].after
    sealed = any(news.sealed.get(change.name, ()))
    has_secret = change.hidden or any(has_password(text or "") for text in (before, after))
    hidden = sealed or (has_secret and not manner.revealed)
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


def _fault_data(fault: Invalidation) -> dict[str, Any]:
    why = fault.why
    span = why.span if why else None
    return {
        "name": fault.name or None,
        "code": why.code if why else None,
        "message": why.message if why else None,
        "file": span.file if span else None,
        "line": span.line if span else None,
    }
