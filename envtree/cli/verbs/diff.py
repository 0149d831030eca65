"""`diff`: in what two sides differ, in the form asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import painter, show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, NO, NO_ANSWER, OK
from envtree.core.model.diagnostic import some
from envtree.core.model.source import WORKTREE
from envtree.core.render.mask import one_line
from envtree.review.diff import text as report

if TYPE_CHECKING:
    from envtree.review.commands.diff import Diffed


def run(
    folder: str,
    words: tuple[str, ...],
    output_format: str = "text",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
) -> int:
    """Compare two sides: the answer is no if a process gets something else, and there is none if one is invalid."""
    from envtree.review.commands.diff import diff

    diffed = diff(folder, words, revision)
    told = diffed.told
    sys.stdout.write(_formatted(output_format, diffed, color))
    for source, diagnostics in diffed.problems:
        show_diagnostics(diagnostics, source, color, maximum)
    if not quiet:
        if diffed.foreign:
            names = one_line(some(diffed.foreign))
            tell(f"not compared: {len(diffed.foreign)} that the tree doesn't know: {names}")
        tell(report.summary(told))
    if diffed.problems:
        return NO_ANSWER
    return OK if told.comparison.is_empty else NO


def _formatted(output_format: str, diffed: Diffed, color: str) -> str:
    told = diffed.told
    if output_format == "stat":
        return report.as_stat(told)
    if output_format == "name-only":
        return report.as_names(told)
    if output_format == "json":
        from envtree.review.diff.json import as_json

        return as_json(told, diffed.before, diffed.after)
    if output_format == "markdown":
        from envtree.review.diff.markdown import as_markdown

        return as_markdown(told, diffed.before, diffed.after)
    return report.as_text(told, painter(color, sys.stdout))
