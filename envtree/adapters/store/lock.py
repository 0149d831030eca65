"""The output folder itself: made if missing, refused if it belongs to someone else, and locked while it is used."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from typing import TYPE_CHECKING

from envtree.adapters.store.state import OURS, STAGING, exists
from envtree.adapters.store.trust import Untrusted, contained, made, reached, real_path
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from envtree.adapters.store.trust import Reached

LOST_AND_FOUND = "lost+found"


def unusable(message: str, advice: str = "") -> EnvtreeError:
    """Return the error for a folder that can't be used as the output folder."""
    return EnvtreeError(Diagnostic("unusable-output", message, help=advice))


def real_output(out: str) -> str:
    """Return the path of an output without links; raises EnvtreeError where somebody else can turn it elsewhere."""
    try:
        return real_path(out)
    except Untrusted as fault:
        raise unusable(str(fault), fault.advice) from None
    except OSError:
        return out  # said where it is opened


@contextlib.contextmanager
def locked(out: str, folder_mode: int, on_wait: Callable[[], None]) -> Iterator[int]:
    """Lock the output folder, made if missing, and yield a descriptor of it.

    Raises EnvtreeError unless the folder belongs to this user, and is empty or contains an output.
    """
    with _held(out, contained, folder_mode) as descriptor:
        _check(out, descriptor, ())
        lock(descriptor, on_wait)
        yield descriptor


@contextlib.contextmanager
def held_output(out: str, trusted: tuple[int, ...] = ()) -> Iterator[int]:
    """Hold an existing output folder, and yield a descriptor of it; raises EnvtreeError where it can't be trusted.

    It must belong to this user, or to one whose id is in `trusted`, and nobody else may be able to replace it.
    """
    with _held(out, reached) as descriptor:
        _check(out, descriptor, trusted)
        yield descriptor


@contextlib.contextmanager
def _held(out: str, reach: Callable[[str], AbstractContextManager[Reached]], mode: int | None = None) -> Iterator[int]:
    """Hold the folder at a path, made with a mode if it is missing and there is a mode."""
    if os.path.islink(out):
        raise unusable(f"`{out}` is a link", "name the folder itself")
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(reach(out))
            if found.missing and mode is None:
                raise unusable(f"`{out}` is not there", "`envtree build --out OUT` makes one")
            descriptor = stack.enter_context(made(found, 0o700 if mode is None else mode))
        except Untrusted as fault:
            raise unusable(str(fault), fault.advice) from None
        except NotADirectoryError:
            raise unusable(f"`{out}` is a file, not a folder", "name another folder") from None
        except OSError as error:
            if mode is not None:
                raise  # it can't be made, or not be written
            raise unusable(f"`{out}` can't be opened: {system_reason(error)}") from None
        yield descriptor


def is_unfinished(folder: int) -> bool:
    """Return whether a build or rollback of an output was interrupted; one that still runs was not."""
    try:
        fcntl.flock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    try:
        return exists(STAGING, folder)
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)


def _check(out: str, descriptor: int, trusted: tuple[int, ...]) -> None:
    status, names = os.fstat(descriptor), os.listdir(descriptor)
    if status.st_uid not in (os.geteuid(), *trusted):
        raise unusable(f"`{out}` belongs to another user", "build as its owner, or into another folder")
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise unusable(f"others can write to `{out}`", f"run `chmod go-w {out}`")
    foreign = sorted(set(names) - OURS - {LOST_AND_FOUND})
    if foreign:
        raise unusable(
            f"`{out}` holds `{foreign[0]}`, which no build made",
            "name an empty folder, or one that envtree built before",
        )


def lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    """Hold a folder alone; `on_wait` is called where somebody else holds it, and is waited for."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
