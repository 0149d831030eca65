"""The output folder itself: made if missing, refused if it belongs to someone else, and locked while it is used."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from typing import TYPE_CHECKING

from envtree.adapters.store.state import OURS, STAGING
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOST_AND_FOUND = "lost+found"


def unusable(message: str, advice: str = "") -> EnvtreeError:
    """Return the error for a folder that can't be used as the output folder."""
    return EnvtreeError(Diagnostic("unusable-output", message, help=advice))


@contextlib.contextmanager
def locked(out: str, folder_mode: int, on_wait: Callable[[], None]) -> Iterator[int]:
    """Lock the output folder, made if missing, and yield a descriptor of it.

    Raises EnvtreeError unless the folder belongs to this user, and is empty or contains an output.
    """
    if not os.path.lexists(out):
        with contextlib.suppress(FileExistsError):
            make_folders_above(out)
            os.mkdir(out, folder_mode)
    descriptor = open_output(out)
    try:
        lock(descriptor, on_wait)
        yield descriptor
    finally:
        os.close(descriptor)


def make_folders_above(path: str) -> None:
    """Make the folders above a path, for all to pass through and this user to write, whatever the umask."""
    umask = os.umask(0o022)
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    finally:
        os.umask(umask)


def open_output(out: str, trusted: tuple[int, ...] = ()) -> int:
    """Return a descriptor of an existing output folder; raises EnvtreeError where it can't be trusted as one.

    It must belong to this user, or to one whose id is in `trusted`.
    """
    if os.path.islink(out):
        raise unusable(f"`{out}` is a link", "name the folder itself")
    try:
        descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except NotADirectoryError:
        raise unusable(f"`{out}` is a file, not a folder", "name another folder") from None
    except FileNotFoundError:
        raise unusable(f"`{out}` is not there", "`envtree build --out OUT` makes one") from None
    except OSError as error:
        raise unusable(f"`{out}` can't be opened: {system_reason(error)}") from None
    try:
        _check(out, os.fstat(descriptor), os.listdir(descriptor), trusted)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_unfinished(out: str) -> bool:
    """Return whether a build or rollback was interrupted; one that still runs was not."""
    descriptor = open_output(out)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return os.path.lexists(f"{out}/{STAGING}")
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)


def _check(out: str, status: os.stat_result, names: list[str], trusted: tuple[int, ...]) -> None:
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
