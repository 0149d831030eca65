"""Finds the tree that a folder is in."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.model.diagnostic import EnvtreeError


def root_of(folder: str) -> str:
    """Return the root of the tree that a folder is in; raises EnvtreeError where there is none."""
    from envtree.adapters.files.worktree import find_root

    root = find_root(folder)
    if root is None:
        raise _no_tree(folder)
    return root


def _no_tree(folder: str) -> EnvtreeError:
    import os

    from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

    start = os.path.realpath(folder)
    message = f"there is no envtree.yaml in `{start}`, nor in any folder above it"
    if not os.path.isdir(start):  # noqa: PTH112 - pathlib is imported by nothing else here
        message = f"`{folder}` is no folder"
    return EnvtreeError(
        Diagnostic("no-tree", message, help="go to a tree, name one with `-C DIR`, or start one with `envtree init`")
    )
