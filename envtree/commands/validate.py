"""`envtree validate`: finds every problem of a tree at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.steps.shell_syntax import check_commands
from envtree.commands.tree import compile_tree, read_tree
from envtree.core.model.diagnostic import in_order
from envtree.core.model.source import WORKTREE

if TYPE_CHECKING:
    from envtree.core.compile import Compilation
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SchemaUse, SealedUse, Source


class Validated(NamedTuple):
    """What was validated, and what is wrong with it."""

    root: str
    source: Source
    compilation: Compilation | None
    diagnostics: tuple[Diagnostic, ...]


def validate(
    folder: str,
    selectors: tuple[str, ...] = (),
    revision: str = WORKTREE,
    schemas: SchemaUse = "run",
    sealed: SealedUse = "open",
) -> Validated:
    """Validate what the selected targets see (none: everything); raises EnvtreeError where there is no tree."""
    tree = read_tree(folder, revision, schemas).opening(sealed)
    compilation, problems = compile_tree(tree, selectors)
    problems = in_order((*problems, *check_commands(compilation)))
    return Validated(tree.root, tree.source, compilation, problems)
