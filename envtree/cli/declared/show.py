"""`envtree show` on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Folder, Maximum, OneTarget, Quiet, Ref, Staged, revision_of
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.show import run


class ShowFormat(StrEnum):
    """How variables are written."""

    TABLE = "table"
    JSON = "json"
    DOTENV = "dotenv"
    SHELL = "shell"


def show(
    target: OneTarget,
    folder: Folder = Path(),
    ref: Ref = None,
    staged: Staged = False,
    output_format: Annotated[
        ShowFormat, typer.Option("--format", "-f", help="How variables are written.")
    ] = ShowFormat.TABLE,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show hidden values too.")] = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show what one process gets.

    Each variable comes with the line that won. A value is hidden if it is declared `Secret`, made of one,
    or declared nowhere.

    \b
    Examples:
      envtree show production/accounts/web
      envtree show production/accounts/web --format json
      envtree show production/accounts/web --ref HEAD~1
      envtree show review/accounts/web --format dotenv --reveal > .env
    """
    return run(str(folder), target, output_format, maximum, color, revision_of(ref, staged), reveal=reveal, quiet=quiet)
