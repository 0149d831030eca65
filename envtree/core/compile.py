"""A source to what every process gets: read, resolved and checked, with all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from envtree.core.layers.layout import LayerFiles, arrange, layer_id_of, layer_ids
from envtree.core.layers.parse import duplicate, parse
from envtree.core.layers.resolve import Node, check_resolved, resolve
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, errors
from envtree.core.model.selector import selects
from envtree.core.model.source import CONFIGS, SETTINGS, refused_help
from envtree.core.model.tree import Layer, Project, Span, Target
from envtree.core.schema.check import check
from envtree.core.schema.governance import Governance, govern
from envtree.core.settings.project import read_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry
    from envtree.core.schema.rules import Schema

Parsed = dict[tuple[str, bytes], "Mapping[str, Entry]"]
"""The entries of layer files, by path and content."""
ABSENCES = ("missing-variable", "unset-reference")
"""What can't be said of a target while a layer of it couldn't be read: the value may stand there."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """Everything that is known of the selected targets."""

    project: Project
    nodes: Mapping[str, Node]
    own: Mapping[Target, Node]
    """Each target's own node: its resolution."""
    governed: Mapping[Target, Governance]
    layers: Mapping[str, Layer]
    """The layers that the targets see, by place."""
    named: frozenset[str]
    """The files that a `!file` names."""


def read_project_of(source: Source) -> tuple[Project, tuple[Diagnostic, ...]]:
    """The project of a source; raises EnvtreeError where its settings can't be read."""
    if SETTINGS in source.files:
        return read_project(source)
    code, message = source.refused.get(SETTINGS, ("no-tree", f"there is no `{SETTINGS}`"))
    if SETTINGS in source.refused:
        raise EnvtreeError(Diagnostic(code, message, Span(SETTINGS, 1, 1, 0), help=refused_help(code)))
    raise EnvtreeError(Diagnostic(code, message, help="`envtree init` writes one"))


def check_files(source: Source, project: Project) -> tuple[Diagnostic, ...]:
    """What can be said of the files alone, where the settings are too wrong to compile them."""
    files, _ = arrange(source, project)
    return (*_read_layers(source, files, {})[3], *_refused(source).values())


def compile_source(
    source: Source, project: Project, schemas: tuple[Schema, ...] | None, selectors: tuple[str, ...] = ()
) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """The selected targets of a source (none: all of them), resolved and checked; without schemas, for form alone.

    With a selector, only the files that its targets see are read, and only what could have been meant for them is
    reported as no part of the tree.
    """
    return compile_targets(source, project, schemas, select(project, selectors) if selectors else None)


def compile_targets(
    source: Source,
    project: Project,
    schemas: tuple[Schema, ...] | None,
    chosen: tuple[Target, ...] | None,
    parsed: Parsed | None = None,
) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """The same for targets that were chosen otherwise than by selectors (None: all).

    What `parsed` holds of another revision is not parsed again.
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
        strays = {path: problem for path, problem in strays.items() if _could_be_for(path, project, targets)}
        used |= (
            _read_layers(source, {layer_id: files[layer_id] for layer_id in files if layer_id not in seen}, {})[1]
            if strays
            else set()
        )
    problems += (problem for path, problem in strays.items() if path not in used)
    for path, problem in _refused(source).items():
        behind = _layers_behind(path, targets)
        unread |= behind
        others = () if behind or chosen is None else _layers_behind(path, project.targets)
        problems += (problem,) if path not in used and not others else ()
    nodes, own = resolve(targets, layers)
    governed = govern(targets, schemas or ())
    found = (*check_resolved(own), *(check(project, own, governed) if schemas is not None else ()))
    partial = {target for target in targets if not unread.isdisjoint(layer_ids(target))}
    problems += (each for each in found if each.code not in ABSENCES or not partial.issuperset(each.targets))
    return Compilation(project, nodes, own, governed, layers, frozenset(used)), tuple(problems)


def _could_be_for(path: str, project: Project, targets: tuple[Target, ...]) -> bool:
    """Whether a path that is no layer may be a misspelt one of these targets: all but what lies in other services."""
    folder = path.removeprefix(CONFIGS).partition("/")[0] if path.count("/") > 1 else ""
    return folder not in {service.name for service in project.services} - {target.service for target in targets}


def _layers_behind(path: str, targets: tuple[Target, ...]) -> set[str]:
    """The layers of targets that a path which could not be read stands for, or is a folder of."""
    if path == CONFIGS.rstrip("/"):
        return {each for target in targets for each in layer_ids(target)}
    if not path.startswith(CONFIGS):
        return set()
    layer_id = layer_id_of(path)
    return {
        each for target in targets for each in layer_ids(target) if each == layer_id or each.startswith(f"{layer_id}/")
    }


def targets_behind(path: str, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """The targets that see a layer's file; for another file of a service's folder, those of the service."""
    layer_id = layer_id_of(path)
    seeing = tuple(target for target in targets if layer_id in layer_ids(target))
    return seeing or tuple(target for target in targets if layer_id.startswith(f"{target.service}/"))


def select(project: Project, selectors: tuple[str, ...]) -> tuple[Target, ...]:
    """The targets that globs name (`production`, `*/accounts/*`); one that names none raises EnvtreeError."""
    if not selectors:
        return project.targets
    chosen: set[Target] = set()
    for selector in selectors:
        found = set(matching(project.targets, selector))
        if not found:
            raise EnvtreeError(_unknown_target(project, selector))
        chosen |= found
    return tuple(sorted(chosen))


def matching(targets: Iterable[Target], selector: str) -> tuple[Target, ...]:
    """Those that a glob names."""
    return tuple(target for target in targets if selects(selector, target))


def _unknown_target(project: Project, selector: str) -> Diagnostic:
    names = [str(target) for target in project.targets]
    prefixes = sorted({"/".join(name.split("/")[:depth]) for name in names for depth in (1, 2, 3)})
    return Diagnostic(
        "unknown-target",
        f"`{selector}` names no process of this tree{did_you_mean(selector, prefixes)}",
        help="a selector is `environment/service/process`, or the first parts of it; `*` stands for any name",
    )


def _read_layers(
    source: Source, files: Mapping[str, LayerFiles], parsed: Parsed
) -> tuple[dict[str, Layer], set[str], set[str], list[Diagnostic]]:
    """The layers by place, the files that a `!file` names, the places that couldn't be read, and what is wrong."""
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
            sealed, _, faults = parse(pair.sealed, source, sealed=True)
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
    """A file's entries; those of equal bytes at the same path are equal, but where a `!file` brings in others."""
    key = (path, source.files[path])
    if key in parsed:
        return parsed[key], frozenset(), ()
    entries, used, problems = parse(path, source)
    if not problems and not used:
        parsed[key] = entries
    return entries, used, problems


def _refused(source: Source) -> dict[str, Diagnostic]:
    return {
        path: Diagnostic(code, message, Span(path, 1, 1, 0), help=refused_help(code))
        for path, (code, message) in source.refused.items()
    }


def sealed_faults(compilation: Compilation) -> tuple[Diagnostic, ...]:
    """What keeps sealed values from being delivered: each sealed file, once."""
    targets: dict[str, list[Target]] = {}
    for target, node in compilation.own.items():
        for file in sorted({entries[-1].file for entries in node.provenance.values() if entries[-1].sealed}):
            targets.setdefault(file, []).append(target)
    return tuple(
        Diagnostic(
            "sealed-layer",
            f"`{file}` is sealed, and this version can't open it",
            Span(file, 1, 1, 0),
            help="its names are checked, but its values can't be delivered; keep them where the program can fetch them",
            targets=tuple(found),
        )
        for file, found in targets.items()
    )
