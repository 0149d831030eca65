"""What the errors of a tree hit: targets, those that an error names or that see its file; and files as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.compile import targets_behind
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.diagnostic import errors
from envtree.core.model.source import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.compile import Compilation
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Target


SEEMING = ("unknown-environment", "unused-layer", "unknown-schema", "unknown-scope")
"""What may be said only because a part of the settings could not be understood."""


def invalid_targets(diagnostics: Iterable[Diagnostic], targets: tuple[Target, ...]) -> frozenset[Target]:
    """Those that have an error; one in settings, schemas or what a `!file` may name is an error for all."""
    found: set[Target] = set()
    for each in errors(diagnostics):
        file = each.span.file if each.span else ""
        if each.targets:
            found.update(each.targets)
        elif file.startswith(CONFIGS) and file.endswith(SUFFIX):
            found.update(targets_behind(file, targets))
        elif below := [target for target in targets if _lies_below(file, target)]:
            found.update(below)
        else:
            return frozenset(targets)
    return frozenset(found).intersection(targets)


def _lies_below(folder: str, target: Target) -> bool:
    """Whether a layer of a target would be in a folder."""
    return any(f"{CONFIGS}{layer_id}".startswith(f"{folder}/") for layer_id in layer_ids(target))


def without_seeming(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What is wrong with a tree whose settings have errors, those themselves left out."""
    return tuple(each for each in diagnostics if each.code not in SEEMING)


def unread_files(diagnostics: Iterable[Diagnostic], compilation: Compilation) -> frozenset[str]:
    """The layer files, or where they would be, that an error keeps from being read: nobody knows what they set."""
    wrong = {each.span.file for each in errors(diagnostics) if each.span}
    if not wrong:
        return frozenset()
    seen = {layer_id for target in compilation.own for layer_id in layer_ids(target)}
    files = {f"{CONFIGS}{layer_id}{suffix}" for layer_id in seen for suffix in (SUFFIX, SEALED_SUFFIX)}
    files -= {entry.file for layer in compilation.layers.values() for entry in layer.entries.values()}
    return frozenset(file for file in files if any(file == each or file.startswith(f"{each}/") for each in wrong))
