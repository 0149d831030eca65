"""The processes of apps, compared with those of the tree: what runs on Heroku alone, or starts nowhere here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.migration.comparing.comparison import MigrationFinding
from envtree.migration.importing.service_file import ONE_OFF, processes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.migration.commands.read import Listing
    from envtree.migration.commands.tree_values import TreeValues
    from envtree.migration.mapping.assignment import AssignedApp


def process_findings(listing: Listing, ours: TreeValues) -> Iterator[MigrationFinding]:
    """Yield what is left of the processes of the apps that could be read; a review stage runs none."""
    for each in listing.assignment.assigned:
        if not each.app.fault and each.deployment in ours.values and not each.app.is_review_stage:
            yield from _of_app(each, ours)


def _of_app(assigned: AssignedApp, ours: TreeValues) -> Iterator[MigrationFinding]:
    app, deployment = assigned.app, assigned.deployment
    if app.formation is None:
        why = next((fault for what, fault in app.unread if what == "the formation"), "the snapshot has none")
        yield MigrationFinding(deployment, app.name, "processes unknown", detail=why)
    there = dict.fromkeys(ours.values[deployment], "")
    names = processes_of(deployment.service, [(app.name, app.formation)], there).names
    for each in app.formation or ():
        if not each.quantity or each.name in ONE_OFF:
            continue
        if names[each.name] not in there:
            yield MigrationFinding(deployment, app.name, "process", each.name)
        elif (deployment, names[each.name]) in ours.stopped:
            yield MigrationFinding(deployment, app.name, "stopped", each.name)
