"""`envtree import heroku` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Folder, Maximum, Quiet, Skip, Snapshot, Team, Timeout, asked
from envtree.cli.verbs import DEFAULT_MAX


def import_heroku(
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be done.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write, also into a tree that has content.")] = False,
    snapshot: Snapshot = None,
    skip: Skip = None,
    team: Team = "",
    timeout: Timeout = 300.0,
    folder: Folder = Path(),
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Write a tree that gives every process what its Heroku app has.

    Each app becomes a service in an environment: by the table, pattern or pipelines that envtree.yaml names, else by
    its pipeline or its name. What is to be written is compiled and compared, byte for byte, before it is. Into a tree
    that has content, nothing is written without --write. Nothing on Heroku is changed.

    \b
    Examples:
      export HEROKU_API_KEY=$(heroku auth:token)
      envtree import heroku --plan                      # where each app goes, and what would be written
      envtree import heroku -C configuration
      envtree import heroku --snapshot ../fleet.json    # without the network
    """
    from envtree.cli.verbs import importing as verb

    if plan and write:
        raise typer.BadParameter("`--plan` writes nothing; leave out one of the two")
    run = verb.plan if plan else verb.write if write else verb.run
    return run(str(folder), asked(snapshot, team, timeout, skip), maximum, color, quiet=quiet)
