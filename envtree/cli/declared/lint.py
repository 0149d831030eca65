"""`envtree lint` on the command line."""

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
    revision_of,
)
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.lint import fix as mend
from envtree.cli.verbs.lint import run


def lint(
    selectors: Selectors = None,
    fix: Annotated[bool, typer.Option("--fix", help="Remove the lines that change nothing.")] = False,
    folder: Folder = Path(),
    ref: Ref = None,
    staged: Staged = False,
    output_format: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How findings are written.")
    ] = ReportFormat.TEXT,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show what a valid tree could do without, or should not hold.

    Lines that repeat what they inherit, values that all siblings repeat, lines that no process sees, and secrets in
    the clear. Exit code 1 if something is found.

    \b
    Examples:
      envtree lint
      envtree lint production/accounts    # the lines that these processes see
      envtree lint --fix                  # remove what repeats; every process gets the same as before
    """
    return (mend if fix else run)(
        str(folder), tuple(selectors or ()), output_format, maximum, color, revision_of(ref, staged), quiet=quiet
    )
