"""`envtree heroku snapshot`: all that import and diff need to know, in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.migration.commands.read import HerokuQuery, list_fleet, patience_of, settings_at, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.apps.fleet import Fleet


def take(
    folder: str, path: str, asked: HerokuQuery, progress: Callable[[str], None]
) -> tuple[Fleet, tuple[Diagnostic, ...]]:
    """Read all apps but those that are skipped, and save them; with those that could not be read.

    Raises EnvtreeError where the file must not be there, or nothing can be read.
    """
    from envtree.migration.heroku.read import read_details, read_values
    from envtree.migration.snapshot_file import check_place, write_snapshot

    check_place(path)
    skipped = {*settings_at(folder).skip, *asked.skip}
    fleet, login = list_fleet(asked, progress)
    assert login is not None
    names = [app.name for app in fleet.apps if app.name not in skipped]
    patience = patience_of(asked)
    fleet, _ = read_values(login, fleet, names, patience=patience, progress=progress)
    fleet = read_details(login, fleet, names, patience=patience, progress=progress)
    write_snapshot(path, fleet)
    return fleet, unreadable(fleet, names)
