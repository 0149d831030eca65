"""`envtree export`: writes what one process gets, from the tree or from an output, in the format of another program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.export.formats import as_text, unexportable
from envtree.core.model.diagnostic import errors
from envtree.core.model.source import WORKTREE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.export.formats import Format
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Span, Target


class Exported(NamedTuple):
    """A text, and how many of the values in it are hidden; the text is None where the format can't express them all."""

    text: str | None
    hidden: int
    total: int
    source: Source | None
    problems: tuple[Diagnostic, ...]


def export(folder: str, selector: str, output_format: Format, revision: str = WORKTREE) -> Exported:
    """Export the one target of a tree that a selector names; raises EnvtreeError where there is none."""
    from envtree.commands.tree import compile_one, faults_of_ownership, read_tree
    from envtree.core.export.variables import variables_of

    tree = read_tree(folder, revision).opening("require")
    if faults := faults_of_ownership(tree):
        return Exported(None, 0, 0, tree.source, faults)
    found, problems = compile_one(tree, selector, "exported")
    if found is None:
        return Exported(None, 0, 0, tree.source, problems)
    target, compilation = found
    variables = variables_of(compilation.own[target], compilation.governed[target])
    values = {each.name: each.value for each in variables}
    hidden = sum((each.hidden or each.masked) and each.value is not None for each in variables)
    spans = {each.name: each.entry.span for each in variables}
    return _exported(target, values, output_format, spans, hidden, tree.source, problems)


def export_built(out: str, selector: str, output_format: Format) -> Exported:
    """Export one target of an output, all values hidden (no schema); raises EnvtreeError if it can't be read."""
    from envtree.adapters.store.read import read_target

    built = read_target(out, selector)
    hidden = sum(text is not None for text in built.values.values())
    return _exported(built.target, built.values, output_format, {}, hidden, None, ())


def _exported(
    target: Target,
    values: Mapping[str, str | None],
    output_format: Format,
    spans: Mapping[str, Span],
    hidden: int,
    source: Source | None,
    problems: tuple[Diagnostic, ...],
) -> Exported:
    problems += unexportable(target, values, output_format, spans)
    text = None if errors(problems) else as_text(target, values, output_format)
    total = sum(value is not None for value in values.values())
    return Exported(text, hidden, total, source, problems)
