"""The generations of an output, oldest first: which are kept, which are removed, and which is the previous one."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING

from envtree.adapters.store.descriptors import MAX_LOG, MAX_MANIFEST, opened, opened_file, read_file, read_tail
from envtree.adapters.store.state import ENVDIRS, GENERATIONS, LOG, MANIFEST, current_in
from envtree.core.output.manifest import read_envdirs

if TYPE_CHECKING:
    from collections.abc import Iterable


NO_MANIFEST = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO)
"""What the system says where something else is in the place of a manifest, or nothing."""


def generations(folder: int) -> tuple[str, ...]:
    """Return the existing generations in the order of their last build; those that the log doesn't know come first."""
    existing = sorted(_listed(GENERATIONS, folder))
    order = {name: number for number, name in enumerate(_logged(folder))}
    return tuple(sorted(existing, key=lambda name: order.get(name, -1)))


def _listed(name: str, folder: int) -> list[str]:
    try:
        with opened(name, folder) as descriptor:
            return os.listdir(descriptor)
    except FileNotFoundError:
        return []


def _logged(folder: int) -> Iterable[str]:
    """Yield the generations in the log, in the order of their builds."""
    try:
        with opened_file(LOG, folder) as log:
            lines = read_tail(log, MAX_LOG).decode("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            yield str(json.loads(line)["generation"])
        except (ValueError, KeyError, TypeError):
            continue


def previous_generation(folder: int) -> str | None:
    """Return the generation that was built before the current one; None if it no longer exists."""
    active = current_in(folder)
    names = generations(folder)
    if active not in names:
        return names[-1] if names else None
    index = names.index(active)
    return names[index - 1] if index else None


def superfluous(
    folder: int, keep: int, previous: str | None, used: frozenset[str] = frozenset()
) -> tuple[list[str], list[str]]:
    """Return all but the newest generations, and the envdirs that no other generation uses.

    The current generation, the one that it replaced and those in use are never among them: a process ends by the
    scripts that it was started with.
    """
    names = generations(folder)
    kept = {*names[-keep:], current_in(folder), previous, *used}
    used_envdirs = _used_envdirs(folder, [name for name in names if name in kept])
    unused = [] if used_envdirs is None else [name for name in _listed(ENVDIRS, folder) if name not in used_envdirs]
    return [name for name in names if name not in kept], unused


def prune(folder: int, staging: int, keep: int, previous: str | None, used: frozenset[str]) -> int:
    """Move everything superfluous into the staging folder, and return how many generations that were."""
    obsolete, unused = superfluous(folder, keep, previous, used)
    with opened(GENERATIONS, folder) as parent:
        for name in obsolete:
            move_away(name, parent, name, staging)
    with opened(ENVDIRS, folder) as parent:
        for name in unused:
            move_away(name, parent, f"{ENVDIRS}/{name}", staging)
    return len(obsolete)


def move_away(name: str, parent: int, to: str, staging: int) -> None:
    """Move a folder into the staging folder; what can't be moved is removed where it is.

    overlayfs moves no folder that its lower layer holds, which is where an image has its output.
    """
    try:
        os.rename(name, to, src_dir_fd=parent, dst_dir_fd=staging)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        import shutil

        shutil.rmtree(name, dir_fd=parent)


def _used_envdirs(folder: int, names: Iterable[str]) -> set[str] | None:
    """Return the envdirs that generations use; None where that is not certain.

    Raises OSError where a disk or a limit refuses: an error is tried again by the next build, and a doubt is not.
    """
    used: set[str] = set()
    for name in names:
        try:
            data = read_file(f"{GENERATIONS}/{name}/{MANIFEST}", MAX_MANIFEST, folder)
            used.update(read_envdirs(data.decode()).values())
        except ValueError:
            return None
        except OSError as error:
            if error.errno in NO_MANIFEST:
                return None
            raise
    return used
