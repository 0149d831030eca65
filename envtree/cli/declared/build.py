"""`envtree build` on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Folder, Maximum, Quiet, Ref, Selectors, Staged, Verbose, revision_of
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.build import DEFAULT_KEEP, plan, run

Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT", help="The output folder; made if missing.", show_default=False)
]


def build(
    out: Out,
    selectors: Selectors = None,
    folder: Folder = Path(),
    ref: Ref = None,
    staged: Staged = False,
    keep: Annotated[
        int, typer.Option("--keep", min=1, metavar="N", help="Keep the newest N generations, and the one replaced.")
    ] = DEFAULT_KEEP,
    mode: Annotated[str, typer.Option("--mode", metavar="MODE", help="The mode of files, in octal.")] = "0600",
    owner: Annotated[
        str, typer.Option("--owner", metavar="USER[:GROUP]", help="Who owns the output.", show_default=False)
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Read back what is there, and write anew what is not as it was built.")
    ] = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Compile a tree into envdirs.

    OUT gets one generation, made current in one rename. Nothing is written while the tree has an error,
    and a build that is killed leaves OUT as it was.

    \b
    Examples:
      envtree build --out /etc/envtree
      envtree build --out /etc/envtree --dry-run
      envtree build --out /etc/envtree --ref v1.4
      envtree build production --out /etc/envtree --owner root:app --mode 0640
    """
    path, chosen, revision = os.path.normpath(out), tuple(selectors or ()), revision_of(ref, staged)
    if dry_run:
        return plan(str(folder), path, chosen, _mode(mode), owner, maximum, color, revision)
    return run(
        str(folder),
        path,
        chosen,
        keep,
        _mode(mode),
        owner,
        maximum,
        color,
        revision,
        quiet=quiet,
        verbose=verbose,
        read_back=repair,
    )


def _mode(text: str) -> int:
    """A mode that lets the owner read, and nobody else write."""
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if mode & ~0o644 or not mode & 0o400:
        message = f"`{text}` is no mode like 0600, 0640 or 0400: the owner reads, and no other writes"
        raise typer.BadParameter(message)
    return mode
