"""`envtree validate` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import (
    Color,
    ColorOption,
    Folder,
    Maximum,
    Quiet,
    Ref,
    ReportFormat,
    Selectors,
    Staged,
    Verbose,
    revision_of,
)
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.validate import run


def validate(
    selectors: Selectors = None,
    folder: Folder = Path(),
    ref: Ref = None,
    staged: Staged = False,
    output_format: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How problems are written.")
    ] = ReportFormat.TEXT,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show every problem of a tree.

    Exit code 1 if there is an error, 0 if there is none; warnings are no errors.

    \b
    Examples:
      envtree validate                        # everything
      envtree validate production/accounts    # what these processes see
      envtree validate --format short         # file:line:column, for editors
      envtree validate --format github        # annotations in a workflow
      envtree validate --staged               # what would be committed
      envtree validate --ref main~3
    """
    return run(
        str(folder),
        tuple(selectors or ()),
        output_format,
        maximum,
        color,
        revision_of(ref, staged),
        quiet=quiet,
        verbose=verbose,
    )
