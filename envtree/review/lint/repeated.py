"""Values that all files of one kind repeat, and the one file that could hold them for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import COMMON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from envtree.core.model.tree import Entry, Target


class Family(NamedTuple):
    """Layers below one wider layer: every process that sees the wider layer sees exactly one of them."""

    siblings: tuple[str, ...]
    wider: str
    between: tuple[str, ...]
    """Layers that override the wider one, and that the siblings override."""
    kind: str
    """What a sibling is, in words for a message."""
    across: bool
    """Whether the siblings belong to different environments."""


class Repeated(NamedTuple):
    """Entries that set the same in every sibling."""

    family: Family
    entries: tuple[Entry, ...]


def families(targets: Iterable[Target]) -> Iterator[Family]:
    """Yield each family of at least two layers; those over environments first, since they leave the fewest lines."""
    services: dict[str, tuple[set[str], set[str]]] = {}
    for target in targets:
        environments, processes = services.setdefault(target.service, (set(), set()))
        environments.add(target.environment)
        processes.add(target.process)
    found = (*_over_environments(services), *_over_processes(services), *_over_services(services))
    return (family for family in found if len(family.siblings) > 1)


def _over_environments(services: Mapping[str, tuple[set[str], set[str]]]) -> Iterator[Family]:
    every_environment = sorted({environment for environments, _ in services.values() for environment in environments})
    yield Family(tuple(every_environment), COMMON, (), "environment file of `configs`", across=True)
    for service, (environments, processes) in services.items():
        for folder in (service, *(f"{service}/{process}" for process in sorted(processes))):
            layer_ids = tuple(f"{folder}/{environment}" for environment in sorted(environments))
            yield Family(layer_ids, f"{folder}/{COMMON}", (), f"environment file of `configs/{folder}`", across=True)


def _over_processes(services: Mapping[str, tuple[set[str], set[str]]]) -> Iterator[Family]:
    for service, (environments, processes) in services.items():
        folders = [f"{service}/{process}" for process in sorted(processes)]
        common_ids = tuple(f"{folder}/{COMMON}" for folder in folders)
        between = tuple(f"{service}/{environment}" for environment in sorted(environments))
        yield Family(
            common_ids, f"{service}/{COMMON}", between, f"common.yaml of a process of `{service}`", across=False
        )
        for environment in sorted(environments):
            layer_ids = tuple(f"{folder}/{environment}" for folder in folders)
            kind = f"{environment}.yaml of a process of `{service}`"
            yield Family(layer_ids, f"{service}/{environment}", common_ids, kind, across=False)


def _over_services(services: Mapping[str, tuple[set[str], set[str]]]) -> Iterator[Family]:
    every_environment = sorted({environment for environments, _ in services.values() for environment in environments})
    common_ids = tuple(f"{service}/{COMMON}" for service in sorted(services))
    yield Family(common_ids, COMMON, tuple(every_environment), "common.yaml of a service", across=False)
    for environment in every_environment:
        present = [service for service in sorted(services) if environment in services[service][0]]
        layer_ids = tuple(f"{service}/{environment}" for service in present)
        between = tuple(f"{service}/{COMMON}" for service in present)
        yield Family(layer_ids, environment, between, f"{environment}.yaml of a service", across=False)


def repeated(
    targets: Iterable[Target],
    layers: Mapping[str, Mapping[str, Entry]],
    may_move: Callable[[Entry, Family], bool],
) -> Iterator[Repeated]:
    """Yield what could be written once; an entry is reported in one family only, even if it fits several."""
    taken: set[Entry] = set()
    for family in families(targets):
        siblings = [layers.get(layer_id, {}) for layer_id in family.siblings]
        barred = {name for layer_id in (family.wider, *family.between) for name in layers.get(layer_id, {})}
        for name in sorted(siblings[0].keys() - barred):
            entries = tuple(layer[name] for layer in siblings if name in layer)
            if len(entries) < len(siblings) or len({(entry.text, entry.parts) for entry in entries}) > 1:
                continue
            if taken.isdisjoint(entries) and all(may_move(entry, family) for entry in entries):
                taken.update(entries)
                yield Repeated(family, entries)
