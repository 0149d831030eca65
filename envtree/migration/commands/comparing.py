"""`envtree diff heroku` and `envtree heroku status`: what the apps have, compared with what the processes will get."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import read_tree
from envtree.core.compile import read_project_of, select
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.source import WORKTREE
from envtree.core.settings.heroku import Deployment
from envtree.migration.commands import tree_values
from envtree.migration.commands.process_findings import process_findings
from envtree.migration.commands.read import (
    FORBIDDEN,
    HerokuQuery,
    Listing,
    list_assigned,
    partly_unread,
    read_config_vars,
    unreadable,
)
from envtree.migration.comparing.compare import compare
from envtree.migration.comparing.expectations import unknown_confirmed
from envtree.migration.comparing.findings import find
from envtree.migration.mapping.assignment import is_chosen
from envtree.migration.mapping.mapping import assign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from envtree.core.model.source import SchemaUse, Source
    from envtree.core.model.tree import Project
    from envtree.migration.commands.tree_values import TreeValues
    from envtree.migration.comparing.comparison import HerokuComparison
    from envtree.migration.comparing.findings import Pair
    from envtree.migration.mapping.assignment import AssignedApp


class HerokuDiff(NamedTuple):
    """A comparison, and what is to be said beside it."""

    comparison: HerokuComparison
    imported: Mapping[str, int]
    """The release that was imported last, by app."""
    source: Source
    root: str
    listing: Listing
    """All apps; config vars are read of those that are compared."""
    tree: TreeValues
    warnings: tuple[Diagnostic, ...]
    """What could not be read besides."""
    not_on_heroku: tuple[str, ...]
    """Deployments of the tree that no app has."""
    skipped: tuple[str, ...]
    """Deployments that are not compared, since their apps are to be skipped."""
    dyno: Mapping[str, str]
    """What a dyno printed, where that was compared."""


def compare_with_heroku(
    folder: str,
    query: HerokuQuery,
    progress: Callable[[str], None],
    selectors: tuple[str, ...] = (),
    base: str = "",
    run_time: str = "",
    revision: str = WORKTREE,
    schemas: SchemaUse = "run",
) -> HerokuDiff:
    """Compare the selected apps (none: all); only what these depend on is read, and can fail.

    The third side is an older snapshot (`base`), or else the releases that were imported; `run_time` names a file with
    what `env -0` printed in a dyno of the one app that is selected. Raises EnvtreeError where nothing can be compared.
    """
    tree = read_tree(folder, revision, schemas).opening("open")
    project, _ = read_project_of(tree.source)
    environments = tuple(each.name for each in project.environments)
    listing = list_assigned(tree, query, progress, environments)
    everything = listing.assignment
    chosen = everything.chosen(selectors)
    problems = everything.problems_of(partial(is_chosen, selectors=selectors)) if selectors else everything.problems
    if selectors and not chosen:
        raise _nothing_chosen(project, selectors, problems)
    listing = listing._replace(assignment=everything._replace(assigned=chosen))
    dyno = _dyno_values(run_time, chosen)
    releases = {link.app: link.release for link in listing.settings.apps.values() if link.release is not None}
    listing, bases, imported = _read_apps(listing, base, releases, progress)
    ours = tree_values.read_values(tree)
    comparison = compare_listing(listing, bases, dyno, ours)
    deployments = {each.deployment for each in chosen}
    wrong = ours.problems_of(deployments) if selectors else ours.problems
    comparison = replace(comparison, problems=(*problems, *wrong))
    if selectors:
        comparison = replace(comparison, unmet=())  # what is expected elsewhere was not looked at
    not_on_heroku, skipped = ((), ()) if selectors else _not_compared(project, listing)
    names = [each.app.name for each in listing.assignment.assigned]
    forbidden = [each.app.name for each in listing.assignment.assigned if FORBIDDEN in each.app.fault]
    return HerokuDiff(
        comparison,
        imported,
        tree.source,
        tree.root,
        listing._replace(assignment=everything._replace(assigned=listing.assignment.assigned)),
        ours,
        (*unreadable(listing.fleet, forbidden, "warning"), *partly_unread(listing.fleet, names)),
        not_on_heroku,
        skipped,
        next(iter(dyno.values()), {}),
    )


def compare_listing(
    listing: Listing,
    bases: Mapping[str, Mapping[str, str]],
    dyno: Mapping[Deployment, Mapping[str, str]],
    ours: TreeValues,
) -> HerokuComparison:
    """Compare the apps of a listing with what the tree gives their processes."""
    comparison = compare(_pairs(listing, ours), listing.settings.expect, bases, dyno, ours.values)
    unknown = unknown_confirmed(listing.settings.confirmed, ours.values)
    return replace(comparison, unmet=(*comparison.unmet, *unknown))


def with_findings(comparison: HerokuComparison, listing: Listing, ours: TreeValues) -> HerokuComparison:
    """Return a comparison with what is left to do though nothing differs; the listing has the apps' formations."""
    found = find(_pairs(listing, ours), comparison, listing.settings, ours.unwritten)
    return replace(comparison, findings=(*found, *process_findings(listing, ours)))


def _pairs(listing: Listing, ours: TreeValues) -> list[Pair]:
    return [_pair(each, ours) for each in listing.assignment.assigned]


def _nothing_chosen(project: Project, selectors: tuple[str, ...], problems: Sequence[Diagnostic]) -> EnvtreeError:
    select(project, selectors)  # says so, where it is no part of the tree either
    message = f"no app is {some((f'`{each}`' for each in selectors), 3)}"
    advice = "`envtree import heroku --plan` shows which app is what"
    return EnvtreeError(*problems, Diagnostic("unmapped-app", message, help=advice))


def _not_compared(project: Project, listing: Listing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the deployments that are not compared: those of no app, and those where skipped apps would belong."""
    names = {*listing.settings.skip, *listing.query.skip}
    environments = tuple(each.name for each in project.environments)
    placed = assign(listing.fleet, replace(listing.settings, skip={}), environments).assigned
    skipped = {deployment for deployment, link in listing.settings.apps.items() if link.app in names}
    skipped |= {each.deployment for each in placed if each.app.name in names}
    deployments = {Deployment(each.environment, each.service) for each in project.targets}
    remaining = sorted(deployments - {each.deployment for each in listing.assignment.assigned})
    not_on_heroku, on_request = (
        [str(each) for each in remaining if (each in skipped) is wanted] for wanted in (False, True)
    )
    return tuple(not_on_heroku), tuple(on_request)


def _read_apps(
    listing: Listing, base: str, imported: Mapping[str, int], progress: Callable[[str], None]
) -> tuple[Listing, Mapping[str, Mapping[str, str]], Mapping[str, int]]:
    """Return the apps with their config vars; those that they had before, where known, and at which release."""
    if not base:
        return *read_config_vars(listing, progress, imported), imported
    from envtree.migration.snapshot_file import read_snapshot

    before = read_snapshot(base)
    return (
        read_config_vars(listing, progress)[0],
        {app.name: app.values for app in before.apps if app.values is not None},
        {app.name: app.release for app in before.apps if app.release is not None},
    )


def _dyno_values(path: str, chosen: Sequence[AssignedApp]) -> dict[Deployment, dict[str, str]]:
    if not path:
        return {}
    from envtree.adapters.process.environment import read_environment

    if len(chosen) != 1:
        message = f"`{path}` is what one dyno has, and {len(chosen)} apps are compared"
        advice = f"name the one that it is of: {some((each.deployment for each in chosen), 6)}"
        raise EnvtreeError(Diagnostic("unclear-comparison", message, help=advice))
    return {chosen[0].deployment: read_environment(path)}


def _pair(assigned: AssignedApp, ours: TreeValues) -> Pair:
    deployment, app = assigned.deployment, assigned.app
    if deployment in ours.values:
        return deployment, app, ours.values[deployment]
    fault = ours.faults.get(deployment, f"the tree has no {deployment}")
    return deployment, replace(app, values=None, fault=app.fault or fault), {}
