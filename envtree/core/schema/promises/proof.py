"""Proves the promises of schemas about a tree: each target is looked at once for each line that promises something.

Of a value that is sealed and has not been opened, it is known only that the same line sets the same elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import Entry, Target
from envtree.core.schema.promises.marks import Differs, PromiseLine, Same, SetIn, group_of, kind_of, part_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.schema.governance import Governance

UNKNOWN = object()
"""The value of a variable that can't be computed, or of a target whose layers can't be read."""


class ComparedValue(NamedTuple):
    """A target that a promise is about, and what it gets: a text, None for no value, the entry of a closed one."""

    target: Target
    value: object
    entry: Entry | None


class Breach(NamedTuple):
    """A promise that is broken, or (`unproved`) that could be, and the places that have a part in it."""

    line: PromiseLine
    places: tuple[ComparedValue, ...]
    unproved: bool = False


def compared(
    governed: Mapping[Target, Governance], chosen: Collection[Target], name: str | None = None
) -> tuple[Target, ...]:
    """Return the other targets whose values the promises about the chosen ones (and about a name) look at."""
    wanted = {
        (line, _group(line, target))
        for target in chosen
        for line in governed[target].promises
        if name in (None, line.name) and not isinstance(line.promise, SetIn)
    }
    if not wanted:
        return ()
    own = frozenset(chosen)
    return tuple(
        target
        for target, governance in governed.items()
        if target not in own and any((line, _group(line, target)) in wanted for line in governance.promises)
    )


def _group(line: PromiseLine, target: Target) -> tuple[str, ...]:
    """Return what targets have in common whose values a line compares."""
    return group_of(target, line.promise.between) if isinstance(line.promise, Same) else ()


def breaches(
    own: Mapping[Target, Node],
    beside: Mapping[Target, Node],
    governed: Mapping[Target, Governance],
    unread: Collection[Target],
) -> Iterator[Breach]:
    """Yield each promise about the targets in `own` that is broken.

    Those in `beside` are only compared with them, and where what they get is not known, the promise is yielded as
    unproved. Of `unread` targets nothing is known.
    """
    groups: dict[tuple[PromiseLine, tuple[str, ...]], list[ComparedValue]] = {}
    misplaced: dict[tuple[PromiseLine, Entry], list[ComparedValue]] = {}
    for target, node in (*own.items(), *beside.items()):
        for line in governed[target].promises:
            if not isinstance(line.promise, SetIn):
                place = _place(target, node, line.name, unread)
                groups.setdefault((line, _group(line, target)), []).append(place)
            elif target in own:
                for entry in node.provenance.get(line.name, ()):
                    if kind_of(entry.file) not in line.promise.layers:
                        misplaced.setdefault((line, entry), []).append(ComparedValue(target, entry.text, entry))
    yield from (Breach(line, tuple(places)) for (line, _), places in misplaced.items())
    found: dict[tuple[PromiseLine, frozenset[Entry | None], bool], list[ComparedValue]] = {}
    for (line, _), places in groups.items():
        for broken, unproved in _compared(line, places, own):
            key = (line, frozenset(each.entry for each in broken), unproved)
            found.setdefault(key, []).extend(broken)
    yield from (Breach(line, tuple(places), unproved) for (line, _, unproved), places in found.items())


def _place(target: Target, node: Node, name: str, unread: Collection[Target]) -> ComparedValue:
    entry = node.provenance[name][-1] if name in node.provenance else None
    if target in unread:
        return ComparedValue(target, UNKNOWN, entry)
    if name in node.failed:
        return ComparedValue(target, entry if entry and entry.is_closed else UNKNOWN, entry)
    return ComparedValue(target, node.values.get(name), entry)


def _compared(
    line: PromiseLine, places: list[ComparedValue], own: Collection[Target]
) -> Iterable[tuple[list[ComparedValue], bool]]:
    """Return the places that break a promise together; or else those beside that keep it from being proved."""
    if all(each.target not in own for each in places):
        return ()
    if isinstance(line.promise, Differs):
        broken = [each for each in _sharing(line.promise, places) if any(place.target in own for place in each)]
    else:
        broken = [places] if _vary(places) else []
    if broken:
        return [(each, False) for each in broken]
    known = {_part(line, each.target) for each in places if each.target in own and _is_known(each)}
    unknown = [each for each in places if each.target not in own and not _is_known(each)]
    unknown = [each for each in unknown if known - {_part(line, each.target)}]
    return [(unknown, True)] if unknown else ()


def _part(line: PromiseLine, target: Target) -> str:
    return "" if isinstance(line.promise, SetIn) else part_of(target, line.promise.between)


def _is_known(place: ComparedValue) -> bool:
    return place.value is not UNKNOWN and not isinstance(place.value, Entry)


def _sharing(promise: Differs, places: Iterable[ComparedValue]) -> Iterator[list[ComparedValue]]:
    """Yield the places of each value that several environments share, or services, or processes."""
    by_value: dict[object, list[ComparedValue]] = {}
    for each in places:
        if each.value is not UNKNOWN and each.value is not None:
            by_value.setdefault(each.value, []).append(each)
    for sharing in by_value.values():
        if len({part_of(each.target, promise.between) for each in sharing}) > 1:
            yield sharing


def _vary(places: Iterable[ComparedValue]) -> bool:
    """Return whether some places surely have different values: a closed one is some text."""
    known = {each.value for each in places if _is_known(each)}
    return len(known) > 1 or (None in known and any(isinstance(each.value, Entry) for each in places))
