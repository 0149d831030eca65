"""A comparison with Heroku as a comment on a review: Markdown, no longer than a comment may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import errors
from envtree.core.render.markdown import code, fitting, row
from envtree.migration.comparing.comparison import SECTIONS
from envtree.migration.comparing.summary import summary
from envtree.migration.comparing.text import MARKS, UNSET, both_values, location_of, words

if TYPE_CHECKING:
    from envtree.migration.comparing.comparison import Difference, HerokuComparison
    from envtree.migration.comparing.text import ComparisonDisplay

TABLE, LISTS = 45_000, 15_000
"""Letters that each part may have: GitHub takes no comment of more than 65,536."""


def as_markdown(comparison: HerokuComparison, manner: ComparisonDisplay) -> str:
    """A table of what differs, and what could not be compared."""
    lines = [f"**envtree**: {summary(comparison)}"]
    processes = {each.cell: each.processes for each in comparison.tallies}
    listed = [each for each in comparison.differences if each.section in manner.listed]
    listed.sort(key=lambda each: (each.cell, SECTIONS.index(each.section)))
    if listed:
        lines += ["", "| | app | variable | on Heroku | ours | difference | line |", "|---|---|---|---|---|---|---|"]
        rows = (_row(each, processes[each.cell], manner) for each in listed)
        lines += fitting(rows, TABLE, "| | and {} more | | | | | |")
    if not comparison.is_whole:
        lines += ["", *_faults(comparison)]
    return "\n".join(lines) + "\n"


def _row(difference: Difference, processes: tuple[str, ...], manner: ComparisonDisplay) -> str:
    heroku, ours = (code(each or UNSET) for each in both_values(difference, manner))
    only = "" if difference.processes == processes else f"{', '.join(map(code, difference.processes))} only: "
    name, mark = code(difference.name), MARKS[difference.section]
    return row(
        (
            code(mark),
            code(str(difference.cell)),
            name,
            heroku,
            ours,
            only + words(difference, manner, code),
            _at(difference),
        )
    )


def _at(difference: Difference) -> str:
    return code(location_of(difference))


def _faults(comparison: HerokuComparison) -> list[str]:
    lines = [
        f"- :x: {code(str(each.cell))} ({code(each.app)}) could not be compared: {code(each.fault)}"
        for each in comparison.tallies
        if each.fault
    ]
    lines += (f"- :x: {code(each.message)}" for each in errors(comparison.problems))
    return fitting(lines, LISTS, "- and {} more")
