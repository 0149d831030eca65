"""Which deployments have a value, and from which entry: whose value a process would get."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.model.tree import Span
    from envtree.core.settings.heroku import Deployment

MAX_EQUAL = 100
"""Other deployments that one difference names."""


class ValueHolders:
    """The deployments that have a value, by the variable's name and the value, each with the entry that gives it."""

    def __init__(self, having: Iterable[tuple[str, str, Deployment, Span | None]]) -> None:
        self._by_span: dict[tuple[str, str], dict[Span | None, dict[Deployment, None]]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        for name, text, deployment, span in having:
            holders = self._by_span.setdefault((name, text), {}).setdefault(span, {})
            if deployment not in holders:
                holders[deployment] = None
                self._counts[name, text] = self._counts.get((name, text), 0) + 1

    def others(
        self, name: str, text: str | None, deployment: Deployment, span: Span | None
    ) -> tuple[tuple[Deployment, ...], int]:
        """Return the other deployments that have a value by another entry than this, and how many there are.

        Of very many, the first are returned.
        """
        if text is None or (name, text) not in self._by_span:
            return (), 0
        by_span = self._by_span[name, text]
        found: dict[Deployment, None] = {}
        for at, deployments in by_span.items():
            for each in deployments if at != span else ():
                if each != deployment:
                    found[each] = None
                if len(found) == MAX_EQUAL:
                    return tuple(found), max(MAX_EQUAL, self._counts[name, text] - len(by_span.get(span, ())))
        return tuple(found), len(found)
