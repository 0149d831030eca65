"""`envtree explain` on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.complete import complete_name
from envtree.cli.options import Color, ColorOption, Folder, OneTarget, Quiet, Ref, Staged, revision_of
from envtree.cli.verbs.explain import run


class ExplainFormat(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"


def explain(
    target: OneTarget,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A variable.", autocompletion=complete_name, show_default=False),
    ],
    folder: Folder = Path(),
    ref: Ref = None,
    staged: Staged = False,
    no_blame: Annotated[bool, typer.Option("--no-blame", help="Don't ask git who wrote each line.")] = False,
    output_format: Annotated[
        ExplainFormat, typer.Option("--format", "-f", help="How it is written.")
    ] = ExplainFormat.TEXT,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show hidden values too.")] = False,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Explain why a process has the value it has.

    Each layer in line is shown, widest first, with its line and the commit that wrote it, and the rule of the schema.
    A tree that is invalid, here or elsewhere, is explained as well.

    \b
    Examples:
      envtree explain production/accounts/web LOG_LEVEL
      envtree explain production/accounts/web DATABASE_URL --ref v1.4
      envtree explain production/accounts/web LOG_LEVEL --no-blame --format json
    """
    return run(
        str(folder),
        target,
        name,
        output_format,
        color,
        revision_of(ref, staged),
        blame=not no_blame,
        reveal=reveal,
        quiet=quiet,
    )
