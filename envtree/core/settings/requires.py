"""Checks of `requires`: each required service exists, and no service waits for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.graph import cycles, topological_order
from envtree.core.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.model.tree import Service

MAX_CYCLE = 8


def check_requires(services: Iterable[Service]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the `requires` of services."""
    by_name = {service.name: service for service in services}
    yield from _check_names(by_name)
    yield from _check_cycles(by_name)


def _check_names(by_name: Mapping[str, Service]) -> Iterator[Diagnostic]:
    vocabulary = Vocabulary(by_name)
    for service in by_name.values():
        for name, span in service.requires:
            if name not in by_name:
                known = vocabulary.did_you_mean_name(name)
                message = f"`{service.name}` requires `{name}`, and there is no such service{known}"
                advice = f"the services are {vocabulary.listed}"
                yield Diagnostic("invalid-setting", message, span, help=advice, shown=True)


def _check_cycles(by_name: Mapping[str, Service]) -> Iterator[Diagnostic]:
    _, waiting = topological_order({name: [each for each, _ in service.requires] for name, service in by_name.items()})
    for cycle in {cycle[0]: cycle for cycle in cycles(waiting).values()}.values():
        names = [f"`{name}`" for name in (*cycle, cycle[0])]
        path = ", which requires ".join(names if len(names) <= MAX_CYCLE else [*names[:MAX_CYCLE], "...", names[-1]])
        span = next(span for name, span in by_name[cycle[0]].requires if name == cycle[1 % len(cycle)])
        message = f"{path.replace(', which', '', 1)}: none of them could start first"
        yield Diagnostic("invalid-setting", message, span, help="remove one of them", shown=True)
