"""The plan of a boot: which processes of a machine go, change, come and stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from envtree.machine.services.parts import ProcessSpec


class BootPlan(NamedTuple):
    """Processes by what happens to them."""

    gone: tuple[ProcessSpec, ...]
    changed: tuple[tuple[ProcessSpec, ProcessSpec], ...]
    """What runs, and what will run instead."""
    added: tuple[ProcessSpec, ...]
    kept: tuple[ProcessSpec, ...]

    @property
    def to_stop(self) -> tuple[ProcessSpec, ...]:
        """What must end before anything starts, so that two versions never run together."""
        return (*self.gone, *(before for before, _ in self.changed))

    @property
    def to_install(self) -> tuple[ProcessSpec, ...]:
        """What needs a new service folder."""
        return (*(after for _, after in self.changed), *self.added)


def plan(installed: Mapping[str, ProcessSpec], wanted: Iterable[ProcessSpec], *, again: Container[str]) -> BootPlan:
    """Plan the way from the installed processes to the wanted ones; the targets in `again` start again in any case.

    One that would start with the same values and scripts goes on, whatever else is new of it.
    """
    specs = tuple(wanted)

    def goes_on(spec: ProcessSpec) -> bool:
        before = installed[spec.name]
        return (before.target, before.fingerprint) == (spec.target, spec.fingerprint) and spec.target not in again

    names = {spec.name for spec in specs}
    return BootPlan(
        tuple(spec for name, spec in installed.items() if name not in names),
        tuple((installed[spec.name], spec) for spec in specs if spec.name in installed and not goes_on(spec)),
        tuple(spec for spec in specs if spec.name not in installed),
        tuple(spec for spec in specs if spec.name in installed and goes_on(spec)),
    )
