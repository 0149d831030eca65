"""What a commit changed for one process: the values that it gets, and what became invalid, or valid again."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.schema.governance import govern, hidden_names
from envtree.core.schema.stated import StatedSchemas, govern_stated
from envtree.review.diff.compare import compare
from envtree.review.diff.comparison import Pair, ProcessView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from envtree.core.compile import Schemas
    from envtree.core.model.commit import Commit
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Target
    from envtree.review.diff.comparison import Change
    from envtree.review.history.state import TargetState

NOTHING = ProcessView({})


class Invalidation(NamedTuple):
    """A variable that became invalid, or (without a name) the whole target; and why, if that may be shown."""

    name: str
    reason: Diagnostic | None


class ChangeSet(NamedTuple):
    """What differs between two states of a target."""

    target_change: Literal["", "new", "gone"] = ""
    changes: tuple[Change, ...] = ()
    sealed: Mapping[str, tuple[bool, bool]] = MappingProxyType({})
    """The names whose value is sealed, and on which sides."""
    invalid: tuple[Invalidation, ...] = ()
    valid: tuple[str, ...] = ()
    """The names that are valid again; the empty name is the whole target."""

    def __bool__(self) -> bool:
        return bool(self.target_change or self.changes or self.invalid or self.valid)

    def about(self, name: str) -> ChangeSet:
        """Return the changes of one variable, which a state knows, and the validity of the whole target."""
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
    change_set: ChangeSet


def changes_between(target: Target, before: TargetState | None, after: TargetState | None, name: str = "") -> ChangeSet:
    """Return what differs for one variable, or (without a name) for all; None is the state without the target."""
    if before is after or (before is None and after is None):
        return ChangeSet()
    one, other = ((each.view if each else None) or NOTHING for each in (before, after))
    pair = Pair(target, target)
    changes = compare([(pair, one, other)], {}).changes
    sides = {each.name: (_is_sealed(each.name, one), _is_sealed(each.name, other)) for each in changes}
    sealed = {each: side for each, side in sides.items() if any(side)}
    faults_before, faults_after = (_faults(each) for each in (before, after))
    change_set = ChangeSet(
        "new" if before is None else "gone" if after is None else "",
        changes,
        sealed,
        tuple(Invalidation(each, reason) for each, reason in sorted(faults_after.items()) if each not in faults_before),
        tuple(sorted(faults_before.keys() - faults_after.keys())) if after else (),
    )
    if not name:
        return change_set
    known = any(knows(each, name) for each in (before, after))
    return change_set.about(name) if known else ChangeSet()


def knows(state: TargetState | None, name: str) -> bool:
    """Return whether a state contains a variable: its value, which may be unknown, or an error of it."""
    if state is None:
        return False
    view = state.view or NOTHING
    return name in view.values or name in view.unknown or name in _faults(state)


def is_listed(target: Target, after: TargetState | None, parents: Iterable[TargetState | None], name: str = "") -> bool:
    """Return whether something differs from every parent: a merge that only takes over one side changes nothing."""
    return all(changes_between(target, before, after, name) for before in parents)


def with_hidden_values(
    change_set: ChangeSet, before: TargetState | None, after: TargetState | None, hides: Callable[[str], bool]
) -> ChangeSet:
    """Return the changes, with all values hidden that one side hides, or that must not be shown today."""
    secrets_known = all(each.secrets_known for each in (before, after) if each)
    changes = tuple(
        replace(each, hidden=True) if each.name in change_set.sealed or not secrets_known or hides(each.name) else each
        for each in change_set.changes
    )
    faults = tuple(
        each if secrets_known or not _is_from_validator(each) else each._replace(reason=None)
        for each in change_set.invalid
    )
    return change_set._replace(changes=changes, invalid=faults)


def hidden_today(target: Target, state: TargetState | None, schemas: Schemas) -> Callable[[str], bool]:
    """Return which variables no commit shows, by what all of today's classes declare; all, if that is unknown."""
    if state is None or state.view is None or state.view.node is None or schemas is None:
        return lambda _: True
    governed = govern_stated((target,), schemas) if isinstance(schemas, StatedSchemas) else govern((target,), schemas)
    return hidden_names(state.view.node, governed[target]).__contains__


def _is_from_validator(invalidation: Invalidation) -> bool:
    """Return whether the message may come from a validator, which may know a secret of another service."""
    return invalidation.reason is not None and invalidation.reason.code in (
        "invalid-value",
        "inconsistent-values",
        "validator-failed",
    )


def _faults(state: TargetState | None) -> Mapping[str, Diagnostic]:
    if state is None:
        return {}
    target_fault = {"": state.broken} if state.broken else {}
    return {**target_fault, **(state.invalid or {})}


def _is_sealed(name: str, view: ProcessView) -> bool:
    winner = view.winner(name)
    return winner is not None and winner.sealed
