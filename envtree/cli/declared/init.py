"""`envtree init` on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Quiet
from envtree.cli.verbs.init import run, run_boot

DEFAULT_OUT = "/etc/envtree"


def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to start the tree.")] = Path(),
    boot: Annotated[
        bool, typer.Option("--boot", help="Write DIR/boot instead: a unit of systemd and a service of runit.")
    ] = False,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="OUT", help=f"Where the machines have the output [{DEFAULT_OUT}]."),
    ] = None,
    quiet: Quiet = False,
) -> int:
    """Start a new tree, or write what boots a machine.

    Writes settings, one service, a schema and the pre-commit hook; overwrites nothing. With --boot, it writes what
    runs `envtree boot` when a machine starts, and `envtree down` when it stops.

    \b
    Examples:
      envtree init            # here
      envtree init config     # in a folder of its own
      envtree init --boot     # boot/systemd and boot/runit
    """
    if not boot:
        if out is not None:
            raise typer.BadParameter("a tree has no output yet; leave out `--out`, or add `--boot`")
        return run(str(directory), quiet=quiet)
    where = os.path.normpath(DEFAULT_OUT if out is None else out)
    if not where.startswith("/") or not where.isprintable():
        raise typer.BadParameter("`--out` must be the whole path on the machines, such as /etc/envtree")
    return run_boot(str(directory), where, quiet=quiet)
