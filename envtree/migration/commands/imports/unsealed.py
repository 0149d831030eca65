"""A tree with its sealed layers opened into the clear files beside them, in memory alone: an import compares values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.tree import open_layers
from envtree.core.compile import read_project_of
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_id_of
from envtree.core.model.diagnostic import EnvtreeError, errors
from envtree.core.model.source import Source
from envtree.core.yaml.splice import CannotUpdate
from envtree.core.yaml.update import set_entries
from envtree.core.yaml.writer import layer_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.keys.opening import DataKeys
    from envtree.commands.tree import Tree

SealedNames = dict[str, frozenset[str]]
"""The names that were sealed, by layer id."""


def unsealed(tree: Tree, data_keys: DataKeys) -> tuple[Tree, SealedNames]:
    """Return a tree with each sealed layer that opens in clear, and which names were sealed; never written as it is.

    A layer without a key stays sealed. Raises EnvtreeError for one that was changed without its key.
    """
    project, _ = read_project_of(tree.source)
    parsed, problems = open_layers(tree.opening("open"), project.targets, data_keys)
    if wrong := errors(problems):
        raise EnvtreeError(*wrong)
    files, names = dict(tree.source.files), SealedNames()
    for (path, _), entries in parsed.items():
        clear = f"{path.removesuffix(SEALED_SUFFIX)}{SUFFIX}"
        texts = {each.name: each.text for each in entries.values() if not each.opaque}
        changed = _with_texts(clear, files.get(clear), texts)
        if changed is not None and len(texts) == len(entries):
            files[clear] = changed
            del files[path]
            names[layer_id_of(path)] = frozenset(texts)
    return tree.having(Source(files, tree.source.refused)), names


def _with_texts(path: str, data: bytes | None, texts: Mapping[str, str | None]) -> bytes | None:
    """Return a clear file with these entries too; None where they can't be written into it."""
    if data is None:
        return layer_text(texts).encode()
    try:
        return set_entries(path, data, texts)
    except (CannotUpdate, ValueError):
        return None
