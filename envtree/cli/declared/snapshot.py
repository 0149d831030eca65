"""`envtree heroku snapshot` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Folder, Maximum, Quiet, Skip, Team, Timeout, asked
from envtree.cli.verbs import DEFAULT_MAX


def heroku_snapshot(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new file, outside of any repository.", show_default=False)
    ],
    skip: Skip = None,
    team: Team = "",
    timeout: Timeout = 300.0,
    folder: Folder = Path(),
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Save what import and diff need to know of the apps.

    The file holds every value in clear, secrets among them. Only its owner can read it, and it is not written where a
    commit could take it up. Nothing on Heroku is changed.

    \b
    Examples:
      envtree heroku snapshot ~/fleet.json
      envtree import heroku --snapshot ~/fleet.json
    """
    from envtree.cli.verbs.snapshot import run

    return run(str(folder), str(file), asked(None, team, timeout, skip), maximum, color, quiet=quiet)
