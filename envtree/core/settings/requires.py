"""What services require of one another: it is there, and no service waits for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.graph import cycles, topological_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.model.tree import Service

MAX_CIRCLE = 8


def check_requires(services: Iterable[Service]) -> Iterator[Diagnostic]:
    """What is wrong with `requires`."""
    by_name = {service.name: service for service in services}
    yield from _check_names(by_name)
    yield from _check_circles(by_name)


def _check_names(by_name: Mapping[str, Service]) -> Iterator[Diagnostic]:
    for service in by_name.values():
        for name, span in service.requires:
            if name not in by_name:
                known = did_you_mean(name, by_name)
                message = f"`{service.name}` requires `{name}`, and there is no such service{known}"
                advice = f"the services are {', '.join(by_name)}"
                yield Diagnostic("invalid-setting", message, span, help=advice, shown=True)


def _check_circles(by_name: Mapping[str, Service]) -> Iterator[Diagnostic]:
    _, waiting = topological_order({name: [each for each, _ in service.requires] for name, service in by_name.items()})
    for circle in dict.fromkeys(cycles(waiting).values()):
        names = [f"`{name}`" for name in (*circle, circle[0])]
        path = ", which requires ".join(names if len(names) <= MAX_CIRCLE else [*names[:MAX_CIRCLE], "...", names[-1]])
        span = next(span for name, span in by_name[circle[0]].requires if name == circle[1 % len(circle)])
        message = f"{path.replace(', which', '', 1)}: none of them could start first"
        yield Diagnostic("invalid-setting", message, span, help="remove one of them", shown=True)
