"""`heroku status`: how far the migration is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import Waiting, painter, show_diagnostics
from envtree.cli.verbs import ANSWERS, DEFAULT_MAX
from envtree.core.model.diagnostic import errors
from envtree.migration.comparing.progress import as_json, as_text, ledger

if TYPE_CHECKING:
    from envtree.migration.commands.read import HerokuQuery


def run(
    folder: str, asked: HerokuQuery, output_format: str = "table", maximum: int = DEFAULT_MAX, color: str = "auto"
) -> int:
    """Show the ledger; the exit code is that of the comparison."""
    from envtree.migration.commands.comparing import compare_with_heroku

    with Waiting(sys.stderr) as waiting:
        compared = compare_with_heroku(folder, asked, waiting)
    standings, wrong = ledger(compared.comparison), len(errors(compared.comparison.problems))
    if output_format == "json":
        sys.stdout.write(as_json(standings, wrong))
    else:
        sys.stdout.write(as_text(standings, painter(color, sys.stdout), wrong))
    show_diagnostics((*compared.comparison.problems, *compared.comparison.unmet), compared.source, color, maximum)
    return ANSWERS[compared.comparison.answer]
