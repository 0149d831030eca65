"""Expectations that have no effect: their variable is set nowhere, or the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.selector import did_you_mean_selector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.settings.heroku import Deployment, Expectation, Owner


class ObservedApp(NamedTuple):
    """A deployment as expectations see it: its variables with their owners, and which of them differ."""

    deployment: Deployment
    owners: Mapping[str, Owner]
    different: frozenset[str]
    is_compared: bool = True
    knows_addons: bool = True

    def is_conclusive(self, owner: str) -> bool:
        """Return whether enough is known here to say that an expectation about this owner has no effect."""
        return self.is_compared and (self.knows_addons or owner != "add-on")


def unmet(expectations: Sequence[Expectation], observed: Sequence[ObservedApp]) -> tuple[Diagnostic, ...]:
    """Return a warning for each expectation that covers no difference.

    There is none for an expectation that may be about a deployment that isn't compared.
    """
    found = (
        _unmet(each, [app for app in observed if is_about(each, app.deployment)], observed) for each in expectations
    )
    return tuple(each for each in found if each)


def is_about(expectation: Expectation, deployment: Deployment) -> bool:
    """Return whether the selector of an expectation names a deployment."""
    return expectation.covers(deployment, expectation.name, expectation.owner)


def _unmet(
    expectation: Expectation, matching: Sequence[ObservedApp], observed: Sequence[ObservedApp]
) -> Diagnostic | None:
    if not matching:
        known = did_you_mean_selector(expectation.selector, (app.deployment for app in observed))
        return _warning(expectation, f"`{expectation.selector}` names no app that is compared{known}")
    covered = [
        (name, name in app.different)
        for app in matching
        for name, owner in app.owners.items()
        if expectation.covers(app.deployment, name, owner)
    ]
    if any(differs for _, differs in covered) or not all(app.is_conclusive(expectation.owner) for app in matching):
        return None
    what = f"`{expectation.name}`" if expectation.name else f"what `{expectation.owner}` sets"
    if covered:
        return _warning(expectation, f"{what} is the same everywhere it is expected to differ")
    where = f"`{expectation.selector}`" if expectation.selector else "any app"
    if not expectation.name:
        return _warning(expectation, f"`{expectation.owner}` sets nothing in {where}, and it is expected to differ")
    known = did_you_mean(expectation.name, sorted({name for app in observed for name in app.owners}))
    return _warning(expectation, f"{what} is expected to differ, and is not set in {where}{known}")


def _warning(expectation: Expectation, message: str) -> Diagnostic:
    return Diagnostic(
        "unmet-expectation",
        message,
        expectation.span,
        help="remove the line, or correct it",
        severity="warning",
        shown=True,
    )
