"""`envtree import heroku`: the apps that are there, read from the API or a snapshot, and what to write for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.core.compile import read_project_of
from envtree.core.model.source import Source
from envtree.migration.commands.import_plan import ImportPlan, ImportSurvey
from envtree.migration.commands.importing import plan_apps, refuse_leftovers
from envtree.migration.commands.read import (
    HerokuQuery,
    list_assigned,
    partly_unread,
    read_config_vars,
    read_formations,
    tree_at,
    unreadable,
)
from envtree.migration.importing.carried import imported_apps
from envtree.migration.importing.schema_file import secret_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.model.source import SchemaUse


def survey(
    folder: str, query: HerokuQuery, progress: Callable[[str], None], schemas: SchemaUse = "run"
) -> ImportSurvey:
    """List the apps and find where each belongs, before a value is read."""
    tree = tree_at(folder, schemas)
    if tree is None:
        refuse_leftovers(folder)
    environments = tuple(each.name for each in read_project_of(tree.source)[0].environments) if tree else ()
    listing = list_assigned(tree, query, progress, environments)
    return ImportSurvey(listing, tree.root if tree else os.path.realpath(folder), tree, schemas)


def plan(surveyed: ImportSurvey, progress: Callable[[str], None]) -> ImportPlan:
    """Read the config vars, compute what to write, and prove it; raises EnvtreeError where that can't be done."""
    listing = read_formations(read_config_vars(surveyed.listing, progress)[0], progress)
    surveyed = surveyed._replace(listing=listing)
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
