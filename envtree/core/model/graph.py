"""Names in an order in which each comes after what it needs, and the circles among those that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def topological_order(needs: Mapping[str, Collection[str]]) -> tuple[list[str], dict[str, set[str]]]:
    """The names, each after what it needs of them; and those that wait for a circle, with what they wait for."""
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
    """For each name that waits for others of these, the circle it ends in, from its first name in the alphabet on."""
    found: dict[str, tuple[str, ...]] = {}
    for start in waiting:
        path: dict[str, None] = {}
        name = start
        while name not in path and name not in found:
            path[name] = None
            name = min(waiting[name])
        if name not in found:
            names = list(path)
            circle = names[names.index(name) :]
            first = circle.index(min(circle))
            found[name] = tuple(circle[first:] + circle[:first])
        found.update(dict.fromkeys(path, found[name]))
    return found
