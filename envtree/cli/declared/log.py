"""`envtree log` on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Folder, OneTarget, Quiet, Ref, revision_of
from envtree.cli.verbs.log import run


class LogFormat(StrEnum):
    """How commits are written."""

    TEXT = "text"
    JSON = "json"


def log(
    target: OneTarget,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One variable.", show_default=False)] = "",
    folder: Folder = Path(),
    ref: Ref = None,
    number: Annotated[
        int, typer.Option("-n", "--max-count", min=0, metavar="N", help="Show the newest N commits (0: all).")
    ] = 0,
    since: Annotated[
        str,
        typer.Option("--since", metavar="DATE", help="Leave out what is older, as `git log` does.", show_default=False),
    ] = "",
    output_format: Annotated[
        LogFormat, typer.Option("--format", "-f", help="How commits are written.")
    ] = LogFormat.TEXT,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show hidden values too.")] = False,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show when what one process gets has changed.

    The commits at which a resolved value changed, the newest first, whichever layer, schema or setting did it, and
    those at which it became invalid, or valid again.

    \b
    Examples:
      envtree log production/accounts/web
      envtree log production/accounts/web LOG_LEVEL
      envtree log production/accounts/web -n 5 --since '2 weeks ago'
      envtree log production/accounts/web --ref main --format json
    """
    return run(
        str(folder),
        target,
        name,
        output_format,
        number,
        since,
        color,
        revision_of(ref, staged=False),
        reveal=reveal,
        quiet=quiet,
    )
