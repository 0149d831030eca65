"""The scope of a change: the targets that edited files can affect; the others need not be compiled."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from envtree.core.layers.layout import SUFFIX, layer_id_of, layer_ids
from envtree.core.layers.parse import may_name_files
from envtree.core.model.source import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Target
    from envtree.review.diff.comparison import ProcessView


def edited(before: Source, after: Source) -> frozenset[str]:
    """Return the paths that differ between two sources."""
    refused = {**before.refused, **after.refused} if before.refused != after.refused else {}
    return frozenset(
        path for path in before.files.keys() | after.files.keys() if before.files.get(path) != after.files.get(path)
    ).union(refused)


def affected_layers(
    paths: Iterable[str], sources: Iterable[Source], targets: Iterable[Target]
) -> frozenset[str] | None:
    """Return the ids of the layers that these paths are; None if one of the paths may affect any process.

    Such paths are settings, schemas, what is no layer of any target, and a file that some layer may name by `!file`.
    """
    paths, found = tuple(paths), set()
    for path in paths:
        if not path.startswith(CONFIGS) or not path.endswith(SUFFIX):
            return None
        found.add(layer_id_of(path))
    if not found <= {layer_id for target in targets for layer_id in layer_ids(target)}:
        return None
    names = {posixpath.basename(path).encode() for path in paths}
    if any(_may_name(names, data) for source in sources for data in source.files.values()):
        return None
    return frozenset(found)


def _may_name(names: set[bytes], data: bytes) -> bool:
    """Return whether a file may name one of these by `!file`; in double quotes, a name can contain escapes."""
    return (b"\\" in data or any(name in data for name in names)) and may_name_files(data)


def ports_of(view: ProcessView) -> dict[str, str]:
    """Return the ports that a process listens on, by the names of their variables."""
    names = view.governance.ports & view.values.keys() if view.governance else ()
    return {name: view.values[name] for name in names}


def affected_targets(targets: Iterable[Target], layers: frozenset[str] | None) -> tuple[Target, ...]:
    """Return the targets that see one of these layers (None: all targets)."""
    return tuple(target for target in targets if layers is None or not layers.isdisjoint(layer_ids(target)))
