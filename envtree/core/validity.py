"""What the errors of a tree make invalid: the targets that an error names or that see its file, and whole files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.compile import targets_seeing
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
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
    for each in errors(diagnostics):
        file = each.span.file if each.span else ""
        if each.targets:
            found.update(each.targets)
        elif file.startswith(CONFIGS) and file.endswith(SUFFIX):
            found.update(targets_seeing(file, targets))
        elif below := [target for target in targets if _lies_below(file, target)]:
            found.update(below)
        else:
            return frozenset(targets)
    return frozenset(found).intersection(targets)


def _lies_below(folder: str, target: Target) -> bool:
    """Return whether a layer of a target would be in a folder."""
    return any(f"{CONFIGS}{layer_id}".startswith(f"{folder}/") for layer_id in layer_ids(target))


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
    return frozenset(file for file in files if any(file == each or file.startswith(f"{each}/") for each in wrong))
