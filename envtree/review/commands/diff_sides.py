"""The sides of a comparison, read and compiled as far as they can differ."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.steps.promises import beside_targets
from envtree.commands.steps.sealed import keys_of_user
from envtree.commands.tree import compile_chosen, load_schemas, open_layers, read_tree, read_trees
from envtree.core.compile import matching, read_project_of, select
from envtree.core.layers.layout import sealed_files
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, some
from envtree.core.model.source import SCHEMAS, WORKTREE
from envtree.core.model.tree import Target
from envtree.core.schema.ports import neighbours
from envtree.core.validity import without_cascading
from envtree.review.diff.comparison import ProcessView
from envtree.review.diff.scope import affected_layers, affected_targets, edited, ports_of
from envtree.review.diff.views import views_of

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from envtree.commands.tree import Tree
    from envtree.core.compile import Compilation, Parsed
    from envtree.core.model.source import SchemaUse
    from envtree.core.model.tree import Project
    from envtree.review.diff.operand import Operand


class Side(NamedTuple):
    """One side: what each of its targets gets, and the tree that it comes from, if there is one."""

    views: dict[Target, ProcessView]
    tree: Tree | None = None
    compilation: Compilation | None = None
    problems: tuple[Diagnostic, ...] = ()
    is_partial: bool = False
    """Whether its settings have errors, so that it may have more targets than are known."""


def read_sides(folder: str, before: Operand, after: Operand, schemas: SchemaUse) -> tuple[tuple[Side, Side], int]:
    """Read both sides from trees; return them, and how many targets were skipped because they can't differ."""
    revisions = before.revision or WORKTREE, after.revision or WORKTREE
    trees = [tree.opening("open") for tree in read_trees(folder, revisions, schemas)]
    read = [read_project_of(tree.source) for tree in trees]
    projects = [project for project, _ in read]
    chosen = _chosen(projects, (before.selector, after.selector))
    first = load_schemas(trees[0], projects[0])
    loaded = (first, first if _alike(trees, projects) else load_schemas(trees[1], projects[1]))
    parsed, wrong = _opened(trees, chosen)

    def compiled(which: Container[Target] | None = None) -> tuple[Side, Side]:
        sides = []
        for tree, (project, problems), (classes, faults), targets, closed in zip(
            trees, read, loaded, chosen, wrong, strict=True
        ):
            selected = targets if which is None else tuple(each for each in targets if each in which)
            beside = beside_targets(project, classes, selected) if selected != targets else ()
            beside = tuple(each for each in beside if each in targets)
            compilation, found = compile_chosen(tree, project, classes, selected, parsed, beside=beside)
            sides.append(compiled_side(tree, compilation, problems, (*faults, *closed, *found)))
        return sides[0], sides[1]

    sources = [tree.source for tree in trees]
    layers = (
        affected_layers(edited(*sources), sources, projects[0].targets) if before.selector == after.selector else None
    )
    if layers is None:
        return compiled(), 0
    affected = affected_targets(chosen[0], layers)
    sides = compiled(affected)
    port_changes = [each for each in affected if ports_of(sides[0].views[each]) != ports_of(sides[1].views[each])]
    if port_changes:  # another process of the machine may have the new port
        affected = tuple({*affected, *neighbours(projects[0], port_changes)})
        sides = compiled(affected)
    return sides, len(chosen[0]) - len(sides[0].views)


def _opened(
    trees: Sequence[Tree], chosen: Sequence[tuple[Target, ...]]
) -> tuple[Parsed, tuple[tuple[Diagnostic, ...], ...]]:
    """Return the entries of the sealed layers of all trees, and of each tree the errors in its own.

    Values can be compared where every layer opens; where one stays closed, all are compared as they are encrypted.
    """
    sealed = [sealed_files(tree.source, targets) for tree, targets in zip(trees, chosen, strict=True)]
    data_keys = keys_of_user() if any(sealed) else None  # a file that both sides have is opened once
    found: Parsed = {}
    problems = []
    for tree, targets in zip(trees, chosen, strict=True):
        opened, faults = open_layers(tree, targets, data_keys)
        found |= opened
        problems.append(errors(faults))
    wanted = {(path, tree.source.files[path]) for tree, paths in zip(trees, sealed, strict=True) for path in paths}
    return found if wanted <= found.keys() else {}, tuple(problems)


def _chosen(projects: list[Project], selectors: tuple[str, str]) -> list[tuple[Target, ...]]:
    """Return what each side selects; a selector may name nothing in one of two revisions, but not in both."""
    found: list[tuple[Target, ...]] = []
    refusals = []
    for project, selector in zip(projects, selectors, strict=True):
        try:
            found.append(select(project, (selector,) if selector else ()))
        except EnvtreeError as error:
            refusals.append(error)
            found.append(())
    if refusals and (len(refusals) == len(found) or selectors[0] != selectors[1]):
        raise refusals[-1]
    return found


def _alike(trees: Sequence[Tree], projects: Sequence[Project]) -> bool:
    """Return whether two trees have the same schemas, for the same services, processes and environments."""
    one, other = (
        (
            {path: data for path, data in tree.source.files.items() if path.startswith(SCHEMAS)},
            {each.name for each in project.environments},
            project.targets,
            tree.unsafe(),
        )
        for tree, project in zip(trees, projects, strict=True)
    )
    return one == other


def read_with_values(folder: str, before: Operand, after: Operand, schemas: SchemaUse) -> tuple[Side, Side]:
    """Read both sides where at least one comes from no tree: its targets are those that the other side selects."""
    sides = {
        each: _side(folder, each, schemas) if each.kind == "tree" else _output(each, before.selector or after.selector)
        for each in (before, after)
        if each.kind in ("tree", "dir")
    }
    for operand, other in ((before, after), (after, before)):
        if operand not in sides:
            targets = tuple(sides[other].views) if other in sides else ()
            if len(targets) != 1:
                message = f"`{operand}` is one process, and `{other}` names {len(targets)}"
                advice = f"choose one: {some(targets, 6)}" if targets else "give a target for the other side"
                raise EnvtreeError(Diagnostic("unclear-comparison", message, help=advice))
            sides[operand] = Side({targets[0]: _values(operand)})
    return sides[before], sides[after]


def _output(operand: Operand, selector: str) -> Side:
    """Read what an output gives the targets that the other side selects."""
    from envtree.adapters.store.read import read_values

    values = read_values(os.path.normpath(operand.path))
    views = {Target(*name.split("/")): ProcessView(each) for name, each in values.items()}
    return Side({target: views[target] for target in (matching(views, selector) if selector else views)})


def _side(folder: str, operand: Operand, use: SchemaUse) -> Side:
    tree = read_tree(folder, operand.revision or WORKTREE, use).opening("open")
    project, problems = read_project_of(tree.source)
    schemas, faults = load_schemas(tree, project)
    targets = select(project, (operand.selector,) if operand.selector else ())
    parsed, (closed,) = _opened([tree], [targets])
    compilation, found = compile_chosen(tree, project, schemas, targets, parsed)
    return compiled_side(tree, compilation, problems, (*faults, *closed, *found))


def compiled_side(
    tree: Tree, compilation: Compilation, problems: tuple[Diagnostic, ...], found: tuple[Diagnostic, ...]
) -> Side:
    """Make a side from a compilation, the problems of its settings, and its other problems."""
    if not errors(problems):
        return Side(views_of(compilation), tree, compilation, (*problems, *found))
    return Side(views_of(compilation), tree, compilation, (*problems, *without_cascading(found)), is_partial=True)


def _values(operand: Operand) -> ProcessView:
    from envtree.adapters.process.environment import read_json, read_process

    if operand.kind == "live":
        return ProcessView(read_process(operand.path))
    values, hidden = read_json(operand.path)
    return ProcessView(values, unknown=hidden)
