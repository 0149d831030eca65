"""`envtree lint --deprecated`: who still sets a variable that is to go, and which declarations nobody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import compile_tree, read_tree
from envtree.core.compile import select
from envtree.core.model.diagnostic import errors, in_order
from envtree.core.model.source import WORKTREE
from envtree.core.schema.marks.deprecated import unused
from envtree.review.lint.lint import OF_VALUES

if TYPE_CHECKING:
    from collections.abc import Collection

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Target


class DeprecatedLines(NamedTuple):
    """What is left of deprecated variables; `errors` counts the errors of the tree that hide some of it."""

    root: str
    source: Source
    diagnostics: tuple[Diagnostic, ...]
    targets: Collection[Target]
    """The targets that were looked at."""
    errors: int


def deprecated(folder: str, selectors: tuple[str, ...] = (), revision: str = WORKTREE) -> DeprecatedLines:
    """Return each line that sets a deprecated variable of the selected targets (none selected: of all targets).

    Of all targets, the declarations that no line needs any more are found too. Raises EnvtreeError without a tree.
    """
    tree = read_tree(folder, revision)
    compilation, problems = compile_tree(tree)
    others = [each for each in errors(problems) if each.code not in OF_VALUES]
    if compilation is None:
        return DeprecatedLines(tree.root, tree.source, (), (), len(others))
    targets = frozenset(select(compilation.project, selectors))
    found = [each for each in problems if each.code == "deprecated-variable" and not targets.isdisjoint(each.targets)]
    if not (selectors or others):
        nodes = compilation.own.items()
        found += unused((compilation.governed[target], node.provenance) for target, node in nodes)
    return DeprecatedLines(tree.root, tree.source, in_order(found), targets, len(others))
