"""`envtree show`: what one process gets, and where each variable came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands import compile_tree, read_tree
from envtree.core.diagnostic import Diagnostic, EnvtreeError, errors, some
from envtree.core.source import WORKTREE
from envtree.core.variables import variables_of

if TYPE_CHECKING:
    from envtree.core.source import Source
    from envtree.core.tree import Target
    from envtree.core.variables import Variable

Shown = tuple["Target", tuple["Variable", ...]]


def show(folder: str, selector: str, revision: str = WORKTREE) -> tuple[Shown | None, Source, tuple[Diagnostic, ...]]:
    """The variables of the one target that a selector names; None where they are wrong.

    Raises EnvtreeError where there is no tree, or no such single target.
    """
    tree = read_tree(folder, revision)
    compilation, problems = compile_tree(tree, (selector,))
    if compilation is None or errors(problems):
        return None, tree.source, problems
    targets = tuple(compilation.own)
    if len(targets) > 1:
        message = f"`{selector}` names {len(targets)} processes, and one is shown at a time"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=f"choose one: {some(targets, 6)}"))
    target = targets[0]
    return (target, variables_of(compilation.own[target], compilation.governed[target])), tree.source, problems
