"""The runtime folder of a machine as a whole: made, refused if it can't be trusted, and locked while it is used."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

from envtree.adapters.store.lock import lock
from envtree.adapters.store.trust import Untrusted, made, reached, real_path
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.machine.system.programs import owner_name
from envtree.machine.system.runtime_folder import OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def unusable(message: str, advice: str = "") -> EnvtreeError:
    """Return the error that a runtime folder can't be used."""
    return EnvtreeError(Diagnostic("unusable-runtime", message, help=advice))


def real_path_of(run: str) -> str:
    """Return the path of a runtime folder without links; raises EnvtreeError where somebody can turn it elsewhere."""
    try:
        return real_path(run)
    except Untrusted as fault:
        raise unusable(str(fault), "name another one with `--run`") from None
    except OSError:
        return os.path.realpath(run)  # said where it is opened


@contextlib.contextmanager
def locked(run: str, on_wait: Callable[[], None], *, make: bool) -> Iterator[bool]:
    """Lock a runtime folder, and yield whether it exists; `make` creates it.

    Raises EnvtreeError if the folder belongs to another user, or can't be made.
    """
    while True:
        with _held(run, make=make) as descriptor:
            if descriptor is None:
                yield False
                return
            lock(descriptor, on_wait)
            if not _is_same_folder(run, descriptor):
                continue  # the process that held the lock has removed the folder
            with _usual_umask():
                yield True
            return


class Busy(Exception):
    """Another command works on the machine."""


@contextlib.contextmanager
def locked_at_once(run: str) -> Iterator[bool]:
    """Lock a runtime folder, and yield whether it exists; raises Busy where another command has it."""
    with locked(run, _give_up, make=False) as is_there:
        yield is_there


def is_busy(run: str) -> bool:
    """Return whether another command works on the machine."""
    try:
        with locked_at_once(run):
            return False
    except Busy:
        return True


def _give_up() -> None:
    raise Busy


@contextlib.contextmanager
def _usual_umask() -> Iterator[None]:
    """Set the umask that nearly all have; under the caller's, which may be 000, others could write what root runs."""
    umask = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(umask)


def check(run: str) -> bool:
    """Return whether a runtime folder exists; raises EnvtreeError if it can't be trusted."""
    with _held(run, make=False) as descriptor:
        return descriptor is not None


@contextlib.contextmanager
def _held(run: str, *, make: bool) -> Iterator[int | None]:
    """Hold the folder, made if it is missing and is to be made, and check it; None if there is none."""
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(reached(run))
            is_there = make or not found.missing
            descriptor = stack.enter_context(made(found, 0o700)) if is_there else None
        except Untrusted as fault:
            raise unusable(str(fault), "name another one with `--run`") from None
        except PermissionError:
            raise _anothers(run) from None
        except OSError as error:
            is_other = error.errno in (errno.ENOTDIR, errno.ELOOP)
            reason = "is no folder" if is_other else f"can't be {'made' if make else 'opened'}: {system_reason(error)}"
            raise unusable(f"`{run}` {reason}", "name another one with `--run`") from None
        if descriptor is not None:
            _check(run, descriptor)
        yield descriptor


def _check(run: str, descriptor: int) -> None:
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid():
        raise _anothers(run)
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise unusable(f"others can write to `{run}`", f"run `chmod go-w {run}`")
    if foreign := sorted(set(os.listdir(descriptor)) - OURS):
        raise unusable(f"`{run}` holds `{foreign[0]}`, which no boot made", "name another one with `--run`")


def _anothers(run: str) -> EnvtreeError:
    """Return the error for a folder of another user, with who that is where it can be known."""
    try:
        name = owner_name(os.stat(run).st_uid)
    except OSError:
        return unusable(
            f"`{run}` can't be opened: permission denied", "use `sudo envtree ...`, or name another one with `--run`"
        )
    advice = "use `sudo envtree ...`" if name == "root" else f"use `sudo -u {name} envtree ...`"
    return unusable(f"`{run}` belongs to another user, {name}", f"{advice}, or name another one with `--run`")


def _is_same_folder(run: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(run), os.fstat(descriptor))
    except FileNotFoundError:
        return False
