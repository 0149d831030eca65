"""`envtree diff heroku` and `envtree heroku status`: what the apps have, held against what the processes will get."""

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
from envtree.migration.apps.fleet import by_cell
from envtree.migration.commands.read import HerokuQuery, Listing, list_assigned, read_config_vars
from envtree.migration.comparing.compare import Ours, compare
from envtree.migration.importing.proof import delivered
from envtree.migration.mapping.mapping import assign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from envtree.core.layers.resolve import Node
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project, Target
    from envtree.migration.apps.fleet import App
    from envtree.migration.comparing.comparison import HerokuComparison
    from envtree.migration.mapping.assignment import Assigned


class Compared(NamedTuple):
    """A comparison, and what is to be told beside it."""

    comparison: HerokuComparison
    imported: Mapping[str, int]
    """By app, the release that was imported last."""
    source: Source
    apart: tuple[str, ...]
    """Parts of the tree that are no app's."""
    skipped: tuple[str, ...]
    """Parts that are not compared, since their apps are to be skipped."""


def compare_with_heroku(
    folder: str,
    asked: HerokuQuery,
    progress: Callable[[str], None],
    selectors: tuple[str, ...] = (),
    base: str = "",
    run_time: str = "",
    revision: str = WORKTREE,
) -> Compared:
    """Compare the selected apps (none: all).

    The third side is an older snapshot (`base`), or else the releases that were imported; `run_time` names a file with
    what `env -0` printed in a dyno of the one app that is selected. Raises EnvtreeError where nothing can be compared.
    """
    tree = read_tree(folder, revision)
    project, _ = read_project_of(tree.source)
    environments = tuple(each.name for each in project.environments)
    listing = list_assigned(tree, asked, progress, environments)
    chosen = tuple(
        each
        for each in listing.assignment.assigned
        if not selectors or any(selects(selector, each.cell) for selector in selectors)
    )
    if selectors and not chosen:
        select(project, selectors)  # says so, where it is no part of the tree either
        message = f"no app is {some((f'`{each}`' for each in selectors), 3)}"
        raise EnvtreeError(
            Diagnostic("unmapped-app", message, help="`envtree import heroku --plan` shows which app is what")
        )
    listing = listing._replace(assignment=listing.assignment._replace(assigned=chosen))
    dyno = _dyno(run_time, chosen)
    releases = {link.app: link.release for link in listing.settings.apps.values() if link.release is not None}
    listing, bases, imported = _read(listing, base, releases, progress)
    ours, problems = _ours(tree, chosen)
    comparison = compare(
        [_pair(each, ours) for each in listing.assignment.assigned], listing.settings.expect, bases, dyno
    )
    comparison = replace(comparison, problems=(*listing.assignment.problems, *problems))
    if selectors:
        comparison = replace(comparison, unmet=())  # what is expected elsewhere was not looked at
    apart, skipped = ((), ()) if selectors else _left_out(project, listing)
    return Compared(comparison, imported, tree.source, apart, skipped)


def _left_out(project: Project, listing: Listing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Parts of the tree that are not compared: those of no app, and those where apps that are skipped would belong."""
    names = {*listing.settings.skip, *listing.asked.skip}
    environments = tuple(each.name for each in project.environments)
    placed = assign(listing.fleet, replace(listing.settings, skip={}), environments).assigned
    skipped = {cell for cell, link in listing.settings.apps.items() if link.app in names}
    skipped |= {each.cell for each in placed if each.app.name in names}
    cells = {Deployment(each.environment, each.service) for each in project.targets}
    left = sorted(cells - {each.cell for each in listing.assignment.assigned})
    apart, asked = ([str(each) for each in left if (each in skipped) is wanted] for wanted in (False, True))
    return tuple(apart), tuple(asked)


def _read(
    listing: Listing, base: str, imported: Mapping[str, int], progress: Callable[[str], None]
) -> tuple[Listing, Mapping[str, Mapping[str, str]], Mapping[str, int]]:
    """The apps with their config vars, those that they had before, where that is known, and at which release."""
    if not base:
        return *read_config_vars(listing, progress, imported), imported
    from envtree.migration.snapshot_file import read_snapshot

    before = read_snapshot(base)
    return (
        read_config_vars(listing, progress)[0],
        {app.name: app.values for app in before.apps if app.values is not None},
        {app.name: app.release for app in before.apps if app.release is not None},
    )


def _dyno(path: str, chosen: Sequence[Assigned]) -> dict[Deployment, dict[str, str]]:
    if not path:
        return {}
    from envtree.adapters.process.environment import read_environment

    if len(chosen) != 1:
        message = f"`{path}` is what one dyno has, and {len(chosen)} apps are compared"
        advice = f"name the one that it is of: {some((each.cell for each in chosen), 6)}"
        raise EnvtreeError(Diagnostic("unclear-comparison", message, help=advice))
    return {chosen[0].cell: read_environment(path)}


def _ours(
    tree: Tree, chosen: Sequence[Assigned]
) -> tuple[dict[Deployment, dict[str, Ours] | str], tuple[Diagnostic, ...]]:
    """What each process of the cells gets, or in words why that can't be said; and what is wrong with the tree."""
    compilation, problems = compile_anyway(tree)
    wrong = invalid_targets(problems, tuple(compilation.own))
    cells = by_cell(compilation.own)
    return {each.cell: _cell(each.cell, cells.get(each.cell, {}), wrong) for each in chosen}, errors(problems)


def _cell(cell: Deployment, own: Mapping[Target, Node], wrong: frozenset[Target]) -> dict[str, Ours] | str:
    invalid = [target for target in own if target in wrong]
    if invalid or not own:
        return f"the tree is not valid for {some(sorted(invalid))}" if invalid else f"the tree has no {cell}"
    return {target.process: _of(node) for target, node in own.items()}


def _of(node: Node) -> Ours:
    entries = {name: found[-1] for name, found in node.provenance.items()}
    sealed = {name for name, entry in entries.items() if entry.sealed}
    return Ours(delivered(node), entries, frozenset(sealed | node.failed.keys()))


def _pair(
    assigned: Assigned, ours: Mapping[Deployment, dict[str, Ours] | str]
) -> tuple[Deployment, App, Mapping[str, Ours]]:
    found = ours[assigned.cell]
    if isinstance(found, str):
        return assigned.cell, replace(assigned.app, values=None, fault=assigned.app.fault or found), {}
    return assigned.cell, assigned.app, found
