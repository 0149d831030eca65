"""`diff heroku`: in what the apps and the tree differ, in the form asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import Waiting, painter, show_diagnostics, tell
from envtree.cli.verbs import ANSWERS, DEFAULT_MAX
from envtree.core.model.diagnostic import some
from envtree.core.model.source import WORKTREE
from envtree.migration.comparing.summary import summary
from envtree.migration.comparing.text import ALL, BUT_OWNED, ComparisonDisplay, as_text

if TYPE_CHECKING:
    from envtree.migration.commands.read import HerokuQuery
    from envtree.migration.comparing.comparison import HerokuComparison

KEY = 16
"""Bytes of the key that fingerprints are made with."""


def run(
    folder: str,
    asked: HerokuQuery,
    selectors: tuple[str, ...] = (),
    base: str = "",
    run_time: str = "",
    reveal: str = "",
    output_format: str = "table",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    owned: bool = False,
    quiet: bool = False,
) -> int:
    """Compare: the answer is no if a process gets something else, and there is none if one app couldn't be compared."""
    from envtree.migration.commands.comparing import compare_with_heroku

    with Waiting(sys.stderr) as waiting:
        compared = compare_with_heroku(folder, asked, waiting, selectors, base, run_time, revision)
    manner = ComparisonDisplay(os.urandom(KEY), reveal, ALL if owned else BUT_OWNED, compared.imported)
    sys.stdout.write(_formatted(output_format, compared.comparison, manner, color))
    show_diagnostics((*compared.comparison.problems, *compared.comparison.unmet), compared.source, color, maximum)
    if not quiet:
        if compared.skipped:
            tell(f"skipped, as asked: {some(compared.skipped, 6)}")
        if compared.apart:
            tell(f"not on Heroku, so not compared: {some(compared.apart, 6)}")
        tell(summary(compared.comparison))
    return ANSWERS[compared.comparison.answer]


def _formatted(output_format: str, comparison: HerokuComparison, manner: ComparisonDisplay, color: str) -> str:
    if output_format == "json":
        from envtree.migration.comparing.json import as_json

        return as_json(comparison, manner.reveal)
    if output_format == "markdown":
        from envtree.migration.comparing.markdown import as_markdown

        return as_markdown(comparison, manner)
    return as_text(comparison, manner, painter(color, sys.stdout))
