"""`envtree diff` on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.complete import complete_target
from envtree.cli.options import Color, ColorOption, Folder, Maximum, Quiet, Ref, Staged, revision_of
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.diff import run


class DiffFormat(StrEnum):
    """How differences are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A selector, REV:selector, REV..REV, dir:OUT, file:X.json or live:PID.",
            autocompletion=complete_target,
            show_default=False,
        ),
    ],
    after: Annotated[
        str | None,
        typer.Argument(
            metavar="[B]",
            help="The other side (the files, if left out); behind a range, a selector.",
            autocompletion=complete_target,
            show_default=False,
        ),
    ] = None,
    folder: Folder = Path(),
    ref: Ref = None,
    staged: Staged = False,
    output_format: Annotated[
        DiffFormat, typer.Option("--format", "-f", help="How differences are written.")
    ] = DiffFormat.TEXT,
    stat: Annotated[bool, typer.Option("--stat", help="Count them, a line a process.")] = False,
    name_only: Annotated[bool, typer.Option("--name-only", help="Only which variable of which process.")] = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show which processes get something else.

    What counts is the value that a process gets. A line that was edited is one entry, however many processes
    it changes. Exit code 1 if something differs, 2 if a process is invalid.

    \b
    Examples:
      envtree diff main..HEAD                               # what this branch changes
      envtree diff main...HEAD --format markdown            # for a comment on its review
      envtree diff HEAD:                                    # what is not committed
      envtree diff HEAD: :                                  # what is staged
      envtree diff staging/accounts production/accounts     # one environment against another
      envtree diff dir:/etc/envtree HEAD:                   # what a new build would change
      envtree diff live:4711 production/accounts/web        # is it running with what we say?
    """
    words = (before,) if after is None else (before, after)
    if stat and name_only:
        raise typer.BadParameter("`--stat` and `--name-only` are two answers; choose one")
    chosen = "stat" if stat else "name-only" if name_only else output_format
    return run(str(folder), words, chosen, maximum, color, revision_of(ref, staged), quiet=quiet)
