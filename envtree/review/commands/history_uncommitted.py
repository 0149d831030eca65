"""How a target differs between the working tree and the commit below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.tree import tree_of_files
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import SCHEMAS, SETTINGS
from envtree.review.commands.history_schemas import SchemaCache
from envtree.review.history.events import changes_between
from envtree.review.history.state import layer_files, service_file

if TYPE_CHECKING:
    from envtree.core.model.source import SchemaUse
    from envtree.core.model.tree import Target
    from envtree.review.commands.history_states import StateHistory


def uncommitted(
    root: str, target: Target, name: str, states: StateHistory, head: str, schemas: SchemaUse
) -> tuple[str, ...]:
    """Return the variables that differ (the empty name: the target itself). Git is not run: its filters are code."""
    tree = tree_of_files(root, schemas)
    source = tree.source
    committed = states.source(head).files
    wanted = {SETTINGS, service_file(target), *layer_files(target), *committed}
    files = {path: data for path, data in source.files.items() if path in wanted or path.startswith(SCHEMAS)}
    if files == committed:
        return ()
    try:
        state = states.state_in(tree, SchemaCache(target.service, tree).own_schemas("", tree))
    except EnvtreeError:  # schemas that others may have written are not run just to show what isn't committed
        return ()
    before = states.by_own_schemas(head)
    change_set = changes_between(target, before, state.after(before) if state else None, name)
    changed = (
        {each.name for each in change_set.changes} | {each.name for each in change_set.invalid} | {*change_set.valid}
    )
    return ("",) if change_set.target_change else tuple(sorted(changed))
