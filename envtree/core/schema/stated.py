"""What the text of schema files says, where they are not run: which names they declare, and which may be secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from envtree.core.schema.governance import Governance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.model.tree import Target


@dataclass(frozen=True, slots=True)
class StatedClass:
    """A class that governs processes, as far as its text shows it; names that it inherits are in it."""

    path: str
    name: str
    service: str | None
    process: str | None
    environment: str | None
    names: frozenset[str]

    def governs(self, target: Target) -> bool:
        """Return whether a target is in the scope."""
        return (
            self.service in (None, target.service)
            and self.process in (None, target.process)
            and self.environment in (None, target.environment)
        )


@dataclass(frozen=True, slots=True)
class StatedSchemas:
    """What the text of a tree's schemas says."""

    classes: tuple[StatedClass, ...] = ()
    secret: frozenset[str] = frozenset()
    """The names that may be secret."""
    is_certain: bool = True
    """Whether the text shows all that is declared."""


def govern_stated(targets: Iterable[Target], stated: StatedSchemas) -> dict[Target, Governance]:
    """Return the governance of each target by what is stated: which names are known to be no secret."""
    classes = stated.classes if stated.is_certain else ()
    shared: dict[frozenset[str], Governance] = {}
    found = {}
    for target in targets:
        known = frozenset[str]().union(*(each.names for each in classes if each.governs(target)))
        found[target] = shared.setdefault(known, Governance((), known, frozenset(), stated.secret, frozenset()))
    return found
