"""The progress of a migration as a table with a sentence below it, and as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.mask import json_lines, one_line
from envtree.migration.comparing.progress import percentage, total
from envtree.migration.comparing.summary import incomplete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from envtree.migration.comparing.progress import AppProgress, ProgressCounts

    Paint = Callable[[str, str], str]

_NUMBERS = {
    "same": "SAME",
    "on_purpose": "ON PURPOSE",
    "open": "OPEN",
    "not_carried": "NOT CARRIED",
    "at_addons": "AT ADD-ONS",
    "in_clear": "IN CLEAR",
    "unconfirmed": "UNCONFIRMED",
}
_ALWAYS = frozenset(("same", "on_purpose", "open"))
"""The columns that a table has in any case; the others, where they count something."""
_NO_DEPLOYMENT = "-"


def as_text(apps: Sequence[AppProgress], paint: Paint = plain, error_count: int = 0) -> str:
    """Return a table of the apps, and a sentence about all of them."""
    counts = total(apps)._asdict()
    columns = [each for each in _NUMBERS if each in _ALWAYS or counts[each]]
    head = ("SERVICE", "APP", *(_NUMBERS[each] for each in columns), "DONE")
    rows = [head, *(_row(each, columns) for each in apps)]
    widths = [
        max((len(row[column]) for row in rows if column < len(row) - 1), default=0) for column in range(len(head) - 1)
    ]
    roles = ["message", *(_role(each) for each in apps)]
    lines = [paint(role, _line(row, widths)) for role, row in zip(roles, rows, strict=True)]
    return "".join(f"{line}\n" for line in (*lines, "", summary(apps, error_count)))


def _role(app: AppProgress) -> str:
    return "error" if app.fault else "good" if app.is_done else "faint" if app.skipped else "changed"


def _row(app: AppProgress, columns: Sequence[str]) -> tuple[str, ...]:
    front = (str(app.deployment or _NO_DEPLOYMENT), one_line(app.app))
    if app.skipped:
        return *front, f"skipped: {one_line(app.skipped)}"
    if app.fault:
        return *front, f"could not be compared: {one_line(app.fault)}"
    counts = app.counts._asdict()
    unknown = "" if app.addons_known else "  add-ons not known"
    unknown += "" if app.processes_known else "  processes not known"
    return *front, *(f"{counts[each]:,}" for each in columns), f"{percentage([app])}%{unknown}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row: names to the left, numbers to the right; the last column takes the room that it needs."""
    names = [f"{text:<{width}}" for text, width in zip(row[:2], widths, strict=False)]
    numbers = [f"{text:>{width}}" for text, width in zip(row[2:-1], widths[2:], strict=False)]
    return "  ".join((*names, *numbers, f"{row[-1]:>4}"))


def summary(apps: Sequence[AppProgress], error_count: int = 0) -> str:
    """Return the progress of all apps in one sentence."""
    if not apps:
        return f"there is no app to compare{incomplete(error_count)}"
    counts = total(apps)
    faults, skipped = (
        sum(bool(found) for found in each) for each in zip(*((a.fault, a.skipped) for a in apps), strict=True)
    )
    done = sum(each.is_done for each in apps)
    rest = "".join(
        f"; {text}"
        for text in (
            f"{counted(faults, 'app')} could not be compared" if faults else "",
            f"{counted(skipped, 'app')} skipped" if skipped else "",
        )
        if text
    )
    return (
        f"{percentage(apps, error_count)}% done: of {counted(counts.variables, 'variable')}, "
        f"{', '.join(_of_variables(counts))}; {done:,} of {counted(len(apps), 'app')} done"
        f"{_of_processes(counts)}{rest}{incomplete(error_count)}"
    )


def _of_variables(counts: ProgressCounts) -> Iterator[str]:
    yield f"{counts.same:,} the same"
    yield f"{counts.on_purpose:,} changed on purpose"
    yield f"{counts.open:,} open"
    if counts.not_carried:
        yield f"{counts.not_carried:,} not carried"
    if counts.at_addons:
        yield f"{counts.at_addons:,} still at a Heroku add-on"
    if counts.in_clear:
        yield f"{counted(counts.in_clear, 'secret')} in clear"


def _of_processes(counts: ProgressCounts) -> str:
    number = counts.confirmed + counts.unconfirmed
    return (
        f"; {counts.unconfirmed:,} of {counted(number, 'process', 'processes')} never confirmed"
        if counts.unconfirmed
        else ""
    )


def as_json(apps: Sequence[AppProgress], error_count: int = 0) -> str:
    """Return one object: the percentage, and the counts of each app; null for an app that could not be compared."""
    counts = total(apps)
    data = {
        "percent": percentage(apps, error_count),
        **_counts(counts),
        "not_compared": sum(bool(each.fault) for each in apps),
        "skipped": sum(bool(each.skipped) for each in apps),
        "apps": [_data(each) for each in apps],
    }
    return json_lines(data)


def _counts(counts: ProgressCounts) -> dict[str, int]:
    return {name: number for name, number in counts._asdict().items() if name in _NUMBERS}


def _data(app: AppProgress) -> dict[str, Any]:
    known = not (app.fault or app.skipped)
    return {
        "environment": app.deployment.environment if app.deployment else None,
        "service": app.deployment.service if app.deployment else None,
        "app": app.app,
        **{name: number if known else None for name, number in _counts(app.counts).items()},
        "addons_known": app.addons_known if known else None,
        "processes_known": app.processes_known if known else None,
        "percent": percentage([app]) if known else None,
        "done": app.is_done,
        "fault": app.fault or None,
        "skipped": app.skipped or None,
    }
