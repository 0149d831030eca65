"""A comparison as Markdown for a comment on a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import some
from envtree.core.render.markdown import code, fitting, row
from envtree.review.diff.text import MARKS, both_words, difference_words, location_of, no_effect_reason, summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.review.diff.comparison import Change, Pair
    from envtree.review.diff.text import DiffReport

LISTED = 60
"""Processes that one list names."""
TABLE, LISTS, EDITS = 30_000, 15_000, 5_000
"""Characters that each part may have: GitHub accepts comments of up to 65,536."""


def as_markdown(report: DiffReport, before: str, after: str) -> str:
    """Return a table of changes, with the processes folded, not longer than a comment may be."""
    comparison = report.comparison
    lines = [f"**envtree**: {summary(report)} ({code(before)} to {code(after)})", ""]
    if comparison.changes:
        lines += ["| | variable | before | after | processes | line |", "|---|---|---|---|---|---|"]
        rows = (each for change in comparison.changes for each in _rows(change, report))
        lines += fitting(rows, TABLE, "| | and {} more | | | | |")
        lines += ["", "<details><summary>Which processes</summary>", ""]
        lines += fitting(_lists(comparison.changes), LISTS, "- and {} more")
        lines += ["", "</details>"]
    for words, targets in (
        ("new", [target for target, _ in comparison.added]),
        ("gone", [target for target, _ in comparison.removed]),
        (":x: becomes invalid", report.newly_invalid),
        (":x: is invalid, before and after" if report.is_history else ":x: is invalid", report.invalid),
        (":white_check_mark: becomes valid", report.newly_valid),
    ):
        if targets:
            lines += ["", f"{words}: {_named(targets)}"]
    edits = (
        f"{code(no_effect.edit.name)} at {code(location_of(no_effect))} changes nothing: {no_effect_reason(no_effect)}"
        for no_effect in comparison.without_effect
    )
    lines += (line for edit in fitting(edits, EDITS, "and {} more that change nothing") for line in ("", edit))
    return "\n".join(lines).rstrip("\n") + "\n"


def _lists(changes: Iterable[Change]) -> Iterator[str]:
    """Yield the processes of each change; variables that differ for the same processes share a list."""
    alike: dict[tuple[Pair, ...], dict[str, None]] = {}
    for change in changes:
        alike.setdefault(change.pairs, {})[code(change.name)] = None
    return (f"- {', '.join(names)}: {_named(pairs)}" for pairs, names in alike.items())


def _named(targets: Iterable[object]) -> str:
    return some((code(str(each)) for each in targets), LISTED)


def _rows(change: Change, report: DiffReport) -> Iterator[str]:
    entry = change.cause.entry
    location = code(f"{entry.file}:{entry.line}") if entry else ""
    if change.cause.through:
        location += f" through {', '.join(map(code, change.cause.through))}"
    if change.shadowed:
        location += f" (shadowed in {len(change.shadowed):,})"
    front = [MARKS[change.kind], code(change.name)]
    for each in change.transitions:
        before, after = map(code, both_words(change, each, report.key))
        cells = (*front, before, after + difference_words(change, each), f"{len(each.pairs):,}", location)
        yield row(cells)
        front, location = ["", ""], ""
