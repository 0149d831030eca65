"""The pipeline from a source to what every process gets: read, resolved and checked, with all diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from envtree.core.layers.layout import SUFFIX, LayerFiles, arrange, layer_id_of, layer_ids
from envtree.core.layers.parse import duplicate, parse
from envtree.core.layers.resolve import Node, check_resolved, resolve
from envtree.core.layers.shell_names import shell_variables
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.selector import choose, selects
from envtree.core.model.source import CONFIGS, SETTINGS, refused_help
from envtree.core.model.tree import Layer, Project, Span, Target
from envtree.core.schema.check import check
from envtree.core.schema.governance import Governance, govern
from envtree.core.schema.stated import StatedSchemas, govern_stated
from envtree.core.settings.project import read_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry
    from envtree.core.schema.rules import Schema

    Schemas = tuple[Schema, ...] | StatedSchemas | None
    """Classes to check by, or what their text says where they are not run, or None where they can't be understood."""

Parsed = dict[tuple[str, bytes], "Mapping[str, Entry]"]
"""The entries of layer files that have been parsed, or opened, by path and content."""
ABSENCES = ("missing-variable", "unset-reference")
"""Codes that are not reported for a target if one of its layers couldn't be read: the value may be there."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """Everything that is known about the selected targets."""

    project: Project
    nodes: Mapping[str, Node]
    own: Mapping[Target, Node]
    """Each target's own node, which is its resolution."""
    governed: Mapping[Target, Governance]
    layers: Mapping[str, Layer]
    """The layers that the targets see, by layer id."""
    named: frozenset[str]
    """The files that a `!file` names."""


def read_project_of(source: Source) -> tuple[Project, tuple[Diagnostic, ...]]:
    """Return the project of a source; raises EnvtreeError if its settings can't be read."""
    if SETTINGS in source.files:
        return read_project(source)
    code, message = source.refused.get(SETTINGS, ("no-tree", f"there is no `{SETTINGS}`"))
    if SETTINGS in source.refused:
        raise EnvtreeError(Diagnostic(code, message, Span(SETTINGS, 1, 1, 0), help=refused_help(code)))
    raise EnvtreeError(Diagnostic(code, message, help="`envtree init` writes one"))


def check_files(source: Source, project: Project) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the files alone, if errors in the settings keep them from being compiled."""
    files, _ = arrange(source, project)
    return (*_read_layers(source, files, {})[3], *_refused(source).values())


def compile_targets(
    source: Source,
    project: Project,
    schemas: Schemas,
    chosen: tuple[Target, ...] | None,
    parsed: Parsed | None = None,
    today: str = "",
) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """Return the chosen targets of a source (None: all), resolved and checked, by the rules of a day (see `check`).

    Without classes in `schemas`, only the form is checked. With chosen targets, only the files that they see are read,
    and a stray file is reported only if it could be meant for one of them. Files in `parsed` are not parsed again.
    """
    parsed = {} if parsed is None else parsed
    targets = project.targets if chosen is None else chosen
    files, strays = arrange(source, project)
    seen = files.keys() if chosen is None else {layer_id for target in targets for layer_id in layer_ids(target)}
    layers, used, unread, problems = _read_layers(
        source, {layer_id: files[layer_id] for layer_id in files if layer_id in seen}, parsed
    )
    strays = {path: problem for path, problem in strays.items() if path not in used and path not in source.refused}
    if chosen is not None and strays:
        others = {service.name for service in project.services} - {target.service for target in targets}
        strays = {path: problem for path, problem in strays.items() if _service_folder(path) not in others}
        used |= (
            _read_layers(source, {layer_id: files[layer_id] for layer_id in files if layer_id not in seen}, {})[1]
            if strays
            else set()
        )
    problems += (problem for path, problem in strays.items() if path not in used)
    refused = _refused(source)
    own_layers = _layers_by_folder(targets if refused else ())
    all_layers = _layers_by_folder(() if not refused or chosen is None else project.targets)
    for path, problem in refused.items():
        blocked = own_layers.get(_folder_of(path), set())
        unread |= blocked
        is_elsewhere = not blocked and (_folder_of(path) in all_layers or _is_of_others(path, problem, chosen))
        problems += (problem,) if path not in used and not is_elsewhere else ()
    nodes, own = resolve(targets, layers)
    if isinstance(schemas, StatedSchemas):
        governed, found = govern_stated(targets, schemas), check_resolved(own)
    else:
        governed = govern(targets, schemas or ())
        found = (*check_resolved(own), *(check(project, own, governed, today) if schemas is not None else ()))
    found += tuple(shell_variables(own))
    partial = {target for target in targets if not unread.isdisjoint(layer_ids(target))}
    problems += (each for each in found if each.code not in ABSENCES or not partial.issuperset(each.targets))
    return Compilation(project, nodes, own, governed, layers, frozenset(used)), tuple(problems)


def _is_of_others(path: str, problem: Diagnostic, chosen: tuple[Target, ...] | None) -> bool:
    """Return whether a path that a checkout lacks has nothing to do with the chosen targets: it is of another service.

    Its service is not known to the project, since its `service.yaml` is missing as well.
    """
    if chosen is None or problem.code != "incomplete-checkout" or not path.startswith(CONFIGS):
        return False
    service, _, below = path.removeprefix(CONFIGS).partition("/")
    is_layer = not below and service.endswith(SUFFIX)
    return not is_layer and service not in {target.service for target in chosen}


def _service_folder(path: str) -> str:
    """Return the service whose layer a stray path may be, misspelt; empty if it may be any."""
    return path.removeprefix(CONFIGS).partition("/")[0] if path.count("/") > 1 else ""


def _layers_by_folder(targets: Iterable[Target]) -> dict[str | None, set[str]]:
    """Return the targets' layers by their own ids and by the folders that they are in; the empty one is `configs`."""
    found: dict[str | None, set[str]] = {}
    for layer_id in {each for target in targets for each in layer_ids(target)}:
        parts = layer_id.split("/")
        for depth in range(len(parts) + 1):
            found.setdefault("/".join(parts[:depth]), set()).add(layer_id)
    return found


def _folder_of(path: str) -> str | None:
    """Return an unreadable path as an id of a layer, or as a folder of layers; None if it can be neither."""
    if path == CONFIGS.rstrip("/"):
        return ""
    return layer_id_of(path) if path.startswith(CONFIGS) else None


def select(project: Project, selectors: tuple[str, ...]) -> tuple[Target, ...]:
    """Return the targets that globs match (`production`, `*/accounts/*`); raises EnvtreeError if one matches none."""
    return choose(selectors, project.targets, " of this tree") if selectors else project.targets


def matching(targets: Iterable[Target], selector: str) -> tuple[Target, ...]:
    """Return the targets that a glob matches."""
    return tuple(target for target in targets if selects(selector, target))


def _read_layers(
    source: Source, files: Mapping[str, LayerFiles], parsed: Parsed
) -> tuple[dict[str, Layer], set[str], set[str], list[Diagnostic]]:
    """Return the layers by id, the files that `!file`s name, the ids of unreadable layers, and the diagnostics."""
    layers: dict[str, Layer] = {}
    used: set[str] = set()
    unread: set[str] = set()
    problems: list[Diagnostic] = []
    for layer_id, pair in files.items():
        before = len(problems)
        entries, found, faults = _parse(pair.plain, source, parsed) if pair.plain else ({}, frozenset(), ())
        used |= found
        problems += faults
        if pair.sealed:
            sealed, faults = _parse_sealed(pair.sealed, source, parsed)
            problems += faults
            problems += (duplicate(entries[name], entry) for name, entry in sealed.items() if name in entries)
            entries = {**sealed, **entries}
        if not entries and errors(problems[before:]):
            unread.add(layer_id)
        layers[layer_id] = Layer(layer_id, entries, found)
    return layers, used, unread, problems


def _parse(
    path: str, source: Source, parsed: Parsed
) -> tuple[Mapping[str, Entry], frozenset[str], tuple[Diagnostic, ...]]:
    """Return a file's entries, from `parsed` if there: equal bytes give equal entries, except for a `!file`."""
    key = (path, source.files[path])
    if key in parsed:
        return parsed[key], frozenset(), ()
    entries, used, problems = parse(path, source)
    if not problems and not used:
        parsed[key] = entries
    return entries, used, problems


def _parse_sealed(path: str, source: Source, parsed: Parsed) -> tuple[Mapping[str, Entry], tuple[Diagnostic, ...]]:
    """Return the entries of a sealed file: from `parsed` if it has been opened, else opaque ones."""
    key = (path, source.files[path])
    if key in parsed:
        return parsed[key], ()
    from envtree.core.layers.sealed import read_entries  # most trees have no sealed layer

    return read_entries(path, source)


def _refused(source: Source) -> dict[str, Diagnostic]:
    return {
        path: Diagnostic(code, message, Span(path, 1, 1, 0), help=refused_help(code))
        for path, (code, message) in source.refused.items()
    }
