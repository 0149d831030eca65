"""How far the way off Heroku is: for each app, what is the same, changed on purpose, and still open."""

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
    """The variables of an app, counted; `fault` says why they could not be."""

    cell: Deployment
    app: str
    same: int
    purposed: int
    """They differ as expected."""
    open: int
    fault: str = ""


def ledger(comparison: HerokuComparison) -> tuple[AppProgress, ...]:
    """How each app stands."""
    names: dict[tuple[Deployment, bool], set[str]] = {}
    for each in comparison.differences:
        names.setdefault((each.cell, each.section == "expected"), set()).add(each.name)
    return tuple(
        AppProgress(
            each.cell,
            each.app,
            each.same,
            len(names.get((each.cell, True), ())),
            len(names.get((each.cell, False), ())),
            each.fault,
        )
        for each in comparison.tallies
    )


def percentage(standings: Sequence[AppProgress], wrong: int = 0) -> int:
    """How much is done, in whole percent; 100 only where nothing is open, and every app could be compared.

    `wrong` errors keep apps from being among these.
    """
    done = sum(each.same + each.purposed for each in standings)
    total = done + sum(each.open for each in standings)
    percent = 100 * done // total if total else 100
    return min(percent, 99) if wrong or any(each.fault for each in standings) else percent


def as_text(standings: Sequence[AppProgress], paint: Paint = plain, wrong: int = 0) -> str:
    """A table of the apps, and all of them in one line."""
    rows = [_HEAD, *(_row(each) for each in standings)]
    widths = [max(len(row[column]) for row in rows if column < len(row) - 1) for column in range(len(_HEAD) - 1)]
    roles = ["message", *("error" if each.fault else "changed" if each.open else "good" for each in standings)]
    lines = [paint(role, _line(row, widths)) for role, row in zip(roles, rows, strict=True)]
    return "".join(f"{line}\n" for line in (*lines, "", summary(standings, wrong)))


def _row(standing: AppProgress) -> tuple[str, ...]:
    front = (str(standing.cell), one_line(standing.app))
    if standing.fault:
        return *front, f"could not be compared: {one_line(standing.fault)}"
    counts = (standing.same, standing.purposed, standing.open)
    return *front, *(f"{each:,}" for each in counts), f"{percentage([standing])}%"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Names to the left, numbers to the right; the last column takes the room that it needs."""
    names = [f"{text:<{width}}" for text, width in zip(row[:2], widths, strict=False)]
    numbers = [f"{text:>{width}}" for text, width in zip(row[2:-1], widths[2:], strict=False)]
    return "  ".join((*names, *numbers, f"{row[-1]:>4}"))


def summary(standings: Sequence[AppProgress], wrong: int = 0) -> str:
    """All apps in one sentence."""
    if not standings:
        return f"there is no app to compare{incomplete(wrong)}"
    same, purposed, still = (sum(counts) for counts in zip(*(each[2:5] for each in standings), strict=True))
    done = sum(not each.open and not each.fault for each in standings)
    faults = sum(bool(each.fault) for each in standings)
    rest = (f"; {counted(faults, 'app')} could not be compared" if faults else "") + incomplete(wrong)
    return (
        f"{percentage(standings, wrong)}% done: of {counted(same + purposed + still, 'variable')}, {same:,} the same, "
        f"{purposed:,} changed on purpose, {still:,} open; {done:,} of {counted(len(standings), 'app')} done{rest}"
    )


def as_json(standings: Sequence[AppProgress], wrong: int = 0) -> str:
    """One object: the percentage, and the counts of each app; null where it could not be compared."""
    data = {
        "percent": percentage(standings, wrong),
        "same": sum(each.same for each in standings),
        "on_purpose": sum(each.purposed for each in standings),
        "open": sum(each.open for each in standings),
        "not_compared": sum(bool(each.fault) for each in standings),
        "apps": [_data(each) for each in standings],
    }
    return json_lines(data)


def _data(standing: AppProgress) -> dict[str, Any]:
    known = not standing.fault
    return {
        "environment": standing.cell.environment,
        "service": standing.cell.service,
        "app": standing.app,
        "same": standing.same if known else None,
        "on_purpose": standing.purposed if known else None,
        "open": standing.open if known else None,
        "percent": percentage([standing]) if known else None,
        "fault": standing.fault or None,
    }
