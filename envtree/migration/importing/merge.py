"""An import into a tree that has something to say already: what must be written for its processes to get the same.

Only layers of the apps' own services are touched: a wider one may mean more than these apps. What a process layer
sets, what Heroku doesn't have, and what is expected to differ is the team's own work, and stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import layer_id_of
from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.source import CONFIGS, SETTINGS
from envtree.migration.apps.fleet import by_cell
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
"""Slashes in the place of a process' layer."""


class Kept(NamedTuple):
    """What the tree has otherwise than Heroku, and keeps: a variable of a process, and why."""

    target: Target
    name: str
    reason: str


def misplaced(parts: Iterable[ImportedApp], project: Project) -> tuple[Diagnostic, ...]:
    """The apps for which a person must say something first: an environment that is not there, or not for a service.

    A new environment would be one for every service that doesn't list its own.
    """
    environments = [each.name for each in project.environments]
    services = {service.name: service for service in project.services}
    found = []
    for cell, app in ((part.cell, part.app) for part in parts):
        service = services.get(cell.service)
        if cell.environment not in environments:
            known = did_you_mean(cell.environment, environments)
            message = f"`{SETTINGS}` has no environment `{cell.environment}`, where {app.name} belongs{known}"
            advice = (
                "add it, and say in each service.yaml under `environments` whether it runs there; "
                f"or say under `heroku: apps:` where {app.name} belongs"
            )
        elif service is not None and cell.environment not in service.environments:
            message = f"`{cell.service}` doesn't run in `{cell.environment}`, where {app.name} belongs"
            advice = f"add `{cell.environment}` to `environments` in {CONFIGS}{cell.service}/service.yaml"
        else:
            continue
        found.append(Diagnostic("import-failed", message, help=advice))
    return tuple(found)


def merge(
    parts: Sequence[ImportedApp],
    compilation: Compilation,
    known: Collection[str],
    secrets: Collection[str],
    expectations: Sequence[Expectation],
) -> tuple[Layers, tuple[Kept, ...]]:
    """The entries to write, by place, and what is kept; `known` are the services that the tree had before."""
    layers: Layers = {}
    kept: list[Kept] = []
    cells = by_cell(compilation.own)
    services: dict[str, list[ImportedApp]] = {}
    for part in parts:
        services.setdefault(part.cell.service, []).append(part)
    for service, own in sorted(services.items()):
        if service in known:
            for part in own:
                stays = _staying(part, compilation.nodes[str(part.cell)], expectations)
                _change(part, compilation.nodes[str(part.cell)], stays, layers)
                kept += _kept(cells[part.cell], stays)
        else:
            _add(service, own, compilation, secrets, layers)
    return {place: dict(sorted(layers[place].items())) for place in sorted(layers)}, tuple(kept)


def _add(
    service: str, own: Sequence[ImportedApp], compilation: Compilation, secrets: Collection[str], layers: Layers
) -> None:
    """A service that is new: each name as few entries as can be, below what the tree gives every service."""
    above = {part.cell.environment: _given(compilation.nodes[str(part.cell)]) for part in own}
    names = {name for part in own for name in part.values} | {name for given in above.values() for name in given}
    for name in sorted(names):
        row = {part.cell.environment: part.values.get(name) for part in own}
        inherited = {environment: given.get(name) for environment, given in above.items()}
        for layer, text in place_below(row, inherited, secret=name in secrets).items():
            layers.setdefault(f"{service}/{layer}", {})[name] = text


def _given(node: Node) -> dict[str, str | None]:
    """What a node's chain sets; what it can't compute is there, too, as what no value equals: none has a NUL."""
    given = {name: text for name, text in node.values.items() if text is not None}
    return {**given, **dict.fromkeys(node.failed, "\0")}


def _change(part: ImportedApp, node: Node, stays: Collection[str], layers: Layers) -> None:
    """A cell that is there: an entry for each variable that it gets otherwise."""
    given = _given(node)
    for name, text in part.values.items():
        if name not in stays and given.get(name) != text:
            layers.setdefault(f"{part.cell.service}/{part.cell.environment}", {})[name] = text


def _staying(part: ImportedApp, node: Node, expectations: Sequence[Expectation]) -> dict[str, str]:
    """The variables that a whole cell keeps as the tree has them, with the reason."""
    stays, given = {}, _given(node)
    for name in sorted(node.provenance.keys() | part.values.keys()):
        owner = owner_of(part.app, name)
        covering = next((each for each in expectations if each.covers(part.cell, name, owner)), None)
        entry = node.provenance[name][-1] if name in node.provenance else None
        if covering is not None:
            stays[name] = f"expected to differ: {covering.reason}"
        elif entry is not None and entry.sealed:
            stays[name] = f"sealed in {entry.file}"
        elif entry is not None and name in given and name not in part.values:
            stays[name] = f"not on Heroku, set in {entry.file}:{entry.line}"
    return stays


def _kept(own: Mapping[Target, Node], stays: Mapping[str, str]) -> Iterator[Kept]:
    """What the processes of a cell keep: what all of it does, and what a layer of the process' own sets."""
    for target, node in own.items():
        yield from (Kept(target, name, reason) for name, reason in stays.items())
        for name, entries in node.provenance.items():
            entry = entries[-1]
            if name not in stays and layer_id_of(entry.file).count("/") == PROCESS_DEPTH:
                yield Kept(target, name, f"set for the process in {entry.file}:{entry.line}")
