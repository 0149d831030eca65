"""`envtree unset`: leave variables without a text in one scope, if the tree stays valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.editing.changes.new_values import check_names
from envtree.editing.changes.removal import Inherited, remove
from envtree.editing.commands.edit import SILENT, Conversation, Edited, Mode, edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.editing.changes.placement import LayerEdit
    from envtree.editing.commands.opened import OpenedScope


def unset_names(
    folder: str,
    selector: str,
    names: Sequence[str],
    *,
    inherited: Inherited = "refused",
    mode: Mode = "write",
    conversation: Conversation = SILENT,
) -> Edited:
    """Remove the lines of variables from the layer of a scope, or write `!unset`; raises EnvtreeError where unclear."""
    check_names(names)

    def change(opened: OpenedScope) -> LayerEdit:
        return remove(names, opened.state, inherited)

    return edit(folder, selector, change, mode, conversation)
