"""What the verbs about Heroku do first: list the apps, find the deployment of each, and read what they have."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import Tree, read_tree
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, some
from envtree.core.render.mask import one_line
from envtree.core.settings.heroku import HerokuSettings
from envtree.core.settings.heroku_reader import read_heroku_settings
from envtree.migration.apps.fleet import Fleet
from envtree.migration.mapping.assignment import Assignment
from envtree.migration.mapping.mapping import assign

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from envtree.core.model.diagnostic import Severity
    from envtree.core.model.source import SchemaUse
    from envtree.migration.apps.fleet import App
    from envtree.migration.heroku.client import RetryLimits
    from envtree.migration.heroku.login import Login


FORBIDDEN = "answers 403"
_SCOPE = "ask with a token whose scope is `read-protected` or wider (`read` shows no config vars), "
_WITHOUT = {
    "formation": "say in service.yaml which processes there are; ask with a wider token to have them read",
    "buildpacks": "look with `heroku buildpacks` what built the app, and on which versions it runs",
    "domains": "look with `heroku domains` which names lead to the app",
    "drains": "look with `heroku drains` where its logs go",
    "features": "look with `heroku labs` whether dynos get metadata",
    "releases": "who changed what since the import isn't known; ask with a wider token",
    "release": "who changed what since the import isn't known; import again, or name an older snapshot with `--base`",
}
"""What to do without a part of an app, by its last word."""


class HerokuQuery(NamedTuple):
    """Where apps are read: the API, or the snapshot, if one is named; and how many seconds to wait for one answer."""

    snapshot: str = ""
    team: str = ""
    timeout: float = 300.0
    skip: tuple[str, ...] = ()
    """Apps that are left on Heroku, besides those that the settings skip."""
    review_config: bool = False
    """Whether the review stage of every pipeline is read, too; those that the settings name are in any case."""


class Listing(NamedTuple):
    """The apps that are there, each with its deployment; config vars are read only from a snapshot so far."""

    query: HerokuQuery
    fleet: Fleet
    login: Login | None
    """None for a snapshot."""
    settings: HerokuSettings
    assignment: Assignment


def list_assigned(
    tree: Tree | None, query: HerokuQuery, progress: Callable[[str], None], environments: tuple[str, ...] = ()
) -> Listing:
    """Return the apps and their places; raises EnvtreeError if they can't be listed, or settings are wrong."""
    settings = _settings_of(tree)
    fleet, login = list_fleet(query, progress, settings)
    settings = _with_new_names(settings, fleet, progress)
    return Listing(query, fleet, login, settings, assign(fleet, settings, environments, query.skip))


def _with_new_names(settings: HerokuSettings, fleet: Fleet, progress: Callable[[str], None]) -> HerokuSettings:
    """Return the settings with the names that apps have now: an app that was renamed is known by its id."""
    names = {app.id: app.name for app in fleet.apps if app.id and not app.is_review_stage}
    apps = {deployment: replace(link, app=names.get(link.id, link.app)) for deployment, link in settings.apps.items()}
    for deployment, link in settings.apps.items():
        if apps[deployment].app != link.app:
            progress(f"`{one_line(link.app)}` is called `{one_line(apps[deployment].app)}` now")
    return replace(settings, apps=apps)


def settings_at(folder: str) -> HerokuSettings:
    """Return a tree's Heroku settings (defaults without a tree); raises EnvtreeError where they are wrong."""
    return _settings_of(tree_at(folder))


def list_fleet(
    query: HerokuQuery, progress: Callable[[str], None], settings: HerokuSettings
) -> tuple[Fleet, Login | None]:
    """Return the apps of a snapshot, or those that the API lists; and the login that was used for the API."""
    if query.snapshot:
        from envtree.migration.snapshot_file import read_snapshot

        return read_snapshot(query.snapshot), None
    from envtree.migration.heroku.login import find_login
    from envtree.migration.heroku.read import list_apps

    login = find_login(os.environ, os.path.expanduser("~"))  # noqa: PTH111 - `~` stays where there is no home
    named = {*(link.app for link in settings.apps.values()), *settings.skip, *query.skip}
    asks = query.review_config or any("/" in each for each in named)
    fleet = list_apps(login, team=query.team, review_stages=asks, limits=retry_limits(query), progress=progress)
    return replace(fleet, apps=tuple(app for app in fleet.apps if _is_wanted(app, named, query))), login


def _is_wanted(app: App, named: Collection[str], query: HerokuQuery) -> bool:
    """Return whether an app is no review stage, or one that is asked for, or that the settings name."""
    return query.review_config or not app.is_review_stage or app.name in named


def read_config_vars(
    listing: Listing, progress: Callable[[str], None], bases: Mapping[str, int] | None = None
) -> tuple[Listing, dict[str, Mapping[str, str]]]:
    """Return the listing with config vars of apps with a deployment, and by app those of releases in `bases`."""
    if listing.login is None:
        return _without_empty_stages(listing, progress), {}
    from envtree.migration.heroku.read import read_values

    fleet, found = read_values(
        listing.login,
        listing.fleet,
        _assigned(listing),
        bases or {},
        limits=retry_limits(listing.query),
        progress=progress,
    )
    return _without_empty_stages(_with(listing, fleet), progress), found


def _without_empty_stages(listing: Listing, progress: Callable[[str], None]) -> Listing:
    """Leave out review stages without config vars, unless the table names them: most pipelines give none."""
    kept = []
    for each in listing.assignment.assigned:
        if each.app.is_review_stage and each.app.values == {} and each.rule != "table":
            progress(f"`{one_line(each.app.name)}` has no config vars, and is left out")
        else:
            kept.append(each)
    return listing._replace(assignment=listing.assignment._replace(assigned=tuple(kept)))


def read_formations(listing: Listing, progress: Callable[[str], None]) -> Listing:
    """Return the listing with the formation and the features of these apps."""
    if listing.login is None:
        return listing
    from envtree.migration.heroku.read import read_details

    names, limits = _assigned(listing), retry_limits(listing.query)
    return _with(listing, read_details(listing.login, listing.fleet, names, limits=limits, progress=progress))


def read_surroundings(listing: Listing, progress: Callable[[str], None]) -> Listing:
    """Return the listing with the buildpacks, domains and log drains of these apps."""
    if listing.login is None:
        return listing
    from envtree.migration.heroku import surroundings

    names, limits = _assigned(listing), retry_limits(listing.query)
    fleet = surroundings.read_surroundings(listing.login, listing.fleet, names, limits=limits, progress=progress)
    return _with(listing, fleet)


def unreadable(fleet: Fleet, names: Collection[str], severity: Severity = "error") -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each reason why config vars of these apps could not be read, with all of its apps."""
    by_fault: dict[str, list[str]] = {}
    for app in fleet.apps:
        if app.name in names and (app.fault or app.values is None):
            by_fault.setdefault(app.fault or "the snapshot has none", []).append(one_line(app.name))
    return tuple(
        Diagnostic(
            "unreadable-app",
            f"the config vars of {some(apps)} can't be read: {fault}",
            help=f"join the app's team, {_SCOPE if FORBIDDEN in fault else ''}"
            "or leave it out: `heroku: skip:` in envtree.yaml, with the reason",
            severity=severity,
        )
        for fault, apps in by_fault.items()
    )


def partly_unread(fleet: Fleet, names: Collection[str]) -> tuple[Diagnostic, ...]:
    """Return a warning for each formation, release and the like of these apps that could not be read, by reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for app in fleet.apps:
        for each in app.unread if app.name in names else ():
            found.setdefault(each, []).append(one_line(app.name))
    return tuple(
        Diagnostic(
            "unreadable-app",
            f"{what} of {some(apps)} can't be read: {fault}",
            help=_WITHOUT[what.split()[-1] if what.startswith("the ") else "release"],
            severity="warning",
        )
        for (what, fault), apps in found.items()
    )


def tree_at(folder: str, schemas: SchemaUse = "run") -> Tree | None:
    """Return the tree that a folder is in, if any."""
    from envtree.adapters.files.worktree import find_root

    return read_tree(folder, schemas=schemas) if find_root(folder) else None


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
    """Return the listing, where each app is what was read of it since."""
    by_name = {app.name: app for app in fleet.apps}
    assigned = tuple(each._replace(app=by_name[each.app.name]) for each in listing.assignment.assigned)
    return listing._replace(fleet=fleet, assignment=listing.assignment._replace(assigned=assigned))


def retry_limits(query: HerokuQuery) -> RetryLimits:
    """Return the seconds for one answer, and the first pause between two tries, from which the pauses grow."""
    from envtree.migration.heroku.client import RetryLimits

    return RetryLimits(total=query.timeout, first=min(1.0, query.timeout / 8))
