"""A comparison as a comment on a review: Markdown, the processes folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import some
from envtree.core.render.markdown import code, fitting, row
from envtree.review.diff.text import MARKS, both_words, difference_words, location_of, sight, summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.review.diff.comparison import Change, Pair
    from envtree.review.diff.text import DiffReport

LISTED = 60
"""Processes that are named in one list."""
TABLE, LISTS, EDITS = 30_000, 15_000, 5_000
"""Letters that each part may have: GitHub takes no comment of more than 65,536."""


def as_markdown(told: DiffReport, before: str, after: str) -> str:
    """A comment for a review: a table of changes, the processes folded away, no longer than a comment may be."""
    comparison = told.comparison
    lines = [f"**envtree**: {summary(told)} ({code(before)} to {code(after)})", ""]
    if comparison.changes:
        lines += ["| | variable | before | after | processes | line |", "|---|---|---|---|---|---|"]
        rows = (each for change in comparison.changes for each in _rows(change, told))
        lines += fitting(rows, TABLE, "| | and {} more | | | | |")
        lines += ["", "<details><summary>Which processes</summary>", ""]
        lines += fitting(_lists(comparison.changes), LISTS, "- and {} more")
        lines += ["", "</details>"]
    for words, targets in (
        ("new", [target for target, _ in comparison.added]),
        ("gone", [target for target, _ in comparison.removed]),
        (":x: becomes invalid", told.broken),
        (":x: is invalid, before and after" if told.is_history else ":x: is invalid", told.invalid),
        (":white_check_mark: becomes valid", told.mended),
    ):
        if targets:
            lines += ["", f"{words}: {_named(targets)}"]
    edits = (
        f"{code(idle.edit.name)} at {code(location_of(idle))} changes nothing: {sight(idle)}"
        for idle in comparison.idle
    )
    lines += (line for edit in fitting(edits, EDITS, "and {} more that change nothing") for line in ("", edit))
    return "\n".join(lines).rstrip("\n") + "\n"


def _lists(changes: Iterable[Change]) -> Iterator[str]:
    """The processes of each change; the variables that differ for the same ones in one list."""
    alike: dict[tuple[Pair, ...], dict[str, None]] = {}
    for change in changes:
        alike.setdefault(change.pairs, {})[code(change.name)] = None
    return (f"- {', '.join(names)}: {_named(pairs)}" for pairs, names in alike.items())


def _named(targets: Iterable[object]) -> str:
    return some((code(str(each)) for each in targets), LISTED)


def _rows(change: Change, told: DiffReport) -> Iterator[str]:
    entry = change.cause.entry
    place = code(f"{entry.file}:{entry.line}") if entry else ""
    if change.cause.through:
        place += f" through {', '.join(map(code, change.cause.through))}"
    if change.shadowed:
        place += f" (shadowed in {len(change.shadowed):,})"
    front = [MARKS[change.kind], code(change.name)]
    for each in change.transitions:
        before, after = map(code, both_words(change, each, told.key))
        cells = (*front, before, after + difference_words(change, each), f"{len(each.pairs):,}", place)
        yield row(cells)
        front, place = ["", ""], ""
