"""Rollback: makes an earlier generation current again."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from envtree.adapters.store.descriptors import opened
from envtree.adapters.store.lock import held_output, locked
from envtree.adapters.store.publish import cannot_write, remove_staging, switch_current
from envtree.adapters.store.retention import generations, previous_generation
from envtree.adapters.store.state import ENVDIRS, GENERATIONS, STAGING, current, current_in
from envtree.adapters.store.verify import is_whole, manifest_in
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def roll_back(out: str, wanted: str | None, on_wait: Callable[[], None]) -> tuple[str | None, str]:
    """Make the generation before current again, or one whose name starts with `wanted`.

    The result is the generation that was current before, and the one that is now. Raises EnvtreeError where there is no
    such generation.
    """
    replaced = current(out)
    try:
        with held_output(out), locked(out, 0o700, on_wait) as folder:  # `locked` would make a missing folder
            replaced = current_in(folder)
            name = _chosen(out, folder, wanted)
            _refuse_broken(out, folder, name)
            remove_staging(folder)
            os.mkdir(STAGING, 0o700, dir_fd=folder)
            switch_current(name, folder)
            remove_staging(folder)
    except OSError as error:
        raise cannot_write(out, error, moved=current(out) != replaced) from None
    return replaced, name


def _refuse_broken(out: str, folder: int, name: str) -> None:
    """Raise EnvtreeError for an incomplete generation, which must not become current."""
    manifest = manifest_in(folder, out, name) if is_whole(folder, name) else None
    if manifest is None or not _has_folders(folder, manifest.envdirs.values()):
        message = f"`{out}/{GENERATIONS}/{name}` is not as it was built"
        raise EnvtreeError(
            Diagnostic("damaged-output", message, help="go back to another one with `--to`, or build again")
        )


def _has_folders(folder: int, envdirs: Iterable[str]) -> bool:
    try:
        with opened(ENVDIRS, folder) as parent:
            return all(stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode) for name in envdirs)
    except FileNotFoundError:
        return False


def _chosen(out: str, folder: int, wanted: str | None) -> str:
    """Return the name of the generation to go back to."""
    names = generations(folder)
    if wanted is None:
        name = previous_generation(folder)
        if name is None:
            raise EnvtreeError(
                Diagnostic(
                    "no-generation",
                    f"`{out}` has no generation before the current one",
                    help="there is nothing to go back to; build again",
                )
            )
        return name
    found = [name for name in names if wanted and name.startswith(wanted)]
    if len(found) != 1:
        what = f"{len(found)} generations that start" if found else "no generation that starts"
        known = some((name[:12] for name in reversed(names)), 5)
        raise EnvtreeError(
            Diagnostic("no-generation", f"`{out}` has {what} with `{wanted}`", help=f"newest first, it has {known}")
        )
    return found[0]
