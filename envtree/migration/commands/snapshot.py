"""`envtree heroku snapshot`: all that import and diff must know, in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.migration.commands.read import (
    HerokuQuery,
    list_fleet,
    partly_unread,
    retry_limits,
    settings_at,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.apps.fleet import Fleet


def take(
    folder: str, path: str, query: HerokuQuery, progress: Callable[[str], None]
) -> tuple[Fleet, tuple[Diagnostic, ...]]:
    """Read all apps but those that are skipped, and save them; return them, and those that could not be read.

    Raises EnvtreeError where the file must not be there, or nothing can be read.
    """
    from envtree.migration.heroku.read import read_details, read_values
    from envtree.migration.heroku.surroundings import read_surroundings
    from envtree.migration.snapshot_file import check_path, write_snapshot

    check_path(path)
    settings = settings_at(folder)
    skipped = {*settings.skip, *query.skip}
    fleet, login = list_fleet(query, progress, settings)
    assert login is not None
    names = [app.name for app in fleet.apps if app.name not in skipped]
    limits = retry_limits(query)
    fleet, _ = read_values(login, fleet, names, limits=limits, progress=progress)
    fleet = read_details(login, fleet, names, limits=limits, progress=progress)
    fleet = read_surroundings(login, fleet, names, limits=limits, progress=progress)
    write_snapshot(path, fleet)
    return fleet, (*unreadable(fleet, names), *partly_unread(fleet, names))
