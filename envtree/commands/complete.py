"""The targets of a tree, for a shell that completes them: whatever is wrong with it, the shell is told nothing."""

from __future__ import annotations

from envtree.adapters.worktree import find_root, read
from envtree.core.settings import read_project
from envtree.core.source import SETTINGS


def target_names(folder: str) -> tuple[str, ...]:
    """The targets of the tree that a folder lies in, as text; none where there is no such tree."""
    root = find_root(folder)
    source = read(root) if root else None
    if source is None or SETTINGS not in source.files:
        return ()
    project, _ = read_project(source)
    return tuple(str(target) for target in project.targets)
