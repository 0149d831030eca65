"""`envtree status` and `envtree down` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Quiet, Runtime
from envtree.core.runit.defaults import RUNTIME


def status(
    runtime: Runtime = Path(RUNTIME),
    json: Annotated[bool, typer.Option("--json", help="All of it, for a program.")] = False,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show what runs on this machine.

    Each process with its state, and whether its live environment is what the output says now. Exit code 1 when
    something is down, not ready, restarting or stale.

    \b
    Examples:
      envtree status
      envtree status --json
    """
    from envtree.cli.verbs.machine import look

    return look(str(runtime), color, json=json, quiet=quiet)


def down(runtime: Runtime = Path(RUNTIME), quiet: Quiet = False) -> int:
    """Stop everything.

    Each process gets what it asks for before it stops, its signal and its time; what is left is killed, and said:
    exit code 1. The machine is then as before `boot`, but for the logs.

    \b
    Examples:
      envtree down
    """
    from envtree.cli.verbs.machine import bring_down

    return bring_down(str(runtime), quiet=quiet)
