"""`envtree diff heroku` on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.complete import complete_target
from envtree.cli.options import (
    Color,
    ColorOption,
    Folder,
    Maximum,
    Quiet,
    Ref,
    Skip,
    Snapshot,
    Staged,
    Team,
    Timeout,
    asked,
    revision_of,
)
from envtree.cli.verbs import DEFAULT_MAX


class HerokuFormat(StrEnum):
    """How differences from Heroku are written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


def diff_heroku(
    selectors: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SELECTOR]...",
            help="Parts of the tree: production, production/accounts, '*/accounts'.",
            autocompletion=complete_target,
            show_default=False,
        ),
    ] = None,
    snapshot: Snapshot = None,
    base: Annotated[
        Path | None,
        typer.Option(
            "--base", metavar="PATH", help="An older snapshot: tell who changed what since.", show_default=False
        ),
    ] = None,
    run_time: Annotated[
        Path | None,
        typer.Option(
            "--runtime", metavar="FILE", help="What `env -0` printed in a dyno of one app.", show_default=False
        ),
    ] = None,
    reveal: Annotated[
        str, typer.Option("--reveal", metavar="NAME", help="Show the values of this one variable.", show_default=False)
    ] = "",
    owned: Annotated[bool, typer.Option("--owned", help="List those that add-ons set and that differ.")] = False,
    output_format: Annotated[
        HerokuFormat, typer.Option("--format", "-f", help="How differences are written.")
    ] = HerokuFormat.TABLE,
    skip: Skip = None,
    team: Team = "",
    timeout: Timeout = 300.0,
    folder: Folder = Path(),
    ref: Ref = None,
    staged: Staged = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show in what the tree and the Heroku apps differ.

    What counts is what a process gets. Values are masked: their length, a fingerprint and the kind of difference are
    shown. Exit code 0: the same; 1: something differs that is not expected to; 2: an app couldn't be compared.

    \b
    Examples:
      envtree diff heroku
      envtree diff heroku production/accounts --reveal LOG_FORMAT
      envtree diff heroku --snapshot ~/fleet.json --base ~/fleet-in-june.json
      heroku run --no-tty -a acme-accounts 'env -0' > dyno; envtree diff heroku production/accounts --runtime dyno
    """
    from envtree.cli.verbs.diffheroku import run

    return run(
        str(folder),
        asked(snapshot, team, timeout, skip),
        tuple(selectors or ()),
        "" if base is None else str(base),
        "" if run_time is None else str(run_time),
        reveal,
        output_format,
        maximum,
        color,
        revision_of(ref, staged),
        owned=owned,
        quiet=quiet,
    )
