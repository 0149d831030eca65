"""What the verbs about Heroku do first: list the apps, say where each belongs in the tree, and read what they have."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import Tree, read_tree
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.settings.heroku import HerokuSettings, read_heroku_settings
from envtree.migration.apps.fleet import Fleet
from envtree.migration.mapping.assignment import Assignment
from envtree.migration.mapping.mapping import assign

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from envtree.migration.heroku.client import Patience
    from envtree.migration.heroku.login import Login


_FORBIDDEN = "answers 403"
_SCOPE = "ask with a token whose scope is `read-protected` or wider (`read` shows no config vars), "


class HerokuQuery(NamedTuple):
    """Where apps are read: the API, or (not empty) a snapshot; for how many seconds one answer is waited for."""

    snapshot: str = ""
    team: str = ""
    timeout: float = 300.0
    skip: tuple[str, ...] = ()
    """Apps that are left where they are, besides those that the settings skip."""


class Listing(NamedTuple):
    """The apps that are there, each with its place; their config vars are read only from a snapshot so far."""

    asked: HerokuQuery
    fleet: Fleet
    login: Login | None
    """None for a snapshot."""
    settings: HerokuSettings
    assignment: Assignment


def list_assigned(
    tree: Tree | None, asked: HerokuQuery, progress: Callable[[str], None], environments: tuple[str, ...] = ()
) -> Listing:
    """The apps and where they belong; raises EnvtreeError where they can't be listed, or the settings are wrong."""
    settings = _settings_of(tree)
    fleet, login = list_fleet(asked, progress)
    return Listing(asked, fleet, login, settings, assign(fleet, settings, environments, asked.skip))


def settings_at(folder: str) -> HerokuSettings:
    """What the tree that a folder lies in says of Heroku, if it is in any; raises EnvtreeError where that is wrong."""
    return _settings_of(tree_at(folder))


def list_fleet(asked: HerokuQuery, progress: Callable[[str], None]) -> tuple[Fleet, Login | None]:
    """The apps of a snapshot, or those that the API lists, and who asked it."""
    if asked.snapshot:
        from envtree.migration.snapshot_file import read_snapshot

        return read_snapshot(asked.snapshot), None
    from envtree.migration.heroku.login import find_login
    from envtree.migration.heroku.read import list_apps

    login = find_login(os.environ, os.path.expanduser("~"))  # noqa: PTH111 - `~` stays where there is no home
    return list_apps(login, team=asked.team, patience=patience_of(asked), progress=progress), login


def read_config_vars(
    listing: Listing, progress: Callable[[str], None], bases: Mapping[str, int] | None = None
) -> tuple[Listing, dict[str, Mapping[str, str]]]:
    """The same with the config vars of the apps that have a place; and those of older releases, by app."""
    if listing.login is None:
        return listing, {}
    from envtree.migration.heroku.read import read_values

    fleet, found = read_values(
        listing.login,
        listing.fleet,
        _assigned(listing),
        bases or {},
        patience=patience_of(listing.asked),
        progress=progress,
    )
    return _with(listing, fleet), found


def read_formations(listing: Listing, progress: Callable[[str], None]) -> Listing:
    """The same with the formation and the features of these apps."""
    if listing.login is None:
        return listing
    from envtree.migration.heroku.read import read_details

    names, patience = _assigned(listing), patience_of(listing.asked)
    return _with(listing, read_details(listing.login, listing.fleet, names, patience=patience, progress=progress))


def unreadable(fleet: Fleet, names: Collection[str]) -> tuple[Diagnostic, ...]:
    """The apps of these names whose config vars could not be read."""
    return tuple(
        Diagnostic(
            "unreadable-app",
            f"the config vars of {app.name} can't be read: {app.fault or 'the snapshot has none'}",
            help=f"join the app's team, {_SCOPE if _FORBIDDEN in app.fault else ''}"
            "or leave it out: `heroku: skip:` in envtree.yaml, with the reason",
        )
        for app in fleet.apps
        if app.name in names and (app.fault or app.values is None)
    )


def tree_at(folder: str) -> Tree | None:
    """The tree that a folder lies in, if any."""
    from envtree.adapters.files.worktree import find_root

    return read_tree(folder) if find_root(folder) else None


def _settings_of(tree: Tree | None) -> HerokuSettings:
    if tree is None:
        return HerokuSettings()
    settings, problems = read_heroku_settings(tree.source)
    if errors(problems):
        raise EnvtreeError(*problems)
    return settings


def _assigned(listing: Listing) -> tuple[str, ...]:
    return tuple(each.app.name for each in listing.assignment.assigned)


def _with(listing: Listing, fleet: Fleet) -> Listing:
    """The same, where each app is what was read of it since."""
    by_name = {app.name: app for app in fleet.apps}
    assigned = tuple(each._replace(app=by_name[each.app.name]) for each in listing.assignment.assigned)
    return listing._replace(fleet=fleet, assignment=listing.assignment._replace(assigned=assigned))


def patience_of(asked: HerokuQuery) -> Patience:
    """How long an answer is waited for, and from how many seconds on the pauses between two tries grow."""
    from envtree.migration.heroku.client import Patience

    return Patience(total=asked.timeout, first=min(1.0, asked.timeout / 8))
