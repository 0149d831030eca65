"""The problems that an edit makes: those of the tree as it will be, without those that it has already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Entry, Target

    Kind = tuple[str, str, str]


def new_problems(
    before: Iterable[Diagnostic], after: Iterable[Diagnostic], edited: Iterable[Entry]
) -> tuple[Diagnostic, ...]:
    """Return the problems that a tree doesn't have before an edit; a problem of an edited line counts in any case.

    Lines move in an edited file, so that a problem is known by its code, its words, its file, and whom it affects.
    """
    lines = {(each.file, line) for each in edited for line in (each.name_line, each.line)}
    known: dict[Kind, set[Target]] = {}
    for each in before:
        known.setdefault(_kind(each), set()).update(each.targets)
    return tuple(each for each in after if _is_at(each, lines) or not _is_known(each, known))


def _is_at(each: Diagnostic, lines: Collection[tuple[str, int]]) -> bool:
    return each.span is not None and (each.span.file, each.span.line) in lines


def _is_known(each: Diagnostic, known: dict[Kind, set[Target]]) -> bool:
    return _kind(each) in known and known[_kind(each)].issuperset(each.targets)


def _kind(each: Diagnostic) -> Kind:
    return (each.code, each.message, each.span.file if each.span else "")
