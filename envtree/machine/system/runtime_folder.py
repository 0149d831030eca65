"""The runtime folder of a machine: its service folders, and what boot wrote.

state.json                the request of the last boot, and where the output is
restart.json              the targets that a restart has stopped, or is about to, and not started again yet
services/NAME/            a service folder; part.json in it describes its process
cgroup                    a link to the group of all its processes, where there are cgroups (v2)
watch/NAME                a link to the service folder, as long as runsvdir has to supervise it
foreground                the `envtree boot --foreground` that looks after it all: its number and start time
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.descriptors import MAX_SMALL, read_file
from envtree.core.model.tree import Target
from envtree.core.runit.launcher import BACK, BEFORE, KEPT, launcher
from envtree.machine.services.parts import read_spec, spec_text
from envtree.machine.system import cgroups

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.machine.services.parts import ProcessSpec

STATE = "state.json"
RESTART = "restart.json"
SERVICES = "services"
WATCH = "watch"
FOREGROUND = "foreground"
SPEC = "part.json"
FILES = (STATE, RESTART, FOREGROUND)
OURS = frozenset((*FILES, *(f"{each}.new" for each in FILES), cgroups.LINK, SERVICES, WATCH))
START_RECORDS = ("started", "ended", "killed", "escaped", "hooks", "lost", "ends", "called")
"""What the scripts wrote about earlier starts."""
LINKS = ("finish", "check", "control", "log/run")
"""Links of a service folder into the generation that its process was started with."""


class BootState(NamedTuple):
    """The request of the last boot."""

    out: str
    """The absolute path of the output."""
    selector: str
    generation: str
    """The generation that was current at that time."""


def read_state(run: str) -> BootState | None:
    """Read what boot wrote; None if there is nothing, or a boot died before it was written."""
    try:
        return BootState(**json.loads(read_file(f"{run}/{STATE}", MAX_SMALL)))
    except (OSError, ValueError, TypeError):
        return None


def write_state(run: str, state: BootState) -> None:
    """Write the state, completely or not at all."""
    _write(f"{run}/{STATE}", json.dumps(state._asdict(), indent=1) + "\n", 0o600)


def read_pending(run: str) -> frozenset[str]:
    """Return the targets of a restart that has not ended, or was cut off."""
    try:
        return frozenset(map(str, json.loads(read_file(f"{run}/{RESTART}", MAX_SMALL))))
    except (OSError, ValueError, TypeError):
        return frozenset()


def write_pending(run: str, targets: Iterable[str]) -> None:
    """Write which targets are still to be started again, so that the next command does it whatever dies before."""
    if names := sorted(targets):
        _write(f"{run}/{RESTART}", json.dumps(names, indent=1) + "\n", 0o600)
        return
    _unlink(f"{run}/{RESTART}")


def service_folder(run: str, name: str) -> str:
    """Return the path of the service folder with a name."""
    return f"{run}/{SERVICES}/{name}"


def installed(run: str) -> dict[str, ProcessSpec | None]:
    """Return the installed processes by name; None for one whose boot died before its service folder was complete."""
    try:
        names = sorted(os.listdir(f"{run}/{SERVICES}"))
    except FileNotFoundError:
        return {}
    return {name: _read_spec(f"{service_folder(run, name)}/{SPEC}") for name in names}


def installed_by_target(run: str) -> dict[str, ProcessSpec]:
    """Return the installed processes whose service folders are complete, by target."""
    return {spec.target: spec for spec in installed(run).values() if spec}


def complete(run: str) -> list[str]:
    """Return the names of the installed processes whose service folder is complete."""
    with contextlib.suppress(FileNotFoundError):
        names = os.listdir(f"{run}/{SERVICES}")
        return [each for each in names if os.path.exists(f"{service_folder(run, each)}/{SPEC}")]
    return []


def _read_spec(path: str) -> ProcessSpec | None:
    try:
        return read_spec(read_file(path, MAX_SMALL).decode())
    except (OSError, ValueError):
        return None


def install(run: str, out: str, generation: str, spec: ProcessSpec) -> None:
    """Make or renew the service folder of a process, with a `down` file: runsv starts it only on command."""
    folder = service_folder(run, spec.name)
    os.makedirs(f"{folder}/log", 0o700, exist_ok=True)
    cgroups.add(run, folder, spec.name)
    text = launcher(out, Target(*spec.target.split("/")), math.ceil(spec.kill_after))
    _write(f"{folder}/run", text, 0o700)
    _link(f"{folder}/tree", f"{out}/generations/{generation}", replace=False)
    for name in LINKS:
        up = "../" * name.count("/")
        _link(f"{folder}/{name}", f"{up}tree/{spec.target}/{name}")
    for name in START_RECORDS:
        _unlink(f"{folder}/supervise/{name}")
    _unlink(f"{folder}/{BACK}")
    hold(run, spec.name)
    write_spec(run, spec)


def write_spec(run: str, spec: ProcessSpec) -> None:
    """Write what is known of a process into its service folder."""
    _write(f"{service_folder(run, spec.name)}/{SPEC}", spec_text(spec), 0o600)


def watch(run: str, name: str) -> None:
    """Let runsvdir supervise a service folder."""
    os.makedirs(f"{run}/{WATCH}", 0o700, exist_ok=True)
    _link(f"{run}/{WATCH}/{name}", f"../{SERVICES}/{name}")


def is_watched(run: str, name: str) -> bool:
    """Return whether runsvdir has to supervise a service folder."""
    return os.path.islink(f"{run}/{WATCH}/{name}")


def unwatch(run: str, name: str) -> None:
    """Let runsvdir stop supervising a service folder."""
    _unlink(f"{run}/{WATCH}/{name}")


def read_foreground(run: str) -> tuple[int, int] | None:
    """Return the number and start time of the process that looks after the machine, if it wrote them."""
    try:
        number, start = map(int, read_file(f"{run}/{FOREGROUND}", MAX_SMALL).split())
    except (OSError, ValueError):
        return None
    return number, start


def write_foreground(run: str, number: int, start: int) -> None:
    """Write which process looks after the machine."""
    _write(f"{run}/{FOREGROUND}", f"{number} {start}\n", 0o600)


def hold(run: str, name: str) -> None:
    """Let runsv start a service only on command from now on."""
    _write(f"{service_folder(run, name)}/down", "", 0o600)


def let_start(run: str, name: str) -> None:
    """Let runsv start a service without a command from now on."""
    _unlink(f"{service_folder(run, name)}/down")


def start_at_once(run: str, name: str) -> None:
    """Let a service that has ended again and again start without a pause."""
    _unlink(f"{service_folder(run, name)}/supervise/ends")


def generation_of(run: str, name: str) -> str:
    """Return the generation that a process was started with; empty if unknown."""
    try:
        return os.path.basename(os.readlink(f"{service_folder(run, name)}/tree"))
    except OSError:
        return ""


def remember(run: str, name: str) -> str:
    """Keep the generation that a process has, for the case that its next one doesn't come up; return its name."""
    generation = generation_of(run, name)
    _write(f"{service_folder(run, name)}/{BEFORE}", f"{generation}\n", 0o600)
    return generation


def bring_back(run: str, out: str, name: str, generation: str) -> bool:
    """Let a process start with a generation that is not current; return whether that is still there."""
    path = service_folder(run, name)
    if not generation or not (
        os.path.isdir(f"{path}/{KEPT}/{generation}") or os.path.isdir(f"{out}/generations/{generation}")
    ):
        return False
    _write(f"{path}/{BACK}", f"{generation}\n", 0o600)
    return True


def is_kept(run: str, name: str) -> bool:
    """Return whether a process has a copy of the scripts that it was started with, whatever happens to the output."""
    return os.path.isdir(f"{service_folder(run, name)}/{KEPT}/{generation_of(run, name)}")


def uninstall(run: str, name: str) -> None:
    """Remove a service folder, whose processes must have ended."""
    unwatch(run, name)
    cgroups.remove(service_folder(run, name))
    shutil.rmtree(service_folder(run, name), ignore_errors=True)


def clear(run: str) -> None:
    """Remove the content of the runtime folder, and keep the folder itself: the caller still holds its lock."""
    for name in installed(run):
        cgroups.remove(service_folder(run, name))
    cgroups.remove(run)
    for name in OURS:
        if os.path.isdir(f"{run}/{name}") and not os.path.islink(f"{run}/{name}"):
            shutil.rmtree(f"{run}/{name}", ignore_errors=True)
        else:
            _unlink(f"{run}/{name}")


def remove(run: str) -> None:
    """Remove the runtime folder and its content; a folder that somebody else made for envtree stays, empty."""
    clear(run)
    try:
        os.rmdir(run)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EACCES, errno.EPERM):
            raise


def backdate(folder: str) -> None:
    """Set the time of a folder back: runsvdir waits a second for one that has just changed."""
    earlier = os.stat(folder).st_mtime - 5
    os.utime(folder, (earlier, earlier))


def _write(path: str, text: str, mode: int) -> None:
    staged = f"{path}.new"
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(staged, path)


def _unlink(path: str) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _link(path: str, to: str, *, replace: bool = True) -> None:
    if not replace and os.path.lexists(path):
        return
    staged = f"{path}.new"
    _unlink(staged)
    os.symlink(to, staged)
    os.rename(staged, path)
