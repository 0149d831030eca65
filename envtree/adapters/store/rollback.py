"""Going back: an earlier generation made current again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.adapters.store.lock import locked, open_output
from envtree.adapters.store.publish import cannot_write, flip, sweep
from envtree.adapters.store.retention import before, generations
from envtree.adapters.store.state import ENVDIRS, GENERATIONS, STAGING, current
from envtree.adapters.store.verify import is_whole, manifest_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some

if TYPE_CHECKING:
    from collections.abc import Callable


def roll_back(out: str, wanted: str | None, on_wait: Callable[[], None]) -> tuple[str | None, str]:
    """Make the generation before current again, or one whose name starts so; raises EnvtreeError if there is none."""
    now = current(out)
    try:
        os.close(open_output(out))  # `locked` would make one
        with locked(out, 0o700, on_wait) as folder:
            now = current(out)
            name = _chosen(out, wanted)
            _refuse_broken(out, name)
            sweep(out)
            os.mkdir(STAGING, 0o700, dir_fd=folder)
            flip(name, folder)
            sweep(out)
    except OSError as error:
        raise cannot_write(out, error, moved=current(out) != now) from None
    return now, name


def _refuse_broken(out: str, name: str) -> None:
    """A generation that isn't all there must not become current."""
    manifest = manifest_of(out, name) if is_whole(out, name) else None
    if manifest is None or not all(os.path.isdir(f"{out}/{ENVDIRS}/{each}") for each in manifest.envdirs.values()):
        message = f"`{out}/{GENERATIONS}/{name}` is not as it was built"
        raise EnvtreeError(
            Diagnostic("damaged-output", message, help="go back to another one with `--to`, or build again")
        )


def _chosen(out: str, wanted: str | None) -> str:
    names = generations(out)
    if wanted is None:
        name = before(out)
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
