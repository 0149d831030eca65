"""How the processes of a service are scaled on Heroku: where there is none, and on how many dynos of which size.

The number of dynos is a fleet's: how many copies one machine runs is another question, so only none is taken over.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.migration.apps.fleet import ProcessType
    from envtree.migration.importing.carried import ImportedApp

    Formations = Mapping[str, Sequence[ProcessType]]
    """The process types of a service's apps, by environment; those that are not known are not there."""


class Scale(NamedTuple):
    """The environments in which a process has no dyno, and in words what it has in the others."""

    at_none: tuple[str, ...]
    capacity: str


NO_SCALES: Mapping[str, Scale] = MappingProxyType({})


def scales_of(names: Mapping[str, str], formations: Formations) -> dict[str, Scale]:
    """Return the scale of each process; `names` has ours by the name on Heroku."""
    found: dict[str, Scale] = {}
    for name, ours in names.items():
        dynos = {
            environment: [each for each in formation if each.name == name and each.quantity]
            for environment, formation in sorted(formations.items())
        }
        none = tuple(environment for environment, own in dynos.items() if not own)
        sizes = [f"{_dynos(own[0])} in {environment}" for environment, own in dynos.items() if own and own[0].size]
        found[ours] = Scale(none, ", ".join(sizes))
    return found


def formations_of(apps: Iterable[ImportedApp]) -> Formations:
    """Return the formations of a service's apps that are known; an app that has none was never deployed."""
    return {each.deployment.environment: each.app.formation for each in apps if each.app.formation}


def capacity(apps: Sequence[ImportedApp]) -> str:
    """Return how many dynos of which size each process type has, a line each; empty where that isn't known."""
    rows: dict[tuple[str, str], list[str]] = {}
    for each in sorted(apps, key=lambda each: each.deployment):
        for process in each.app.formation or ():
            if process.size or not process.quantity:
                own = rows.setdefault((each.deployment.service, process.name), [])
                own.append(f"{each.deployment.environment} {_dynos(process)}")
    if not rows:
        return ""
    named = {f"{service} {one_line(name)}": ", ".join(found) for (service, name), found in sorted(rows.items())}
    width = max(map(len, named))
    lines = "".join(f"  {name:<{width}}  {text}\n" for name, text in named.items())
    return f"capacity: what is at 0 doesn't start there; other numbers are a fleet's, not a machine's\n{lines}"


def _dynos(process: ProcessType) -> str:
    return f"{process.quantity} x {one_line(process.size)}" if process.quantity else "0"
