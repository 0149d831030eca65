"""Expectations that have no effect: their variable is set nowhere, or the same everywhere."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.selector import did_you_mean_selector
from envtree.core.model.vocabulary import MAX_COMPARED, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envtree.core.model.tree import Span
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
    index = _AppIndex(observed)
    found = (_unmet(each, index) for each in expectations)
    return tuple(each for each in found if each)


class _AppIndex:
    """The deployments by the selectors of expectations, and by the names of their variables."""

    def __init__(self, observed: Iterable[ObservedApp]) -> None:
        self._observed = tuple(observed)
        self._by_name: dict[str, list[ObservedApp]] = {}
        self._by_selector: dict[str, list[ObservedApp]] = {"": list(self._observed)}
        self._conclusive: dict[tuple[str, str], bool] = {}
        self._meant: dict[str, str] = {}
        self._compared = 0
        for app in self._observed:
            for selector in (app.deployment.environment, str(app.deployment)):
                self._by_selector.setdefault(selector, []).append(app)
            for name in app.owners:
                self._by_name.setdefault(name, []).append(app)

    @cached_property
    def names(self) -> Vocabulary:
        """All variables."""
        return Vocabulary(sorted(self._by_name))

    def meant(self, selector: str) -> str:
        """Return `; did you mean X?` for a selector that matches nothing; empty if none, or after very many."""
        if selector not in self._meant:
            apps = self._observed if self._compared < MAX_COMPARED else ()
            self._compared += len(apps)
            self._meant[selector] = did_you_mean_selector(selector, (app.deployment for app in apps))
        return self._meant[selector]

    def matching(self, expectation: Expectation) -> list[ObservedApp]:
        """Return the deployments that the selector of an expectation names."""
        selector = expectation.scope
        if selector not in self._by_selector:
            candidates = () if expectation.is_exact else self._observed
            self._by_selector[selector] = [app for app in candidates if expectation.is_about(app.deployment)]
        return self._by_selector[selector]

    def covered(self, expectation: Expectation) -> Iterator[bool]:
        """Yield for each variable that an expectation is about whether it differs."""
        name, matching = expectation.name, self.matching(expectation)
        if not name:
            yield from (
                each in app.different
                for app in matching
                for each, owner in app.owners.items()
                if owner == expectation.owner
            )
            return
        having = self._by_name.get(name, [])
        if len(having) < len(matching):
            yield from (name in app.different for app in having if expectation.is_about(app.deployment))
        else:
            yield from (name in app.different for app in matching if name in app.owners)

    def is_conclusive(self, expectation: Expectation) -> bool:
        """Return whether enough is known of all these deployments to say that an expectation has no effect."""
        key = (expectation.scope, expectation.owner)
        if key not in self._conclusive:
            self._conclusive[key] = all(app.is_conclusive(expectation.owner) for app in self.matching(expectation))
        return self._conclusive[key]


def may_be_shared(expectation: Expectation) -> bool:
    """Return whether a value that another deployment has, too, is as expected: what a dyno or a buildpack sets may."""
    return expectation.shared or expectation.owner not in ("", "add-on")


def hint(expectation: Expectation, heroku: str | None, ours: str | None, *, is_shared: bool) -> str:
    """Return why an expectation doesn't allow what it is about, and what would."""
    if is_shared:
        return "expected to differ, and not to be another's: `shared: true` allows it"
    if expectation.what == "new" and heroku is not None:
        return "expected to be new, and Heroku has it"
    if expectation.what == "unset" and ours is not None and ours.strip():
        return "expected to be unset"
    if heroku is None:
        return "expected to differ, and not on Heroku: `new: true` allows it"
    return "expected to differ, and has no value: `unset: true` allows it"


def _unmet(expectation: Expectation, index: _AppIndex) -> Diagnostic | None:
    if not index.matching(expectation):
        known = index.meant(expectation.selector)
        return _warning(expectation, f"`{expectation.selector}` names no app that is compared{known}")
    covered = tuple(index.covered(expectation))
    if any(covered) or not index.is_conclusive(expectation):
        return None
    what = f"`{expectation.name}`" if expectation.name else f"what `{expectation.owner}` sets"
    if covered:
        return _warning(expectation, f"{what} is the same everywhere it is expected to differ")
    where = f"`{expectation.selector}`" if expectation.selector else "any app"
    if not expectation.name:
        return _warning(expectation, f"`{expectation.owner}` sets nothing in {where}, and it is expected to differ")
    known = index.names.did_you_mean(expectation.name)
    return _warning(expectation, f"{what} is expected to differ, and is not set in {where}{known}")


def unknown_confirmed(
    confirmed: Mapping[Deployment, Mapping[str, Span]], processes: Mapping[Deployment, Collection[str]]
) -> tuple[Diagnostic, ...]:
    """Return a warning for each confirmed process that its deployment doesn't have; others may not be compared."""
    return tuple(
        Diagnostic(
            "unmet-expectation",
            f"`{name}` is confirmed, and is no process of {deployment}"
            f"{did_you_mean(name, sorted(processes[deployment]))}",
            span,
            help="remove the line, or correct it",
            severity="warning",
            shown=True,
        )
        for deployment, names in confirmed.items()
        for name, span in names.items()
        if deployment in processes and name not in processes[deployment]
    )


def _warning(expectation: Expectation, message: str) -> Diagnostic:
    return Diagnostic(
        "unmet-expectation",
        message,
        expectation.span,
        help="remove the line, or correct it",
        severity="warning",
        shown=True,
    )
