"""`envtree rollback` on the command line."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from envtree.cli.options import OutArgument, Quiet
from envtree.cli.verbs.rollback import run


def rollback(
    out: OutArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="NAME", help="A generation, by the start of its name.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> int:
    """Go back to the generation before.

    \b
    Examples:
      envtree rollback /etc/envtree
      envtree rollback /etc/envtree --to 3f9ac2
    """
    return run(os.path.normpath(out), to, quiet=quiet)
