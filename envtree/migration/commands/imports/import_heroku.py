"""`envtree import heroku`: the apps that are there, read from the API or a snapshot, and what to write for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.commands.steps.sealed import keys_of_user
from envtree.core.compile import read_project_of
from envtree.core.model.source import Source
from envtree.migration.commands.imports.import_plan import ImportPlan, ImportSurvey
from envtree.migration.commands.imports.importing import plan_apps, refuse_leftovers
from envtree.migration.commands.imports.unsealed import unsealed
from envtree.migration.commands.read import (
    HerokuQuery,
    list_assigned,
    partly_unread,
    read_config_vars,
    read_formations,
    read_surroundings,
    tree_at,
    unreadable,
)
from envtree.migration.importing.carried import imported_apps
from envtree.migration.importing.decision import NO_CHOICES, Bases, Choices
from envtree.migration.importing.schemas.classes import secret_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envtree.core.model.source import SchemaUse
    from envtree.migration.apps.fleet import App
    from envtree.migration.commands.read import Listing


def survey(
    folder: str,
    query: HerokuQuery,
    progress: Callable[[str], None],
    schemas: SchemaUse = "run",
    choices: Choices = NO_CHOICES,
) -> ImportSurvey:
    """List the apps and find where each belongs, before a value is read."""
    tree = tree_at(folder, schemas)
    if tree is None:
        refuse_leftovers(folder)
    environments = tuple(each.name for each in read_project_of(tree.source)[0].environments) if tree else ()
    listing = list_assigned(tree, query, progress, environments)
    data_keys = keys_of_user()
    opened, sealed = unsealed(tree, data_keys) if tree else (None, {})
    root = tree.root if tree else os.path.realpath(folder)
    return ImportSurvey(listing, root, opened, data_keys, schemas, choices=choices, sealed=sealed, disk=tree)


def plan(surveyed: ImportSurvey, progress: Callable[[str], None], base: str = "") -> ImportPlan:
    """Read the config vars, compute what to write, and prove it; raises EnvtreeError where that can't be done.

    `base` is the snapshot that was imported last; without it, the API is asked for the releases that were.
    """
    releases = {link.app: link.release for link in surveyed.listing.settings.apps.values() if link.release is not None}
    listing, found = read_config_vars(surveyed.listing, progress, releases)
    listing = read_surroundings(read_formations(listing, progress), progress)
    surveyed = surveyed._replace(
        listing=listing, bases=_bases(listing, releases, {**surveyed.bases.values, **found}, base)
    )
    assigned = listing.assignment.assigned
    apps, uncarried = imported_apps((each.deployment, each.app) for each in assigned)
    unread = unreadable(listing.fleet, [each.app.name for each in assigned])
    if unread or not apps:
        source = surveyed.tree.source if surveyed.tree else Source({})
        return ImportPlan(surveyed, apps, source, 0, (), (), frozenset(), uncarried, unread, ())
    secrets = secret_names({each.deployment: each.values for each in apps})
    planned = plan_apps(surveyed, apps, secrets)
    warnings = partly_unread(listing.fleet, [each.app.name for each in assigned])
    notes = (*planned.notes, *(f"{each.message}; {each.help}" for each in warnings))
    return planned._replace(uncarried=uncarried, notes=notes)


def _bases(listing: Listing, releases: Mapping[str, int], found: Mapping[str, Mapping[str, str]], base: str) -> Bases:
    """Return what apps had at the releases that were imported last, as far as it can be known."""
    values = dict(found)
    apps = [each.app for each in listing.assignment.assigned if each.app.name in releases]
    older = _apps_of(base) if base else {}
    for app in apps:
        before = older.get(app.id or app.name) or older.get(app.name)
        for each in (app, before):
            if each is not None and each.values is not None and each.release == releases[app.name]:
                values[app.name] = each.values
    return Bases(values, frozenset(app.name for app in apps if app.name not in values))


def _apps_of(path: str) -> dict[str, App]:
    """Return the apps of a snapshot by id, or by name where that isn't known."""
    from envtree.migration.snapshot_file import read_snapshot

    return {app.id or app.name: app for app in read_snapshot(path).apps}
