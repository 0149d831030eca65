"""`envtree init`: a new tree, where none is."""

from __future__ import annotations

from envtree.adapters.worktree import write_new
from envtree.core.starter import FILES


def init(folder: str) -> tuple[str, ...]:
    """Write a starting tree into a folder, and the paths it wrote; raises EnvtreeError where a file of it is there."""
    return write_new(folder, FILES)
