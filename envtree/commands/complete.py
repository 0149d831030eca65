"""The names in a tree, for a shell that completes them; whatever is wrong with the tree is not reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.files.worktree import find_root, read
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.layers.scope import read_scope, scopes
from envtree.core.layers.sealed import read_entries
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import CONFIGS, SETTINGS
from envtree.core.settings.project import read_project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Target


def target_names(folder: str) -> tuple[str, ...]:
    """Return the targets of the tree that a folder is in, as text; empty if there is no such tree."""
    source = _source(folder)
    return tuple(str(target) for target in read_project(source)[0].targets) if source else ()


def variable_names(folder: str, target: str) -> frozenset[str]:
    """Return the variables that the layers of a target set or remove."""
    source = _source(folder)
    chosen = [each for each in read_project(source)[0].targets if str(each) == target] if source else []
    return _names_seen(source, chosen) if source else frozenset()


def scope_names(folder: str) -> tuple[str, ...]:
    """Return the scopes of the tree that a folder is in; empty if there is no such tree."""
    source = _source(folder)
    return tuple(scopes(read_project(source)[0])) if source else ()


def scope_variables(folder: str, selector: str) -> frozenset[str]:
    """Return the variables that the layers of a scope's targets set or remove; none for what is no scope."""
    source = _source(folder)
    if source is None:
        return frozenset()
    try:
        return _names_seen(source, read_scope(read_project(source)[0], selector).targets)
    except EnvtreeError:
        return frozenset()


def _names_seen(source: Source, targets: Iterable[Target]) -> frozenset[str]:
    """Return the variables in the layers of some targets."""
    layers = {layer_id: None for each in targets for layer_id in layer_ids(each)}
    files = [f"{CONFIGS}{layer_id}{suffix}" for layer_id in layers for suffix in (SUFFIX, SEALED_SUFFIX)]
    found = [read_entries(file, source)[0] for file in files if file in source.files]
    return frozenset().union(*found)


def _source(folder: str) -> Source | None:
    root = find_root(folder)
    source = read(root) if root else None
    return source if source and SETTINGS in source.files else None
