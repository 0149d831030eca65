"""The files of a working tree, with what git leaves out of it: nothing is built in silence without that."""

from __future__ import annotations

from envtree.adapters.files.worktree import read
from envtree.adapters.git.sparse import left_out
from envtree.core.model.source import CONFIGS, SCHEMAS, is_ignored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.model.source import Source


def read_checkout(root: str) -> Source:
    """Return the source of a folder; raises EnvtreeError where git can't say what is left out of it."""
    source = read(root)
    missing: dict[str, int] = {}
    for path in left_out(root, (CONFIGS.rstrip("/"), SCHEMAS.rstrip("/"))):
        if not is_ignored(path):
            top = _top_of_what_is_missing(root, path)
            missing[top] = missing.get(top, 0) + 1
    for path, count in missing.items():
        files = "" if count == 1 else f" ({count:,} files)"
        message = f"`{path}`{files} is in the repository, and git leaves it out of this checkout"
        source.refused[path] = ("incomplete-checkout", message)
    return source


def _top_of_what_is_missing(root: str, path: str) -> str:
    """Return a path, or the widest folder above it that is missing as well."""
    import os

    parts = path.split("/")
    folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    return next((each for each in folders if not os.path.lexists(f"{root}/{each}")), path)
