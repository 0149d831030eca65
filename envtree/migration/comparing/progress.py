"""How far the migration is: for each app, what is the same, changed on purpose, and still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.mask import json_lines, one_line
from envtree.migration.comparing.summary import incomplete

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from envtree.core.settings.heroku import Deployment
    from envtree.migration.comparing.comparison import HerokuComparison

    Paint = Callable[[str, str], str]

_HEAD = ("SERVICE", "APP", "SAME", "ON PURPOSE", "OPEN", "DONE")


class AppProgress(NamedTuple):
    """The variables of an app, counted; `fault` says why they could not be counted."""

    deployment: Deployment
    app: str
    same: int
    on_purpose: int
    """Variables that differ as expected."""
    open: int
    fault: str = ""


def progress_of(comparison: HerokuComparison) -> tuple[AppProgress, ...]:
    """Return the progress of each app."""
    names: dict[tuple[Deployment, bool], set[str]] = {}
    for each in comparison.differences:
        names.setdefault((each.deployment, each.section == "expected"), set()).add(each.name)
    return tuple(
        AppProgress(
            each.deployment,
            each.app,
            each.same,
            len(names.get((each.deployment, True), ())),
            len(names.get((each.deployment, False), ())),
            each.fault,
        )
        for each in comparison.apps
    )


def percentage(apps: Sequence[AppProgress], error_count: int = 0) -> int:
    """Return how much is done, in whole percent; 100 only where nothing is open, and every app could be compared.

    `error_count` is the number of errors that keep apps out of `apps`.
    """
    done = sum(each.same + each.on_purpose for each in apps)
    total = done + sum(each.open for each in apps)
    percent = 100 * done // total if total else 100
    return min(percent, 99) if error_count or any(each.fault for each in apps) else percent


def as_text(apps: Sequence[AppProgress], paint: Paint = plain, error_count: int = 0) -> str:
    """Return a table of the apps, and a sentence about all of them."""
    rows = [_HEAD, *(_row(each) for each in apps)]
    widths = [max(len(row[column]) for row in rows if column < len(row) - 1) for column in range(len(_HEAD) - 1)]
    roles = ["message", *("error" if each.fault else "changed" if each.open else "good" for each in apps)]
    lines = [paint(role, _line(row, widths)) for role, row in zip(roles, rows, strict=True)]
    return "".join(f"{line}\n" for line in (*lines, "", summary(apps, error_count)))


def _row(app: AppProgress) -> tuple[str, ...]:
    front = (str(app.deployment), one_line(app.app))
    if app.fault:
        return *front, f"could not be compared: {one_line(app.fault)}"
    counts = (app.same, app.on_purpose, app.open)
    return *front, *(f"{each:,}" for each in counts), f"{percentage([app])}%"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row: names to the left, numbers to the right; the last column takes the room that it needs."""
    names = [f"{text:<{width}}" for text, width in zip(row[:2], widths, strict=False)]
    numbers = [f"{text:>{width}}" for text, width in zip(row[2:-1], widths[2:], strict=False)]
    return "  ".join((*names, *numbers, f"{row[-1]:>4}"))


def summary(apps: Sequence[AppProgress], error_count: int = 0) -> str:
    """Return the progress of all apps in one sentence."""
    if not apps:
        return f"there is no app to compare{incomplete(error_count)}"
    same, on_purpose, still = (sum(counts) for counts in zip(*(each[2:5] for each in apps), strict=True))
    done = sum(not each.open and not each.fault for each in apps)
    faults = sum(bool(each.fault) for each in apps)
    rest = (f"; {counted(faults, 'app')} could not be compared" if faults else "") + incomplete(error_count)
    return (
        f"{percentage(apps, error_count)}% done: of {counted(same + on_purpose + still, 'variable')}, "
        f"{same:,} the same, {on_purpose:,} changed on purpose, {still:,} open; "
        f"{done:,} of {counted(len(apps), 'app')} done{rest}"
    )


def as_json(apps: Sequence[AppProgress], error_count: int = 0) -> str:
    """Return one object: the percentage, and the counts of each app; null for an app that could not be compared."""
    data = {
        "percent": percentage(apps, error_count),
        "same": sum(each.same for each in apps),
        "on_purpose": sum(each.on_purpose for each in apps),
        "open": sum(each.open for each in apps),
        "not_compared": sum(bool(each.fault) for each in apps),
        "apps": [_data(each) for each in apps],
    }
    return json_lines(data)


def _data(app: AppProgress) -> dict[str, Any]:
    known = not app.fault
    return {
        "environment": app.deployment.environment,
        "service": app.deployment.service,
        "app": app.app,
        "same": app.same if known else None,
        "on_purpose": app.on_purpose if known else None,
        "open": app.open if known else None,
        "percent": percentage([app]) if known else None,
        "fault": app.fault or None,
    }
