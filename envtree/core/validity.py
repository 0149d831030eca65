"""What the errors of a tree make invalid: the targets that an error names or that see its file, and whole files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_id_of, layer_ids
from envtree.core.model.diagnostic import errors
from envtree.core.model.source import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.compile import Compilation
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Target


CASCADING = ("unknown-environment", "unused-layer", "unknown-schema", "unknown-scope")
"""Codes that may be reported only because a part of the settings could not be read."""


def invalid_targets(diagnostics: Iterable[Diagnostic], targets: tuple[Target, ...]) -> frozenset[Target]:
    """Return the targets that have an error; one in settings, schemas or a `!file`'s file is every target's."""
    found: set[Target] = set()
    files: set[str] = set()
    for each in errors(diagnostics):
        if each.targets:
            found.update(each.targets)
        else:
            files.add(each.span.file if each.span else "")
    index = _TargetIndex(targets if files else ())
    for file in files:
        seeing = index.seeing(file)
        if seeing is None:
            return frozenset(targets)
        found.update(seeing)
    return frozenset(found).intersection(targets)


class _TargetIndex:
    """Targets by their layers, by the folders of these, and by their services."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._layers: dict[str, list[Target]] = {}
        self._folders: dict[str, dict[Target, None]] = {}
        self._services: dict[str, list[Target]] = {}
        for target in targets:
            self._services.setdefault(target.service, []).append(target)
            for layer_id in layer_ids(target):
                self._layers.setdefault(layer_id, []).append(target)
                for folder in _folders_above(f"{CONFIGS}{layer_id}"):
                    self._folders.setdefault(folder, {})[target] = None

    def seeing(self, file: str) -> Iterable[Target] | None:
        """Return the targets that see a file, or a layer in it if it is a folder; None if that may be every target.

        Another file in a service's folder is seen by the service's targets.
        """
        if file.startswith(CONFIGS) and file.endswith(SUFFIX):
            layer_id = layer_id_of(file)
            service, slash, _ = layer_id.partition("/")
            return self._layers.get(layer_id) or self._services.get(service if slash else "", ())
        return self._folders.get(file)


def _folders_above(path: str) -> Iterable[str]:
    """Yield the folders that a path is in."""
    folder = path
    while folder := folder.rpartition("/")[0]:
        yield folder


def without_cascading(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a tree whose settings have errors, without those that such errors may cause."""
    return tuple(each for each in diagnostics if each.code not in CASCADING)


def unread_files(diagnostics: Iterable[Diagnostic], compilation: Compilation) -> frozenset[str]:
    """Return layer paths that an error kept from being read, existing or not: nobody knows what these set."""
    wrong = {each.span.file for each in errors(diagnostics) if each.span}
    if not wrong:
        return frozenset()
    seen = {layer_id for target in compilation.own for layer_id in layer_ids(target)}
    files = {f"{CONFIGS}{layer_id}{suffix}" for layer_id in seen for suffix in (SUFFIX, SEALED_SUFFIX)}
    files -= {entry.file for layer in compilation.layers.values() for entry in layer.entries.values()}
    return frozenset(file for file in files if not wrong.isdisjoint((file, *_folders_above(file))))
