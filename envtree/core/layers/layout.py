"""Which file of a source is which layer; a file that is no layer is reported, never skipped."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON, Span
from envtree.core.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project, Target

SUFFIX = ".yaml"
SEALED_SUFFIX = ".sops.yaml"


class LayerFiles(NamedTuple):
    """The files of one layer, either of which may be missing."""

    plain: str | None = None
    sealed: str | None = None


def layer_ids(target: Target) -> tuple[str, ...]:
    """Return the ids of the six layers that make a target, widest first."""
    environment, service, process = target.environment, target.service, target.process
    return (
        COMMON,
        environment,
        f"{service}/{COMMON}",
        f"{service}/{environment}",
        f"{service}/{process}/{COMMON}",
        f"{service}/{process}/{environment}",
    )


def targets_seeing(layer_id: str, targets: Iterable[Target]) -> tuple[Target, ...]:
    """Return the targets that a layer is a part of."""
    return tuple(target for target in targets if layer_id in layer_ids(target))


def environments_seeing(layer_id: str, targets: Iterable[Target]) -> tuple[str, ...]:
    """Return the environments, sorted, of the targets that a layer is a part of."""
    return tuple(sorted({target.environment for target in targets_seeing(layer_id, targets)}))


def layer_id_of(path: str) -> str:
    """Return the id of the layer that a file is, or would be: its path without `configs/` and suffix."""
    stem = path.removesuffix(SUFFIX)
    return stem.removesuffix(SEALED_SUFFIX.removesuffix(SUFFIX)).removeprefix(CONFIGS)


def arrange(source: Source, project: Project) -> tuple[dict[str, LayerFiles], dict[str, Diagnostic]]:
    """Return each layer's files by layer id, and for every other path under `configs/` what is wrong with it."""
    layers: dict[str, LayerFiles] = {}
    strays: dict[str, Diagnostic] = {}
    names = _LayerNames(source, project)
    for path in sorted({*source.files, *source.refused}):
        if not path.startswith(CONFIGS) or path.endswith("/service.yaml"):
            continue
        *folder, file = path.removeprefix(CONFIGS).split("/")
        stem = _stem(file)
        problem = _folder_fault(path, folder, names) or _file_fault(path, folder, file, stem, names)
        if problem:
            strays[path] = problem
        elif path in source.files and stem is not None:
            layer_id = "/".join((*folder, stem))
            known = layers.get(layer_id, LayerFiles())
            sealed = file.endswith(SEALED_SUFFIX)
            layers[layer_id] = known._replace(sealed=path) if sealed else known._replace(plain=path)
    strays.update(_misplaced_service_files(source))
    return layers, strays


def sealed_files(source: Source, targets: Iterable[Target]) -> tuple[str, ...]:
    """Return the sealed files that some targets see, sorted."""
    sealed = {path for path in source.files if path.endswith(SEALED_SUFFIX)}
    if not sealed:
        return ()
    seen = {f"{CONFIGS}{layer_id}{SEALED_SUFFIX}" for target in targets for layer_id in layer_ids(target)}
    return tuple(sorted(sealed & seen))


class _LayerNames:
    """The names that files and folders of layers may have."""

    def __init__(self, source: Source, project: Project) -> None:
        stems = (COMMON, *(each.name for each in project.environments))
        self.environments = Vocabulary(stems)
        self.files = Vocabulary(f"{name}{SUFFIX}" for name in stems)
        self.folders = Vocabulary(sorted(_service_folders(source)))
        """The folders that hold a `service.yaml`, even one with errors."""
        self.services = {service.name: frozenset(service.environments) for service in project.services}
        """The environments of each service that could be read."""
        self.processes = {
            service.name: Vocabulary(process.name for process in service.processes) for service in project.services
        }


def _service_folders(source: Source) -> frozenset[str]:
    found = (
        path.removeprefix(CONFIGS).split("/") for path in (*source.files, *source.refused) if path.startswith(CONFIGS)
    )
    return frozenset(parts[0] for parts in found if len(parts) == 2 and parts[1] == "service.yaml")


def _stem(file: str) -> str | None:
    for suffix in (SEALED_SUFFIX, SUFFIX):
        if file.endswith(suffix):
            return file.removesuffix(suffix)
    return None


def _folder_fault(path: str, folder: list[str], names: _LayerNames) -> Diagnostic | None:
    if not folder:
        return None
    name = folder[0]
    if name not in names.folders:
        return Diagnostic(
            "missing-service-file",
            f"`{CONFIGS}{name}` has no service.yaml{names.folders.did_you_mean_name(name)}",
            Span(f"{CONFIGS}{name}/service.yaml", 1, 1),
            help=f"add {CONFIGS}{name}/service.yaml with its processes, name its files by `!file`, or remove it",
        )
    if len(folder) > 2:
        return _stray(path, "no folder goes deeper than a process")
    processes = names.processes.get(name)
    if len(folder) == 2 and processes is not None and folder[1] not in processes:
        return Diagnostic(
            "unknown-process",
            f"`{name}` has no process `{folder[1]}`{processes.did_you_mean_name(folder[1])}",
            Span(f"{CONFIGS}{name}/{folder[1]}", 1, 1),
            help=f"list it under `processes` in {CONFIGS}{name}/service.yaml, or rename the folder",
        )
    return None


def _file_fault(path: str, folder: list[str], file: str, stem: str | None, names: _LayerNames) -> Diagnostic | None:
    if stem is None:
        meant = names.environments.meant_name(file.partition(".")[0])
        suggestion = f"; did you mean `{meant}{SUFFIX}`?" if meant else ""
        return _stray(path, f"no layer has this name{suggestion}")
    if stem == COMMON:
        return None
    if stem not in names.environments:
        return Diagnostic(
            "unknown-environment",
            f"`{path}` is named for no environment{names.environments.did_you_mean_name(stem)}",
            Span(path, 1, 1, 0),
            help=f"rename it to one of {names.files.listed}, or add the environment to envtree.yaml",
        )
    if folder and folder[0] in names.services and stem not in names.services[folder[0]]:
        return Diagnostic(
            "unused-layer",
            f"no process sees `{path}`: `{folder[0]}` doesn't run in `{stem}`",
            Span(path, 1, 1, 0),
            help=f"remove it, or add `{stem}` to `environments` in {CONFIGS}{folder[0]}/service.yaml",
        )
    return None


_IMPORTED = {"Procfile": "procfile", "app.json": "app-json"}
"""Files that an import reads, and by which verb."""


def _stray(path: str, why: str) -> Diagnostic:
    advice = "remove it, or name it by a `!file`; dotfiles and Markdown are passed over"
    if verb := _IMPORTED.get(posixpath.basename(path)):
        advice = f"`envtree import {verb}` takes what it says into the tree; keep it outside of `configs`"
    return Diagnostic(
        "stray-file",
        f"`{path}` is no part of the tree: {why}",
        Span(path, 1, 1, 0),
        help=advice,
    )


def _misplaced_service_files(source: Source) -> Iterable[tuple[str, Diagnostic]]:
    for path in source.files:
        depth = path.removeprefix(CONFIGS).count("/")
        if path.startswith(CONFIGS) and posixpath.basename(path) == "service.yaml" and depth != 1:
            yield path, _stray(path, "a service.yaml stands in a service's folder, one below `configs`")
