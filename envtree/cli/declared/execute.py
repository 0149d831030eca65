"""`envtree exec` on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from envtree.cli.options import (
    BuiltOut,
    Color,
    ColorOption,
    Maximum,
    OneTarget,
    Quiet,
    Ref,
    Staged,
    TreeFolder,
    output_of,
    revision_of,
)
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.execute import run


def execute(
    target: OneTarget,
    words: Annotated[
        list[str],
        typer.Argument(metavar="-- CMD...", help="The command, with options of its own.", show_default=False),
    ],
    folder: TreeFolder = None,
    ref: Ref = None,
    staged: Staged = False,
    out: BuiltOut = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="NAME", help="Keep a variable of this shell; may be repeated.", show_default=False
        ),
    ] = None,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Run a command with exactly what one process gets.

    Nothing of this shell's environment is there but what --keep names. The command takes the place of envtree:
    signals, terminal and exit code are its own. Exit code 111 if it can't be started.

    \b
    Examples:
      envtree exec production/accounts/web -- bundle exec rails console
      envtree exec review/accounts/web --keep TERM --keep HOME -- bash
      envtree exec production/accounts/web --ref v1.4 -- env
      envtree exec production/accounts/web --out /etc/envtree -- bin/migrate
    """
    for name in keep or ():
        if not name or "=" in name or "\0" in name:
            raise typer.BadParameter("`--keep` takes the name of a variable; its value is this shell's")
    place = output_of(out, folder, ref, staged)
    return run(
        str(folder or "."), target, words, keep or (), place, maximum, color, revision_of(ref, staged), quiet=quiet
    )
