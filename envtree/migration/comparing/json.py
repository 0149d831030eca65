"""A comparison with Heroku as programs read it: one JSON object; values are null, but for the variable revealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.render.difference import first_difference
from envtree.core.render.mask import json_lines
from envtree.migration.comparing.summary import summary

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.comparing.comparison import AppSummary, Difference, HerokuComparison


def as_json(comparison: HerokuComparison, reveal: str = "") -> str:
    """The answer, the apps, all that differs, and the expectations without effect."""
    data = {
        "answer": comparison.answer,
        "summary": summary(comparison),
        "apps": [_app(each) for each in comparison.tallies],
        "differences": [_difference(each, reveal) for each in comparison.differences],
        "unmet": [_unmet(each) for each in comparison.unmet],
    }
    return json_lines(data)


def _app(tally: AppSummary) -> dict[str, Any]:
    return {
        "environment": tally.cell.environment,
        "service": tally.cell.service,
        "app": tally.app,
        "release": tally.release,
        "processes": list(tally.processes),
        "same": None if tally.fault else tally.same,
        "owned": tally.owned,
        "fault": tally.fault or None,
    }


def _difference(difference: Difference, reveal: str) -> dict[str, Any]:
    span = difference.span
    is_shown = bool(reveal) and difference.name == reveal
    both = difference.heroku is not None and difference.ours is not None
    return {
        "environment": difference.cell.environment,
        "service": difference.cell.service,
        "app": difference.app,
        "name": difference.name,
        "section": difference.section,
        "processes": list(difference.processes),
        "heroku": _value(difference.heroku, "set" if difference.heroku is not None else "unset", show=is_shown),
        "ours": _value(difference.ours, _state(difference), show=is_shown),
        "difference": difference.kind or None,
        "first_difference": first_difference(difference.heroku or "", difference.ours or "") if both else None,
        "owner": difference.owner,
        "addon": difference.addon or None,
        "reason": difference.reason or None,
        "changed_by": difference.since or None,
        "equal_to": [str(cell) for cell in difference.elsewhere],
        "note": difference.note or None,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
    }


def _state(difference: Difference) -> str:
    return "sealed" if difference.is_sealed else "unset" if difference.ours is None else "set"


def _value(text: str | None, state: str, *, show: bool) -> dict[str, Any]:
    return {"state": state, "length": None if text is None else len(text), "value": text if show else None}


def _unmet(diagnostic: Diagnostic) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "message": diagnostic.message,
        "file": span.file if span else None,
        "line": span.line if span else None,
    }
