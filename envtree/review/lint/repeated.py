"""Values that all files of one kind repeat, and the one file that could say them for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import COMMON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from envtree.core.model.tree import Entry, Target


class Family(NamedTuple):
    """Layers that have a wider one in common, and all processes that see it see just one of them."""

    siblings: tuple[str, ...]
    wider: str
    between: tuple[str, ...]
    """The layers that would override the wider one, and that the siblings override."""
    words: str
    across: bool
    """The siblings are of different environments."""


class Repeated(NamedTuple):
    """Entries that set the same in every sibling."""

    family: Family
    entries: tuple[Entry, ...]


def families(targets: Iterable[Target]) -> Iterator[Family]:
    """Each family of at least two layers; those over environments first, since they leave the fewest lines."""
    services: dict[str, tuple[set[str], set[str]]] = {}
    for target in targets:
        running, processes = services.setdefault(target.service, (set(), set()))
        running.add(target.environment)
        processes.add(target.process)
    found = (*_over_environments(services), *_over_processes(services), *_over_services(services))
    return (family for family in found if len(family.siblings) > 1)


def _over_environments(services: Mapping[str, tuple[set[str], set[str]]]) -> Iterator[Family]:
    everywhere = sorted({environment for running, _ in services.values() for environment in running})
    yield Family(tuple(everywhere), COMMON, (), "environment file of `configs`", across=True)
    for service, (running, processes) in services.items():
        for folder in (service, *(f"{service}/{process}" for process in sorted(processes))):
            places = tuple(f"{folder}/{environment}" for environment in sorted(running))
            yield Family(places, f"{folder}/{COMMON}", (), f"environment file of `configs/{folder}`", across=True)


def _over_processes(services: Mapping[str, tuple[set[str], set[str]]]) -> Iterator[Family]:
    for service, (running, processes) in services.items():
        folders = [f"{service}/{process}" for process in sorted(processes)]
        wide = tuple(f"{folder}/{COMMON}" for folder in folders)
        between = tuple(f"{service}/{environment}" for environment in sorted(running))
        yield Family(wide, f"{service}/{COMMON}", between, f"common.yaml of a process of `{service}`", across=False)
        for environment in sorted(running):
            places = tuple(f"{folder}/{environment}" for folder in folders)
            words = f"{environment}.yaml of a process of `{service}`"
            yield Family(places, f"{service}/{environment}", wide, words, across=False)


def _over_services(services: Mapping[str, tuple[set[str], set[str]]]) -> Iterator[Family]:
    everywhere = sorted({environment for running, _ in services.values() for environment in running})
    wide = tuple(f"{service}/{COMMON}" for service in sorted(services))
    yield Family(wide, COMMON, tuple(everywhere), "common.yaml of a service", across=False)
    for environment in everywhere:
        here = [service for service in sorted(services) if environment in services[service][0]]
        places = tuple(f"{service}/{environment}" for service in here)
        between = tuple(f"{service}/{COMMON}" for service in here)
        yield Family(places, environment, between, f"{environment}.yaml of a service", across=False)


def repeated(
    targets: Iterable[Target],
    layers: Mapping[str, Mapping[str, Entry]],
    may_move: Callable[[Entry, Family], bool],
) -> Iterator[Repeated]:
    """What could be said once; an entry is named in one place only, though it may fit in several families."""
    taken: set[Entry] = set()
    for family in families(targets):
        siblings = [layers.get(place, {}) for place in family.siblings]
        barred = {name for place in (family.wider, *family.between) for name in layers.get(place, {})}
        for name in sorted(siblings[0].keys() - barred):
            entries = tuple(layer[name] for layer in siblings if name in layer)
            if len(entries) < len(siblings) or len({(entry.text, entry.parts) for entry in entries}) > 1:
                continue
            if taken.isdisjoint(entries) and all(may_move(entry, family) for entry in entries):
                taken.update(entries)
                yield Repeated(family, entries)
