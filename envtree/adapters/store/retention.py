"""The generations of an output, newest last: what is kept, what is removed, and which one was before."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from envtree.adapters.store.state import ENVDIRS, GENERATIONS, LOG, MANIFEST, STAGING, current
from envtree.core.output.manifest import read_envdirs

if TYPE_CHECKING:
    from collections.abc import Iterable


def generations(out: str) -> tuple[str, ...]:
    """The generations that are there, in the order they were last built; one the log doesn't know comes first."""
    try:
        there = sorted(os.listdir(f"{out}/{GENERATIONS}"))
    except FileNotFoundError:
        return ()
    order = {name: number for number, name in enumerate(_logged(out))}
    return tuple(sorted(there, key=lambda name: order.get(name, -1)))


def _logged(out: str) -> Iterable[str]:
    try:
        with open(f"{out}/{LOG}", encoding="utf-8", errors="replace") as log:
            lines = log.read().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield str(json.loads(line)["generation"])
        except (ValueError, KeyError, TypeError):
            continue


def before(out: str) -> str | None:
    """The generation that was built before the current one, if it is still there."""
    now = current(out)
    names = generations(out)
    if now not in names:
        return names[-1] if names else None
    index = names.index(now)
    return names[index - 1] if index else None


def superfluous(
    out: str, keep: int, replaced: str | None, used: frozenset[str] = frozenset()
) -> tuple[list[str], list[str]]:
    """All but the newest generations, and envdirs that no other leads to.

    Never the current one, the one it replaced, or one that is used: a process that it started ends by its scripts.
    """
    names = generations(out)
    kept = {*names[-keep:], current(out), replaced, *used}
    led_to = _used_envdirs(out, [name for name in names if name in kept])
    unused = [] if led_to is None else [name for name in os.listdir(f"{out}/{ENVDIRS}") if name not in led_to]
    return [name for name in names if name not in kept], unused


def prune(out: str, keep: int, replaced: str | None, used: frozenset[str]) -> int:
    """Move all that is superfluous into the staging folder; how many generations went."""
    gone, unused = superfluous(out, keep, replaced, used)
    for name in gone:
        os.rename(f"{out}/{GENERATIONS}/{name}", f"{out}/{STAGING}/{name}")
    for name in unused:
        os.rename(f"{out}/{ENVDIRS}/{name}", f"{out}/{STAGING}/{ENVDIRS}/{name}")
    return len(gone)


def _used_envdirs(out: str, names: Iterable[str]) -> set[str] | None:
    """The envdirs that generations lead to; None where that can't be told for sure."""
    used: set[str] = set()
    for name in names:
        try:
            with open(f"{out}/{GENERATIONS}/{name}/{MANIFEST}", encoding="utf-8") as file:
                used.update(read_envdirs(file.read()).values())
        except (FileNotFoundError, ValueError):
            return None
    return used
