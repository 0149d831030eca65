"""A comparison as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.render.difference import kind
from envtree.core.render.mask import has_password, json_lines
from envtree.core.sealed.ciphertext import is_like_ciphertext

if TYPE_CHECKING:
    from envtree.core.model.tree import Entry
    from envtree.review.diff.comparison import Change, Transition
    from envtree.review.diff.text import DiffReport


def as_json(report: DiffReport, before: str, after: str) -> str:
    """Return one object: the names of both sides, changes, new and gone processes, validity; hidden values are null."""
    return json_lines({"before": before, "after": after, **report_data(report)})


def report_data(report: DiffReport) -> dict[str, Any]:
    """Return what a comparison found, as data for JSON."""
    comparison = report.comparison
    return {
        "changes": [_change_data(change, report) for change in comparison.changes],
        "added": [str(target) for target, _ in comparison.added],
        "removed": [str(target) for target, _ in comparison.removed],
        "without_effect": [
            {
                "name": no_effect.edit.name,
                **_entry_data(no_effect.edit.entry),
                "seen_by": [str(each) for each in no_effect.seen_by],
                "shadowed": [str(each) for each in no_effect.shadowed],
            }
            for no_effect in comparison.without_effect
        ],
        "becomes_invalid": [str(target) for target in report.newly_invalid],
        "becomes_valid": [str(target) for target in report.newly_valid],
        "invalid": [str(target) for target in report.invalid],
        "compared": report.compared,
        "not_compared": comparison.unknown,
    }


def _change_data(change: Change, report: DiffReport) -> dict[str, Any]:
    entry = change.cause.entry
    commit = report.authors.get(entry) if entry and not change.cause.through else None
    return {
        "name": change.name,
        "kind": change.kind,
        "hidden": change.hidden,
        **_entry_data(entry),
        "through": list(change.cause.through),
        "commit": commit.id if commit else None,
        "values": [_transition_data(change, each) for each in change.transitions],
        "shadowed": [str(target) for target in change.shadowed],
    }


def _transition_data(change: Change, transition: Transition) -> dict[str, Any]:
    withheld = change.hidden or any(has_password(text or "") for text in (transition.before, transition.after))
    texts = [text for text in (transition.before, transition.after) if text is not None]
    both = len(texts) == 2 and not (change.hidden and any(map(is_like_ciphertext, texts)))
    return {
        "before": None if withheld else transition.before,
        "after": None if withheld else transition.after,
        "withheld": withheld,
        "difference": kind(transition.before or "", transition.after or "") if both else None,
        "targets": [str(pair) for pair in transition.pairs],
    }


def _entry_data(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {"file": None, "line": None, "column": None}
    return {"file": entry.file, "line": entry.line, "column": entry.column}
