"""How to get a machine from what it runs to what it is for: which processes go, change, come, and stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.machine.services.parts import ProcessSpec


class BootPlan(NamedTuple):
    """Parts by what happens to them."""

    gone: tuple[ProcessSpec, ...]
    changed: tuple[tuple[ProcessSpec, ProcessSpec], ...]
    """What runs, and what is to run in its place."""
    added: tuple[ProcessSpec, ...]
    kept: tuple[ProcessSpec, ...]

    @property
    def stopped(self) -> tuple[ProcessSpec, ...]:
        """What must end before anything starts: no two versions ever meet."""
        return (*self.gone, *(before for before, _ in self.changed))

    @property
    def installed(self) -> tuple[ProcessSpec, ...]:
        """What needs a service folder as it is now."""
        return (*(after for _, after in self.changed), *self.added)


def plan(there: Mapping[str, ProcessSpec], wanted: Iterable[ProcessSpec], *, is_moved: bool) -> BootPlan:
    """From the parts that are there, by name, to those that are wanted; an output elsewhere changes all of them."""
    parts = tuple(wanted)
    names = {part.name for part in parts}
    return BootPlan(
        tuple(part for name, part in there.items() if name not in names),
        tuple(
            (there[part.name], part) for part in parts if part.name in there and (is_moved or there[part.name] != part)
        ),
        tuple(part for part in parts if part.name not in there),
        tuple(part for part in parts if there.get(part.name) == part and not is_moved),
    )
