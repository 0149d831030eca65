"""`envtree validate`: every problem of a tree at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.worktree import read
from envtree.commands import compile_tree, root_of

if TYPE_CHECKING:
    from envtree.core.compile import Compilation
    from envtree.core.diagnostic import Diagnostic
    from envtree.core.source import Source


class Validated(NamedTuple):
    """What was looked at, and what is wrong with it."""

    root: str
    source: Source
    compilation: Compilation | None
    diagnostics: tuple[Diagnostic, ...]


def validate(folder: str, selectors: tuple[str, ...] = ()) -> Validated:
    """Look at all that the selected targets see (none: at everything); raises EnvtreeError where there is no tree."""
    root = root_of(folder)
    source = read(root)
    return Validated(root, source, *compile_tree(root, source, selectors))
