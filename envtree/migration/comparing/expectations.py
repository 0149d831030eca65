"""Expectations that have no effect: their variable is nowhere, or the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.core.settings.heroku import Deployment, Expectation, Owner


class ObservedApp(NamedTuple):
    """A cell as expectations see it: its variables with their owners, and which of them differ."""

    cell: Deployment
    owners: Mapping[str, Owner]
    different: frozenset[str]
    is_compared: bool = True
    knows_addons: bool = True

    def is_clear(self, owner: str) -> bool:
        """Whether all can be said of it that is asked for."""
        return self.is_compared and (self.knows_addons or owner != "add-on")


def unmet(expectations: Sequence[Expectation], sights: Sequence[ObservedApp]) -> tuple[Diagnostic, ...]:
    """A warning for each expectation that covers no difference; where a cell isn't compared, it may be about that."""
    found = (_unmet(each, [sight for sight in sights if is_about(each, sight.cell)], sights) for each in expectations)
    return tuple(each for each in found if each)


def is_about(expectation: Expectation, cell: Deployment) -> bool:
    """Whether its selector names a cell."""
    return expectation.covers(cell, expectation.name, expectation.owner)


def _unmet(expectation: Expectation, near: Sequence[ObservedApp], sights: Sequence[ObservedApp]) -> Diagnostic | None:
    if not near:
        known = did_you_mean(expectation.selector, _selectors(sights))
        return _warning(expectation, f"`{expectation.selector}` names no app that is compared{known}")
    covered = [
        (name, name in sight.different)
        for sight in near
        for name, owner in sight.owners.items()
        if expectation.covers(sight.cell, name, owner)
    ]
    if any(differs for _, differs in covered) or not all(sight.is_clear(expectation.owner) for sight in near):
        return None
    what = f"`{expectation.name}`" if expectation.name else f"what `{expectation.owner}` sets"
    if covered:
        return _warning(expectation, f"{what} is the same everywhere it is expected to differ")
    where = f"`{expectation.selector}`" if expectation.selector else "any app"
    if not expectation.name:
        return _warning(expectation, f"`{expectation.owner}` sets nothing in {where}, and it is expected to differ")
    known = did_you_mean(expectation.name, sorted({name for sight in sights for name in sight.owners}))
    return _warning(expectation, f"{what} is expected to differ, and is not set in {where}{known}")


def _selectors(sights: Iterable[ObservedApp]) -> list[str]:
    cells = {sight.cell for sight in sights}
    return sorted({*map(str, cells), *(cell.environment for cell in cells)})


def _warning(expectation: Expectation, message: str) -> Diagnostic:
    return Diagnostic(
        "unmet-expectation",
        message,
        expectation.span,
        help="remove the line, or correct it",
        severity="warning",
        shown=True,
    )
