"""`envtree init` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Quiet
from envtree.cli.verbs.init import run


def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to start the tree.")] = Path(),
    quiet: Quiet = False,
) -> int:
    """Start a new tree.

    Writes settings, one service, a schema and the pre-commit hook; overwrites nothing.

    \b
    Examples:
      envtree init            # here
      envtree init config     # in a folder of its own
    """
    return run(str(directory), quiet=quiet)
