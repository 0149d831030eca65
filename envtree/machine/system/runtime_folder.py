"""The runtime folder of a machine: its lock, the service folders in it, and what boot wrote down.

state.json                what was asked for, and where the output is
services/NAME/            a service folder; part.json in it says what it is
watch/NAME                a link to it, for as long as runsvdir is to look after it
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import math
import os
import shutil
import stat
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.tree import Target
from envtree.core.runit.launcher import launcher
from envtree.machine.services.parts import part_text, read_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.machine.services.parts import ProcessSpec

STATE = "state.json"
SERVICES = "services"
WATCH = "watch"
PART = "part.json"
OURS = frozenset((STATE, f"{STATE}.new", SERVICES, WATCH))
MEMORY = ("started", "ended", "killed")
"""What scripts wrote down of the starts before."""
LINKS = ("finish", "check", "control", "log/run")
"""What a service folder takes from the generation that its process was started with."""


class State(NamedTuple):
    """What boot was asked for."""

    out: str
    """The output, by its absolute path."""
    selector: str
    generation: str
    """The one that was current then."""


def unusable(message: str, advice: str = "") -> EnvtreeError:
    """The runtime folder can't be used as one."""
    return EnvtreeError(Diagnostic("unusable-runtime", message, help=advice))


@contextlib.contextmanager
def locked(run: str, on_wait: Callable[[], None], *, make: bool) -> Iterator[bool]:
    """Work on a runtime folder alone; whether there is one, which `make` sees to.

    Raises EnvtreeError where it is not this user's, or can't be made.
    """
    while True:
        if make:
            _make(run)
        descriptor = _opened(run)
        if descriptor is None:
            yield False
            return
        try:
            _lock(descriptor, on_wait)
            if not _is_still(run, descriptor):
                continue  # who held the lock removed it
            yield True
            return
        finally:
            os.close(descriptor)


def _make(run: str) -> None:
    try:
        os.makedirs(os.path.dirname(run), 0o755, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(run, 0o700)
    except OSError as error:
        raise unusable(f"`{run}` can't be made: {_reason(error)}", "name another one with `--run`") from None


def _opened(run: str) -> int | None:
    """A descriptor of the folder, checked; None where there is none."""
    try:
        descriptor = os.open(run, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        is_other = error.errno in (errno.ENOTDIR, errno.ELOOP)
        reason = "is no folder" if is_other else f"can't be opened: {_reason(error)}"
        raise unusable(f"`{run}` {reason}", "name another one with `--run`") from None
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid():
            raise unusable(f"`{run}` belongs to another user", "run as that user, or name another one with `--run`")
        if stat.S_IMODE(status.st_mode) & 0o022:
            raise unusable(f"others can write to `{run}`", f"run `chmod go-w {run}`")
        if foreign := sorted(set(os.listdir(descriptor)) - OURS):
            raise unusable(f"`{run}` holds `{foreign[0]}`, which no boot made", "name another one with `--run`")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _is_still(run: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(run), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def read_state(run: str) -> State | None:
    """What boot wrote down; None where there is nothing, or a boot died before it had."""
    try:
        with open(f"{run}/{STATE}", encoding="utf-8") as file:
            return State(**json.load(file))
    except (OSError, ValueError, TypeError):
        return None


def write_state(run: str, state: State) -> None:
    """Write it down, whole or not at all."""
    _write(f"{run}/{STATE}", json.dumps(state._asdict(), indent=1) + "\n", 0o600)


def folder_of(run: str, name: str) -> str:
    """The service folder of a part, by its name."""
    return f"{run}/{SERVICES}/{name}"


def installed(run: str) -> dict[str, ProcessSpec | None]:
    """The parts whose service folders are there, by name; None for one whose boot died before it was whole."""
    try:
        names = sorted(os.listdir(f"{run}/{SERVICES}"))
    except FileNotFoundError:
        return {}
    return {name: _part(f"{folder_of(run, name)}/{PART}") for name in names}


def _part(path: str) -> ProcessSpec | None:
    try:
        with open(path, encoding="utf-8") as file:
            return read_part(file.read())
    except (OSError, ValueError):
        return None


def install(run: str, out: str, generation: str, part: ProcessSpec) -> None:
    """Make the service folder of a part, or make it anew, with a `down` file: it starts when it is told to."""
    folder = folder_of(run, part.name)
    os.makedirs(f"{folder}/log", 0o700, exist_ok=True)
    text = launcher(out, Target(*part.target.split("/")), math.ceil(part.kill_after))
    _write(f"{folder}/run", text, 0o700)
    _link(f"{folder}/tree", f"{out}/generations/{generation}", replace=False)
    for name in LINKS:
        up = "../" * name.count("/")
        _link(f"{folder}/{name}", f"{up}tree/{part.target}/{name}")
    for name in MEMORY:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{folder}/supervise/{name}")
    hold(run, part.name)
    _write(f"{folder}/{PART}", part_text(part), 0o600)


def watch(run: str, name: str) -> None:
    """Let runsvdir look after a service folder."""
    os.makedirs(f"{run}/{WATCH}", 0o700, exist_ok=True)
    _link(f"{run}/{WATCH}/{name}", f"../{SERVICES}/{name}")


def unwatch(run: str, name: str) -> None:
    """Let runsvdir look after it no more."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{run}/{WATCH}/{name}")


def is_to_start(run: str, name: str) -> bool:
    """Whether runsv would start it without being told to."""
    return not os.path.lexists(f"{folder_of(run, name)}/down")


def hold(run: str, name: str) -> None:
    """From now on runsv starts it only when it is told to."""
    _write(f"{folder_of(run, name)}/down", "", 0o600)


def let_start(run: str, name: str) -> None:
    """From now on runsv starts it without being told to."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{folder_of(run, name)}/down")


def generation_of(run: str, name: str) -> str:
    """The generation that a process was started with; empty where that can't be told."""
    try:
        return os.path.basename(os.readlink(f"{folder_of(run, name)}/tree"))
    except OSError:
        return ""


def uninstall(run: str, name: str) -> None:
    """Remove a service folder; what runs in it must have ended."""
    unwatch(run, name)
    shutil.rmtree(folder_of(run, name), ignore_errors=True)


def clear(run: str) -> None:
    """Remove all that is in the runtime folder, and keep the folder: whoever locked it works on."""
    for name in OURS:
        if os.path.isdir(f"{run}/{name}"):
            shutil.rmtree(f"{run}/{name}", ignore_errors=True)
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{run}/{name}")


def remove(run: str) -> None:
    """Remove the runtime folder, with all that is left in it; one that somebody else made for us stays, empty."""
    clear(run)
    try:
        os.rmdir(run)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EACCES, errno.EPERM):
            raise


def age(folder: str) -> None:
    """Make a folder look as if it had not changed for a while: runsvdir waits a second for one that just has."""
    past = os.stat(folder).st_mtime - 5
    os.utime(folder, (past, past))


def _write(path: str, text: str, mode: int) -> None:
    staged = f"{path}.new"
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(staged, path)


def _link(path: str, to: str, *, replace: bool = True) -> None:
    if not replace and os.path.lexists(path):
        return
    staged = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(staged)
    os.symlink(to, staged)
    os.rename(staged, path)


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()
