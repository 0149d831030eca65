"""In what a target differs in the working tree from the commit that it lies on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.files.worktree import read, unsafe_schemas
from envtree.commands.tree import Tree
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import SCHEMAS, SETTINGS
from envtree.review.commands.history_schemas import SchemaCache
from envtree.review.history.events import news_between
from envtree.review.history.state import layer_files, service_file

if TYPE_CHECKING:
    from envtree.core.model.tree import Target
    from envtree.review.commands.history_states import StateHistory


def uncommitted(root: str, target: Target, name: str, past: StateHistory, head: str) -> tuple[str, ...]:
    """The variables that differ, the empty name for the target itself; git is not asked, since its filters are code."""
    source = read(root)
    committed = past.source(head).files
    wanted = {SETTINGS, service_file(target), *layer_files(target), *committed}
    files = {path: data for path, data in source.files.items() if path in wanted or path.startswith(SCHEMAS)}
    if files == committed:
        return ()
    tree = Tree(root, source, lambda: unsafe_schemas(root))
    try:
        here = past.judge(tree, SchemaCache(target.service).own_schemas("", tree))
    except EnvtreeError:  # schemas that others could have written are not run, only to say what isn't committed
        return ()
    before = past.own_schemas(head)
    news = news_between(target, before, here.after(before) if here else None, name)
    changed = {change.name for change in news.changes} | {fault.name for fault in news.invalid} | {*news.valid}
    return ("",) if news.arrival else tuple(sorted(changed))
