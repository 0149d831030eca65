"""`heroku snapshot`: what was saved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import Waiting, show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, NO_ANSWER, OK
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.migration.commands.read import HerokuQuery


def run(
    folder: str, file: str, asked: HerokuQuery, maximum: int = DEFAULT_MAX, color: str = "auto", *, quiet: bool = False
) -> int:
    """Save a snapshot; there is no answer for an app that can't be read, though the rest is saved."""
    from envtree.migration.commands.snapshot import take

    with Waiting(sys.stderr) as waiting:
        fleet, unread = take(folder, file, asked, waiting)
    show_diagnostics(unread, None, color, maximum)
    if not quiet:
        read = [app for app in fleet.apps if app.values is not None]
        variables = sum(len(app.values or ()) for app in read)
        tell(f"saved {counted(variables, 'config var')} of {counted(len(read), 'app')} in {file}")
        tell("it holds them in clear: remove it when it has served")
    return NO_ANSWER if unread else OK
