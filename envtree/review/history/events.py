"""What a commit changed for one process: the values it gets, and what became wrong or right again."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.schema.governance import govern, hidden_names
from envtree.review.diff.compare import compare
from envtree.review.diff.comparison import Pair, ProcessView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from envtree.core.model.commit import Commit
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Target
    from envtree.core.schema.rules import Schema
    from envtree.review.diff.comparison import Change
    from envtree.review.history.state import TargetState

NOTHING = ProcessView({})


class Invalidation(NamedTuple):
    """A variable that became invalid, or (without a name) the whole target; why, where that may be said."""

    name: str
    why: Diagnostic | None


class ChangeSet(NamedTuple):
    """What differs between two standings of a target."""

    arrival: Literal["", "new", "gone"] = ""
    changes: tuple[Change, ...] = ()
    sealed: Mapping[str, tuple[bool, bool]] = MappingProxyType({})
    """The names whose value is sealed, and on which side."""
    invalid: tuple[Invalidation, ...] = ()
    valid: tuple[str, ...] = ()
    """What is valid again: names, or the empty one for the whole target."""

    def __bool__(self) -> bool:
        return bool(self.arrival or self.changes or self.invalid or self.valid)

    def about(self, name: str) -> ChangeSet:
        """The news of one variable; its target's own too, where a standing knows it."""
        return ChangeSet(
            "",
            tuple(each for each in self.changes if each.name == name),
            self.sealed,
            tuple(each for each in self.invalid if each.name in ("", name)),
            tuple(each for each in self.valid if each in ("", name)),
        )


class Event(NamedTuple):
    """A commit, and what it changed."""

    commit: Commit
    news: ChangeSet


def news_between(target: Target, before: TargetState | None, after: TargetState | None, name: str = "") -> ChangeSet:
    """What differs, for one variable or (without a name) for all of them; None stands for no such target."""
    if before is after or (before is None and after is None):
        return ChangeSet()
    one, other = ((each.view if each else None) or NOTHING for each in (before, after))
    pair = Pair(target, target)
    changes = compare([(pair, one, other)], {}).changes
    sides = {each.name: (_is_sealed(each.name, one), _is_sealed(each.name, other)) for each in changes}
    sealed = {each: side for each, side in sides.items() if any(side)}
    was, now = (_faults(each) for each in (before, after))
    news = ChangeSet(
        "new" if before is None else "gone" if after is None else "",
        changes,
        sealed,
        tuple(Invalidation(each, why) for each, why in sorted(now.items()) if each not in was),
        tuple(sorted(was.keys() - now.keys())) if after else (),
    )
    if not name:
        return news
    known = any(knows(each, name) for each in (before, after))
    return news.about(name) if known else ChangeSet()


def knows(standing: TargetState | None, name: str) -> bool:
    """Whether a variable has anything to do with a target."""
    if standing is None:
        return False
    view = standing.view or NOTHING
    return name in view.values or name in view.unknown or name in _faults(standing)


def is_listed(target: Target, after: TargetState | None, parents: Iterable[TargetState | None], name: str = "") -> bool:
    """Whether something differs from every parent: a merge that only brings in one side is no news."""
    return all(news_between(target, before, after, name) for before in parents)


def withheld(
    news: ChangeSet, before: TargetState | None, after: TargetState | None, hides: Callable[[str], bool]
) -> ChangeSet:
    """The news with all hidden that one side doesn't show, or that must not be shown today."""
    trusted = all(each.trusted for each in (before, after) if each)
    changes = tuple(
        replace(each, hidden=True) if each.name in news.sealed or not trusted or hides(each.name) else each
        for each in news.changes
    )
    faults = tuple(each if trusted or not _is_judged(each) else each._replace(why=None) for each in news.invalid)
    return news._replace(changes=changes, invalid=faults)


def hidden_today(
    target: Target, standing: TargetState | None, schemas: tuple[Schema, ...] | None
) -> Callable[[str], bool]:
    """Which variables are shown in no commit, by what all of today's classes declare; all, where that can't be told."""
    if standing is None or standing.view is None or standing.view.node is None or schemas is None:
        return lambda _: True
    return hidden_names(standing.view.node, govern((target,), schemas)[target]).__contains__


def _is_judged(fault: Invalidation) -> bool:
    """Whether the words may come from a validator, that may know a secret of another service."""
    return fault.why is not None and fault.why.code in ("invalid-value", "inconsistent-values", "validator-failed")


def _faults(standing: TargetState | None) -> Mapping[str, Diagnostic]:
    if standing is None:
        return {}
    whole = {"": standing.broken} if standing.broken else {}
    return {**whole, **(standing.invalid or {})}


def _is_sealed(name: str, view: ProcessView) -> bool:
    winner = view.winner(name)
    return winner is not None and winner.sealed
