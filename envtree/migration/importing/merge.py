"""An import into a tree with content: what must be written for its processes to get the same as on Heroku.

Only layers of the apps' own services are changed: a wider one may be meant for more than these apps. What a process
layer sets, what Heroku doesn't have, and what is expected to differ is the team's own work, and stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import layer_id_of
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import CONFIGS, SETTINGS
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.settings.heroku import ExpectationIndex
from envtree.migration.apps.fleet import by_deployment
from envtree.migration.apps.ownership import owner_of
from envtree.migration.importing.factor import place_below

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Project, Target
    from envtree.core.settings.heroku import Expectation
    from envtree.migration.importing.carried import ImportedApp

Layers = dict[str, dict[str, str | None]]
PROCESS_DEPTH = 2
"""Slashes in the id of a process layer."""


class KeptVariable(NamedTuple):
    """A variable of a process that differs from Heroku and stays as the tree has it, and why."""

    target: Target
    name: str
    reason: str


def misplaced(apps: Iterable[ImportedApp], project: Project) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each app whose environment is not in the tree, or not used by its service.

    A person must decide: a new environment would be one for every service that doesn't list its own.
    """
    environments = Vocabulary(each.name for each in project.environments)
    running = {service.name: frozenset(service.environments) for service in project.services}
    found = []
    for deployment, app in ((each.deployment, each.app) for each in apps):
        own = running.get(deployment.service)
        if deployment.environment not in environments:
            known = environments.did_you_mean_name(deployment.environment)
            message = f"`{SETTINGS}` has no environment `{deployment.environment}`, where {app.name} belongs{known}"
            advice = (
                "add it, and say in each service.yaml under `environments` whether it runs there; "
                f"or say under `heroku: apps:` where {app.name} belongs"
            )
        elif own is not None and deployment.environment not in own:
            message = f"`{deployment.service}` doesn't run in `{deployment.environment}`, where {app.name} belongs"
            advice = f"add `{deployment.environment}` to `environments` in {CONFIGS}{deployment.service}/service.yaml"
        else:
            continue
        found.append(Diagnostic("import-failed", message, help=advice))
    return tuple(found)


def merge(
    apps: Sequence[ImportedApp],
    compilation: Compilation,
    known: Collection[str],
    secrets: Collection[str],
    expectations: Sequence[Expectation],
    lacking: str = "not on Heroku",
) -> tuple[Layers, tuple[KeptVariable, ...]]:
    """Return the entries to write, by layer id, and what is kept. `known` are the services that the tree had before.

    `lacking` says why a variable is kept that the apps don't have.
    """
    layers: Layers = {}
    kept: list[KeptVariable] = []
    index = ExpectationIndex(expectations)
    nodes_by_deployment = by_deployment(compilation.own)
    services: dict[str, list[ImportedApp]] = {}
    for each in apps:
        services.setdefault(each.deployment.service, []).append(each)
    for service, own in sorted(services.items()):
        if service in known:
            for each in own:
                reasons = _reasons_to_keep(each, compilation.nodes[str(each.deployment)], index, lacking)
                _change(each, compilation.nodes[str(each.deployment)], reasons, layers)
                kept += _kept(nodes_by_deployment[each.deployment], reasons)
        else:
            _add(service, own, compilation, secrets, layers)
    return {layer_id: dict(sorted(layers[layer_id].items())) for layer_id in sorted(layers)}, tuple(kept)


def _add(
    service: str, own: Sequence[ImportedApp], compilation: Compilation, secrets: Collection[str], layers: Layers
) -> None:
    """Add the entries of a new service: as few for each name as can be, below what the tree gives every service."""
    above = {each.deployment.environment: _given(compilation.nodes[str(each.deployment)]) for each in own}
    names = {name for each in own for name in each.values} | {name for given in above.values() for name in given}
    for name in sorted(names):
        row = {each.deployment.environment: each.values.get(name) for each in own}
        inherited = {environment: given.get(name) for environment, given in above.items()}
        for layer, text in place_below(row, inherited, secret=name in secrets).items():
            layers.setdefault(f"{service}/{layer}", {})[name] = text


def _given(node: Node) -> dict[str, str | None]:
    """Return what a chain sets; a name that can't be computed gets a NUL, which equals no value."""
    given = {name: text for name, text in node.values.items() if text is not None}
    return {**given, **dict.fromkeys(node.failed, "\0")}


def _change(imported: ImportedApp, node: Node, reasons: Collection[str], layers: Layers) -> None:
    """Add an entry for each variable that a deployment of the tree gets otherwise."""
    given = _given(node)
    for name, text in imported.values.items():
        if name not in reasons and given.get(name) != text:
            layers.setdefault(f"{imported.deployment.service}/{imported.deployment.environment}", {})[name] = text


def _reasons_to_keep(imported: ImportedApp, node: Node, expectations: ExpectationIndex, lacking: str) -> dict[str, str]:
    """Return the variables that a whole deployment keeps as the tree has them, with the reason."""
    reasons, given = {}, _given(node)
    for name in sorted(node.provenance.keys() | imported.values.keys()):
        owner = owner_of(imported.app, name)
        covering = expectations.covering(imported.deployment, name, owner)
        entry = node.provenance[name][-1] if name in node.provenance else None
        if covering is not None:
            reasons[name] = f"expected to differ: {covering.reason}"
        elif entry is not None and entry.is_closed:
            reasons[name] = f"sealed in {entry.file}"
        elif entry is not None and name in given and name not in imported.values:
            reasons[name] = f"{lacking}, set in {entry.file}:{entry.line}"
    return reasons


def _kept(own: Mapping[Target, Node], reasons: Mapping[str, str]) -> Iterator[KeptVariable]:
    """Yield what the processes of a deployment keep: what all of them do, and what a layer of one process sets."""
    for target, node in own.items():
        yield from (KeptVariable(target, name, reason) for name, reason in reasons.items())
        for name, entries in node.provenance.items():
            entry = entries[-1]
            if name not in reasons and layer_id_of(entry.file).count("/") == PROCESS_DEPTH:
                yield KeptVariable(target, name, f"set for the process in {entry.file}:{entry.line}")
