"""The sealed file of a layer, as an edit of its scope makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.steps.sealed import keys_of_user
from envtree.commands.steps.sealing import IN_CLEAR, Sealing, change_sealed_file, entries_with, new_sealed_file
from envtree.core.yaml.splice import CannotUpdate
from envtree.editing.changes.layer import cannot_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.editing.changes.placement import LayerEdit
    from envtree.editing.commands.opened import OpenedScope


def edit_sealed(opened: OpenedScope, change: LayerEdit) -> bytes:
    """Return the sealed file of a layer as it is to be; raises EnvtreeError without a key, or a rule for it.

    Its values are known from then on, so that they are compared and checked as those of a clear file.
    """
    path = opened.sealed_path
    data = opened.tree.source.files.get(path)
    known: Mapping[str, str] = {}
    data_keys = opened.data_keys or keys_of_user()
    changes = {**dict.fromkeys(change.gone_from_sealed), **change.sealed}
    try:
        if data is None:
            environments = dict.fromkeys(each.environment for each in opened.scope.targets)
            sealing = Sealing(opened.tree.root, opened.scope.targets, data_keys, IN_CLEAR)
            changed = new_sealed_file(sealing, path, environments, change.sealed)
        else:
            changed, known = change_sealed_file(path, data, changes, data_keys)
    except CannotUpdate as error:
        raise cannot_change(path, error.name, error.reason) from None
    opened.parsed[path, changed] = entries_with(path, changed, {**known, **changes})
    return changed
