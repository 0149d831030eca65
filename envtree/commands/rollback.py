"""`envtree rollback`: makes the generation before current again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.rollback import roll_back

if TYPE_CHECKING:
    from collections.abc import Callable


class RolledBack(NamedTuple):
    """Where `current` pointed before, and where it points now."""

    before: str | None
    now: str


def rollback(out: str, generation: str | None, on_wait: Callable[[], None]) -> RolledBack:
    """Point `current` at the previous generation, or one by a prefix; raises EnvtreeError where that can't be done."""
    return RolledBack(*roll_back(out, generation, on_wait))
