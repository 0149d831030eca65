"""`heroku snapshot`: what import and diff need to know of the apps, saved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO_ANSWER, OK
from envtree.cli.terminal import Waiting
from envtree.core.model.diagnostic import errors
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import ApiOptions, FolderOptions, ProblemDisplay
    from envtree.cli.wing_options import SnapshotFile


def heroku_snapshot(
    file: SnapshotFile,
    *,
    api: ApiOptions,
    tree: FolderOptions,
    display: ProblemDisplay,
) -> int:
    """Save what import and diff need to know of the apps.

    The file holds every value in clear, secrets among them. Only its owner can read it, and it is not written where a
    commit could take it up. Nothing on Heroku is changed.

    \b
    Examples:
      envtree heroku snapshot ~/fleet.json
      envtree import heroku --snapshot ~/fleet.json
    """
    from envtree.migration.commands.snapshot import take

    with Waiting(sys.stderr) as waiting:
        fleet, unread = take(tree.folder, file, api.query(), waiting)
    display.show(unread)
    read = [app for app in fleet.apps if app.values is not None]
    variables = sum(len(app.values or ()) for app in read)
    display.say(f"saved {counted(variables, 'config var')} of {counted(len(read), 'app')} in {file}")
    display.say("it holds them in clear: remove it when it has served")
    return NO_ANSWER if errors(unread) else OK
