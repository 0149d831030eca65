"""`envtree schema` on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Folder, Maximum, Quiet, Ref, Staged, revision_of
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.schema import check, run


def schema(
    folder: Folder = Path(),
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="OUT", help="Another folder than .envtree/schema.", show_default=False),
    ] = None,
    is_check: Annotated[
        bool, typer.Option("--check", help="Show what is not up to date; write nothing. Exit code 1 if anything is.")
    ] = False,
    ref: Ref = None,
    staged: Staged = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Write JSON Schemas for editors.

    Each layer file gets one, below the tree in .envtree/schema, by which the YAML language server
    completes names, shows what they are for, and marks what can't be right.

    \b
    Examples:
      envtree schema            # after a change in schemas/ or envtree.yaml
      envtree schema --check    # in CI, where they are kept in git
    """
    path = None if out is None else os.path.normpath(out)
    act = check if is_check else run
    return act(str(folder), path, maximum, color, revision_of(ref, staged), quiet=quiet)
