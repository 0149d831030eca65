"""A comparison with Heroku as one JSON object; values are null, except those of the variable that is revealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.render.difference import first_difference
from envtree.core.render.mask import json_lines
from envtree.migration.comparing.summary import summary

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.comparing.comparison import AppSummary, Difference, HerokuComparison


def as_json(comparison: HerokuComparison, reveal: str = "") -> str:
    """Return the answer, the apps, all differences, and the expectations without effect."""
    data = {
        "answer": comparison.answer,
        "summary": summary(comparison),
        "apps": [_app(each) for each in comparison.apps],
        "differences": [_difference(each, reveal) for each in comparison.differences],
        "unmet": [_unmet(each) for each in comparison.unmet],
    }
    return json_lines(data)


def _app(app: AppSummary) -> dict[str, Any]:
    return {
        "environment": app.deployment.environment,
        "service": app.deployment.service,
        "app": app.app,
        "release": app.release,
        "processes": list(app.processes),
        "same": None if app.fault else app.same,
        "owned": app.owned,
        "fault": app.fault or None,
    }


def _difference(difference: Difference, reveal: str) -> dict[str, Any]:
    span = difference.span
    is_shown = bool(reveal) and difference.name == reveal
    both = difference.heroku is not None and difference.ours is not None
    return {
        "environment": difference.deployment.environment,
        "service": difference.deployment.service,
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
        "changed_by": difference.changed_by or None,
        "equal_to": [str(deployment) for deployment in difference.equal_to],
        "note": difference.note or None,
        "hint": difference.hint or None,
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
