"""`envtree diff`: how two sides differ in what each process gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.git.history import common_ancestor
from envtree.adapters.git.revision import commit_of
from envtree.commands.tree import repository_of
from envtree.core.model.commit import SHORT
from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.source import WORKTREE
from envtree.review.commands.diff_authors import find_authors
from envtree.review.commands.diff_report import report_of
from envtree.review.commands.diff_sides import read_sides, read_with_values
from envtree.review.diff.comparison import Pair
from envtree.review.diff.operand import Operand, differing_parts, read_operands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.model.source import SchemaUse, Source
    from envtree.core.model.tree import Target
    from envtree.review.commands.diff_sides import Side
    from envtree.review.diff.text import DiffReport

Problems = tuple["Source", tuple[Diagnostic, ...]]


class Diffed(NamedTuple):
    """The result of a comparison, with the names of both sides."""

    before: str
    after: str
    report: DiffReport
    problems: tuple[Problems, ...]
    """The source and the errors of each side that has errors."""
    foreign: tuple[str, ...]
    """The names that a running process has and the tree doesn't know."""


def diff(folder: str, words: tuple[str, ...], revision: str = WORKTREE, schemas: SchemaUse = "run") -> Diffed:
    """Compare what two operands name; an operand without a revision is read at `revision`.

    Raises EnvtreeError if a side can't be read, or if there is nothing to compare.
    """
    before, after, is_from_ancestor = read_operands(words)
    if is_from_ancestor:
        before = before._replace(revision=_ancestor(folder, before, after))
    before, after = before.at(revision), after.at(revision)
    shown = before._replace(revision=before.revision[:SHORT]) if is_from_ancestor and before.revision else before
    if before.kind == after.kind == "tree":
        (one, other), untouched = read_sides(folder, before, after, schemas)
    else:
        (one, other), untouched = read_with_values(folder, before, after, schemas), 0
    foreign = frozenset(
        (
            *(_foreign(one, other) if before.kind == "live" else ()),
            *(_foreign(other, one) if after.kind == "live" else ()),
        )
    )
    pairs = tuple(_pairs(before, after, one, other))
    report = report_of(one, other, pairs, foreign, untouched)
    authors = find_authors(one.tree, other.tree, report.comparison, is_history=report.is_history)
    report = report._replace(authors=authors)
    return Diffed(str(shown), str(after), report, tuple(_problems(other, one)), tuple(sorted(foreign)))


def _problems(side: Side, other: Side) -> Iterator[Problems]:
    """Yield the errors of one side, then those that only the other side has."""
    known = {(each.code, each.message) for each in side.problems}
    apart = tuple(each for each in other.problems if (each.code, each.message) not in known)
    for tree, problems in ((side.tree, side.problems), (other.tree, apart)):
        if tree and errors(problems):
            yield tree.source, errors(problems)


def _ancestor(folder: str, before: Operand, after: Operand) -> str:
    repository = repository_of(folder)
    ends = (commit_of(repository, each.revision or "HEAD") for each in (before, after))
    return common_ancestor(repository, *ends)


def _foreign(live: Side, other: Side) -> Iterator[str]:
    """Yield what a process has from its machine: names that the tree neither sets nor declares."""
    for target, view in live.views.items():
        against = other.views[target]
        known = set(against.values)
        if against.node and against.governance:
            known |= against.node.provenance.keys() | against.governance.known
        yield from view.values.keys() - known


def _pairs(before: Operand, after: Operand, one: Side, other: Side) -> Iterator[Pair]:
    """Pair targets by the parts of their names that the selectors don't fix differently; some have no match."""
    apart = differing_parts(before.selector, after.selector) if one.tree and other.tree else ()
    matches: dict[tuple[str, ...], list[Target | None]] = {}
    for number, side in enumerate((one, other)):
        for target in side.views:
            key = tuple(name for part, name in enumerate(str(target).split("/")) if part not in apart)
            matches.setdefault(key, [None, None])[number] = target
    for first, second in matches.values():
        if not (first is None and one.is_partial) and not (second is None and other.is_partial):
            yield Pair(first, second)
