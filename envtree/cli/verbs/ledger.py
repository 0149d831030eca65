"""`heroku status`: how far the migration is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import Waiting, painter, show_diagnostics
from envtree.cli.verbs import DEFAULT_MAX, NO, NO_ANSWER, OK
from envtree.core.heroku.ledger import as_json, as_text, ledger

if TYPE_CHECKING:
    from envtree.commands.heroku import Asked


def run(
    folder: str, asked: Asked, output_format: str = "table", maximum: int = DEFAULT_MAX, color: str = "auto"
) -> int:
    """Show the ledger; the exit code is that of the comparison."""
    from envtree.commands.heroku.comparing import compare_with_heroku

    with Waiting(sys.stderr) as waiting:
        compared = compare_with_heroku(folder, asked, waiting)
    standings = ledger(compared.comparison)
    sys.stdout.write(as_json(standings) if output_format == "json" else as_text(standings, painter(color, sys.stdout)))
    show_diagnostics((*compared.problems, *compared.comparison.unmet), compared.source, color, maximum)
    if not compared.is_whole:
        return NO_ANSWER
    return OK if compared.comparison.is_same else NO
