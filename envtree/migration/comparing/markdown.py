"""A comparison with Heroku as a comment on a review: Markdown, no longer than a comment may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import errors
from envtree.core.render.markdown import code, fitting, row
from envtree.migration.comparing.comparison import SECTIONS
from envtree.migration.comparing.summary import summary
from envtree.migration.comparing.text import MARKS, UNSET, both_values, describe, location_of

if TYPE_CHECKING:
    from envtree.migration.comparing.comparison import Difference, HerokuComparison
    from envtree.migration.comparing.text import ComparisonDisplay

TABLE, LISTS = 45_000, 15_000
"""Characters that each part may have: GitHub takes no comment of more than 65,536."""


def as_markdown(comparison: HerokuComparison, options: ComparisonDisplay) -> str:
    """Return a table of what differs, and a list of what could not be compared."""
    lines = [f"**envtree**: {summary(comparison)}"]
    processes = {each.deployment: each.processes for each in comparison.apps}
    listed = [each for each in comparison.differences if each.section in options.listed]
    listed.sort(key=lambda each: (each.deployment, SECTIONS.index(each.section)))
    if listed:
        lines += ["", "| | app | variable | on Heroku | ours | difference | line |", "|---|---|---|---|---|---|---|"]
        rows = (_row(each, processes[each.deployment], options) for each in listed)
        lines += fitting(rows, TABLE, "| | and {} more | | | | | |")
    if not comparison.is_complete:
        lines += ["", *_faults(comparison)]
    return "\n".join(lines) + "\n"


def _row(difference: Difference, processes: tuple[str, ...], options: ComparisonDisplay) -> str:
    heroku, ours = (code(each or UNSET) for each in both_values(difference, options))
    only = "" if difference.processes == processes else f"{', '.join(map(code, difference.processes))} only: "
    name, mark = code(difference.name), MARKS[difference.section]
    return row(
        (
            code(mark),
            code(str(difference.deployment)),
            name,
            heroku,
            ours,
            only + describe(difference, options, code),
            _at(difference),
        )
    )


def _at(difference: Difference) -> str:
    return code(location_of(difference))


def _faults(comparison: HerokuComparison) -> list[str]:
    lines = [
        f"- :x: {code(str(each.deployment))} ({code(each.app)}) could not be compared: {code(each.fault)}"
        for each in comparison.apps
        if each.fault
    ]
    lines += (f"- :x: {code(each.message)}" for each in errors(comparison.problems))
    return fitting(lines, LISTS, "- and {} more")
