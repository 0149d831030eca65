"""`envtree heroku status` on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Folder, Maximum, Skip, Snapshot, Team, Timeout, asked
from envtree.cli.verbs import DEFAULT_MAX


class LedgerFormat(StrEnum):
    """How the ledger is written."""

    TABLE = "table"
    JSON = "json"


def heroku_status(
    snapshot: Snapshot = None,
    output_format: Annotated[
        LedgerFormat, typer.Option("--format", "-f", help="How the ledger is written.")
    ] = LedgerFormat.TABLE,
    skip: Skip = None,
    team: Team = "",
    timeout: Timeout = 300.0,
    folder: Folder = Path(),
    maximum: Maximum = DEFAULT_MAX,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show how far the migration is: per app what is the same, changed on purpose, and open.

    Exit codes as for `envtree diff heroku`.

    \b
    Examples:
      envtree heroku status
      envtree heroku status --snapshot ~/fleet.json --format json
    """
    from envtree.cli.verbs.ledger import run

    return run(str(folder), asked(snapshot, team, timeout, skip), output_format, maximum, color)
