"""`envtree diff heroku` and `envtree heroku status`: what the apps have, compared with what the processes will get."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import Tree, compile_anyway, read_tree
from envtree.core.compile import read_project_of, select
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, some
from envtree.core.model.selector import selects
from envtree.core.model.source import WORKTREE
from envtree.core.settings.heroku import Deployment
from envtree.core.validity import invalid_targets
from envtree.migration.apps.fleet import by_deployment
from envtree.migration.commands.read import HerokuQuery, Listing, list_assigned, read_config_vars
from envtree.migration.comparing.compare import ProcessValues, compare
from envtree.migration.importing.proof import delivered
from envtree.migration.mapping.mapping import assign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from envtree.core.layers.resolve import Node
    from envtree.core.model.source import SchemaUse, Source
    from envtree.core.model.tree import Project, Target
    from envtree.migration.apps.fleet import App
    from envtree.migration.comparing.comparison import HerokuComparison
    from envtree.migration.mapping.assignment import AssignedApp


class HerokuDiff(NamedTuple):
    """A comparison, and what is to be said beside it."""

    comparison: HerokuComparison
    imported: Mapping[str, int]
    """The release that was imported last, by app."""
    source: Source
    not_on_heroku: tuple[str, ...]
    """Deployments of the tree that no app has."""
    skipped: tuple[str, ...]
    """Deployments that are not compared, since their apps are to be skipped."""


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
    """Compare the selected apps (none: all).

    The third side is an older snapshot (`base`), or else the releases that were imported; `run_time` names a file with
    what `env -0` printed in a dyno of the one app that is selected. Raises EnvtreeError where nothing can be compared.
    """
    tree = read_tree(folder, revision, schemas).opening("open")
    project, _ = read_project_of(tree.source)
    environments = tuple(each.name for each in project.environments)
    listing = list_assigned(tree, query, progress, environments)
    chosen = tuple(
        each
        for each in listing.assignment.assigned
        if not selectors or any(selects(selector, each.deployment) for selector in selectors)
    )
    if selectors and not chosen:
        select(project, selectors)  # says so, where it is no part of the tree either
        message = f"no app is {some((f'`{each}`' for each in selectors), 3)}"
        raise EnvtreeError(
            Diagnostic("unmapped-app", message, help="`envtree import heroku --plan` shows which app is what")
        )
    listing = listing._replace(assignment=listing.assignment._replace(assigned=chosen))
    dyno = _dyno_values(run_time, chosen)
    releases = {link.app: link.release for link in listing.settings.apps.values() if link.release is not None}
    listing, bases, imported = _read_apps(listing, base, releases, progress)
    ours, problems = _process_values(tree, chosen)
    comparison = compare(
        [_pair(each, ours) for each in listing.assignment.assigned], listing.settings.expect, bases, dyno
    )
    comparison = replace(comparison, problems=(*listing.assignment.problems, *problems))
    if selectors:
        comparison = replace(comparison, unmet=())  # what is expected elsewhere was not looked at
    not_on_heroku, skipped = ((), ()) if selectors else _not_compared(project, listing)
    return HerokuDiff(comparison, imported, tree.source, not_on_heroku, skipped)


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


def _process_values(
    tree: Tree, chosen: Sequence[AssignedApp]
) -> tuple[dict[Deployment, dict[str, ProcessValues] | str], tuple[Diagnostic, ...]]:
    """Return what each deployment's processes get, or why that isn't known, and what is wrong with the tree."""
    compilation, problems = compile_anyway(tree)
    wrong = invalid_targets(problems, tuple(compilation.own))
    nodes = by_deployment(compilation.own)
    return {
        each.deployment: _values_of(each.deployment, nodes.get(each.deployment, {}), wrong) for each in chosen
    }, errors(problems)


def _values_of(
    deployment: Deployment, nodes: Mapping[Target, Node], wrong: frozenset[Target]
) -> dict[str, ProcessValues] | str:
    invalid = [target for target in nodes if target in wrong]
    if invalid or not nodes:
        return f"the tree is not valid for {some(sorted(invalid))}" if invalid else f"the tree has no {deployment}"
    return {target.process: _delivered(node) for target, node in nodes.items()}


def _delivered(node: Node) -> ProcessValues:
    entries = {name: found[-1] for name, found in node.provenance.items()}
    sealed = {name for name, entry in entries.items() if entry.is_closed}
    return ProcessValues(delivered(node), entries, frozenset(sealed | node.failed.keys()))


def _pair(
    assigned: AssignedApp, ours: Mapping[Deployment, dict[str, ProcessValues] | str]
) -> tuple[Deployment, App, Mapping[str, ProcessValues]]:
    found = ours[assigned.deployment]
    if isinstance(found, str):
        return assigned.deployment, replace(assigned.app, values=None, fault=assigned.app.fault or found), {}
    return assigned.deployment, assigned.app, found
