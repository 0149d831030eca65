"""`envtree show`: what one process gets, and where each variable comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.tree import compile_one, read_tree
from envtree.core.export.variables import variables_of
from envtree.core.model.source import WORKTREE

if TYPE_CHECKING:
    from envtree.core.export.variables import Variable
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SchemaUse, SealedUse, Source
    from envtree.core.model.tree import Target

Shown = tuple["Target", tuple["Variable", ...]]


def show(
    folder: str, selector: str, revision: str = WORKTREE, schemas: SchemaUse = "run", sealed: SealedUse = "skip"
) -> tuple[Shown | None, Source, tuple[Diagnostic, ...]]:
    """Return the variables of the one target selected, None where they are wrong; raises EnvtreeError without one."""
    tree = read_tree(folder, revision, schemas).opening(sealed)
    found, problems = compile_one(tree, selector, "shown")
    if found is None:
        return None, tree.source, problems
    target, compilation = found
    return (target, variables_of(compilation.own[target], compilation.governed[target])), tree.source, problems
