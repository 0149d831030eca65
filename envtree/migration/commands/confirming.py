"""`envtree diff heroku --confirm`: the processes that a dyno confirms, written into envtree.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import SETTINGS
from envtree.core.yaml.splice import CannotUpdate
from envtree.migration.comparing.confirmation import confirmed_by, how_confirmed, with_confirmed

if TYPE_CHECKING:
    from envtree.migration.commands.comparing import HerokuDiff


def confirm(compared: HerokuDiff) -> tuple[str, ...]:
    """Write the processes that get all that the dyno has into envtree.yaml, and return them.

    Raises EnvtreeError where the file can't be changed.
    """
    from envtree.adapters.files.lock import locked_tree
    from envtree.adapters.files.rewrite import FileEdit, rewrite

    processes = confirmed_by(compared.comparison, compared.dyno)
    if not processes:
        return ()
    (app,) = compared.comparison.apps
    before = compared.source.files[SETTINGS]
    try:
        after = with_confirmed(before, app.deployment, processes, how_confirmed(app.release, compared.dyno))
    except CannotUpdate as error:
        advice = f"write it by hand under `heroku: confirmed:`, for {app.deployment}: {', '.join(processes)}"
        raise EnvtreeError(Diagnostic("cannot-edit", f"`{SETTINGS}` {error.reason}", help=advice)) from None
    if after != before:
        with locked_tree(compared.root):
            rewrite(compared.root, (FileEdit(SETTINGS, before, after),))
    return processes
