"""The generations of an output, oldest first: which are kept, which are removed, and which is the previous one."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from envtree.adapters.store.state import ENVDIRS, GENERATIONS, LOG, MANIFEST, STAGING, current
from envtree.core.output.manifest import read_envdirs

if TYPE_CHECKING:
    from collections.abc import Iterable


def generations(out: str) -> tuple[str, ...]:
    """Return the existing generations in the order of their last build; those that the log doesn't know come first."""
    try:
        existing = sorted(os.listdir(f"{out}/{GENERATIONS}"))
    except FileNotFoundError:
        return ()
    order = {name: number for number, name in enumerate(_logged(out))}
    return tuple(sorted(existing, key=lambda name: order.get(name, -1)))


def _logged(out: str) -> Iterable[str]:
    """Yield the generations in the log, in the order of their builds."""
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


def previous_generation(out: str) -> str | None:
    """Return the generation that was built before the current one; None if it no longer exists."""
    active = current(out)
    names = generations(out)
    if active not in names:
        return names[-1] if names else None
    index = names.index(active)
    return names[index - 1] if index else None


def superfluous(
    out: str, keep: int, previous: str | None, used: frozenset[str] = frozenset()
) -> tuple[list[str], list[str]]:
    """Return all but the newest generations, and the envdirs that no other generation uses.

    The current generation, the one that it replaced and those in use are never among them: a process ends by the
    scripts that it was started with.
    """
    names = generations(out)
    kept = {*names[-keep:], current(out), previous, *used}
    used_envdirs = _used_envdirs(out, [name for name in names if name in kept])
    unused = (
        [] if used_envdirs is None else [name for name in os.listdir(f"{out}/{ENVDIRS}") if name not in used_envdirs]
    )
    return [name for name in names if name not in kept], unused


def prune(out: str, keep: int, previous: str | None, used: frozenset[str]) -> int:
    """Move everything superfluous into the staging folder, and return how many generations that were."""
    obsolete, unused = superfluous(out, keep, previous, used)
    for name in obsolete:
        os.rename(f"{out}/{GENERATIONS}/{name}", f"{out}/{STAGING}/{name}")
    for name in unused:
        os.rename(f"{out}/{ENVDIRS}/{name}", f"{out}/{STAGING}/{ENVDIRS}/{name}")
    return len(obsolete)


def _used_envdirs(out: str, names: Iterable[str]) -> set[str] | None:
    """Return the envdirs that generations use; None where that is not certain."""
    used: set[str] = set()
    for name in names:
        try:
            with open(f"{out}/{GENERATIONS}/{name}/{MANIFEST}", encoding="utf-8") as file:
                used.update(read_envdirs(file.read()).values())
        except (FileNotFoundError, ValueError):
            return None
    return used
