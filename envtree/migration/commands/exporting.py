"""`envtree export --format heroku`: what a service gets, as the config vars of its app; nothing is sent to Heroku."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.export import Exported
from envtree.commands.tree import compile_tree, faults_of_ownership, read_tree
from envtree.core.export.variables import variables_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, some
from envtree.core.render.mask import json_lines
from envtree.core.settings.heroku import Deployment
from envtree.migration.commands.read import HerokuQuery, list_assigned
from envtree.migration.exporting.config_vars import ProcessVariables, config_vars, disagreements, remarks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.commands.tree import Tree
    from envtree.core.compile import Compilation
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Target
    from envtree.migration.apps.fleet import App

LISTED = 6


class ExportedConfigVars(NamedTuple):
    """The config vars as JSON, and what is to be known beside them."""

    exported: Exported
    remarks: tuple[str, ...] = ()


def export_config_vars(folder: str, selector: str, revision: str, snapshot: str | None) -> ExportedConfigVars:
    """Export the one service in an environment that a selector names; raises EnvtreeError where it names another.

    The snapshot, if any, says which variables add-ons set.
    """
    tree = read_tree(folder, revision).opening("require")
    if faults := faults_of_ownership(tree):
        return ExportedConfigVars(_refused(tree, faults))
    compilation, problems = compile_tree(tree, (selector,))
    if compilation is None or errors(problems):
        return ExportedConfigVars(_refused(tree, problems))
    deployment = _one_deployment(selector, tuple(compilation.own))
    app = None if snapshot is None else _app_of(tree, compilation, deployment, snapshot)
    processes, hidden = _processes(compilation)
    return _exported(deployment, processes, hidden, app, tree.source, problems)


def export_built_config_vars(out: str, selector: str) -> ExportedConfigVars:
    """Export one service of an output, all values hidden (no schema); raises EnvtreeError if it can't be read."""
    from envtree.adapters.store.read import read_targets

    built = read_targets(out, selector)
    deployment = _one_deployment(selector, tuple(each.target for each in built))
    processes = {each.target: ProcessVariables(each.values, {}) for each in built}
    hidden = frozenset(name for each in built for name in each.values)
    return _exported(deployment, processes, hidden, None, None, ())


def _one_deployment(selector: str, targets: tuple[Target, ...]) -> Deployment:
    """Return the service that a selector names as a whole."""
    found = sorted({Deployment(target.environment, target.service) for target in targets})
    advice = f"choose one: {some(found, LISTED)}"
    if len(found) > 1:
        message = f"`{selector}` names {len(found)} services, and one is exported to an app at a time"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=advice))
    if selector.count("/") > 1:
        message = f"`{selector}` names a process, and an app has the variables of all processes of a service"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=f"name the service: {found[0]}"))
    return found[0]


def _app_of(tree: Tree, compilation: Compilation, deployment: Deployment, snapshot: str) -> App:
    environments = tuple(each.name for each in compilation.project.environments)
    listing = list_assigned(tree, HerokuQuery(snapshot or "."), lambda _: None, environments)
    for each in listing.assignment.assigned:
        if each.deployment == deployment:
            return each.app
    message = f"no app in `{snapshot}` is {deployment}"
    advice = (
        "`envtree import heroku --plan --snapshot` shows which app is what; `heroku: apps:` in envtree.yaml says it"
    )
    raise EnvtreeError(*listing.assignment.problems, Diagnostic("unmapped-app", message, help=advice))


def _processes(compilation: Compilation) -> tuple[dict[Target, ProcessVariables], frozenset[str]]:
    """Return what each process gets, and the names whose values are hidden for one of them."""
    processes, hidden = {}, set()
    for target, node in compilation.own.items():
        variables = variables_of(node, compilation.governed[target])
        values = {each.name: each.value for each in variables}
        processes[target] = ProcessVariables(values, {each.name: each.entry.span for each in variables})
        hidden |= {each.name for each in variables if each.hidden or each.masked}
    return processes, frozenset(hidden)


def _exported(
    deployment: Deployment,
    processes: Mapping[Target, ProcessVariables],
    hidden: frozenset[str],
    app: App | None,
    source: Source | None,
    problems: tuple[Diagnostic, ...],
) -> ExportedConfigVars:
    found = config_vars(processes, app)
    present = [name for name, text in found.values.items() if text is not None]
    problems += disagreements(deployment, processes, found)
    text = None if errors(problems) else json_lines(found.values)
    count = sum(name in hidden for name in present)
    return ExportedConfigVars(Exported(text, count, len(present), source, problems), tuple(remarks(found, app)))


def _refused(tree: Tree, problems: tuple[Diagnostic, ...]) -> Exported:
    return Exported(None, 0, 0, tree.source, problems)
