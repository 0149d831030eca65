"""The topological order of names that need one another, and the cycles among names that have no such order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def topological_order(needs: Mapping[str, Collection[str]]) -> tuple[list[str], dict[str, set[str]]]:
    """Return the names, each after the names it needs, and the names that wait for a cycle, with what they wait for.

    A need that is not itself a key of `needs` is ignored.
    """
    waiting = {name: {each for each in wanted if each in needs} for name, wanted in needs.items()}
    needed_by: dict[str, list[str]] = {}
    for name, wanted in waiting.items():
        for each in wanted:
            needed_by.setdefault(each, []).append(name)
    ordered: list[str] = []
    ready = [name for name, wanted in waiting.items() if not wanted]
    while ready:
        name = ready.pop()
        ordered.append(name)
        del waiting[name]
        for each in needed_by.get(name, ()):
            waiting[each].discard(name)
            if not waiting[each]:
                ready.append(each)
    return ordered, waiting


def cycles(waiting: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Return for each waiting name the cycle that it leads to, which starts at its first name in the alphabet."""
    found: dict[str, tuple[str, ...]] = {}
    for start in waiting:
        path: dict[str, None] = {}
        name = start
        while name not in path and name not in found:
            path[name] = None
            name = min(waiting[name])
        if name not in found:
            names = list(path)
            cycle = names[names.index(name) :]
            first = cycle.index(min(cycle))
            found[name] = tuple(cycle[first:] + cycle[:first])
        found.update(dict.fromkeys(path, found[name]))
    return found
