"""`envtree verify` on the command line."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Maximum, OutArgument, Quiet
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.verify import run


def verify(
    out: OutArgument,
    generation: Annotated[
        str | None,
        typer.Option("--generation", metavar="NAME", help="Another one than the current.", show_default=False),
    ] = None,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Read an output back.

    Every name, byte, mode and link is held against the manifest; exit code 1 if one differs.

    \b
    Examples:
      envtree verify /etc/envtree
    """
    return run(os.path.normpath(out), generation, maximum, color, quiet=quiet)
