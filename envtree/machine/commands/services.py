"""What boot, restart, status and down share: progress, stale processes, levels, and what runs for a service."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.verify import manifest_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.tree import Target
from envtree.core.output.inventory import fingerprint, read_inventory
from envtree.machine.system import cgroups, processes, runtime_lock
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.programs import program_file
from envtree.machine.system.runsv import last_end, last_start, pipe_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from envtree.core.output.inventory import Inventory
    from envtree.machine.services.ending import Ending
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.processes import RunningProcess

POLL = 0.02
"""Seconds between two checks of a service."""


class MachineProgress(NamedTuple):
    """The functions that are called while a command works on the machine."""

    on_wait: Callable[[], None]
    """Called when another envtree works on the machine, and this one waits."""
    on_step: Callable[[str, int], None]
    """Called with the step (`start` or `stop`), and the number of processes that it still waits for."""
    on_endings: Callable[[tuple[Ending, ...]], None]
    """Called with what did not end as it should after a crash, or in a boot that fails: it is no part of an answer."""


def runtime_folder(run: str) -> str:
    """Return the path of the runtime folder without links: scripts name it, and processes are found by it.

    Raises EnvtreeError where somebody else can turn it elsewhere.
    """
    return runtime_lock.real_path_of(run)


def is_stale(run: str, out: str, inventory: Inventory, spec: ProcessSpec) -> bool:
    """Return whether the output has other values or scripts for a process than the process was started with.

    A process that runsv started again has the generation that was current at that time.
    """
    name = folder.generation_of(run, spec.name)
    if name == inventory.generation:
        return False
    manifest = manifest_of(out, name)
    target = Target(*spec.target.split("/"))
    started_with = fingerprint(read_inventory(manifest.text), target) if manifest else spec.fingerprint
    return started_with != fingerprint(inventory, target)


def by_level(specs: Iterable[ProcessSpec]) -> Iterator[list[ProcessSpec]]:
    """Group processes by level: what a process requires is in a group before its own."""
    levels: dict[int, list[ProcessSpec]] = {}
    for spec in specs:
        levels.setdefault(spec.level, []).append(spec)
    return (levels[level] for level in sorted(levels))


def runsvdirs(run: str) -> tuple[RunningProcess, ...]:
    """Return this user's runsvdir of a runtime folder, however it was started; after a crash there may be several."""
    watch, program = f"{run}/{folder.WATCH}", program_file("runsvdir")
    return tuple(
        each
        for each in processes.running()
        if each.name == "runsvdir"
        and watch in processes.command_line_of(each.pid)
        and processes.is_program(each, program, {os.geteuid()})
    )


def leftovers(run: str, specs: Mapping[str, ProcessSpec | None]) -> dict[str, list[RunningProcess]]:
    """Return all processes of these services, by name.

    They are in its session or its cgroup, hold the pipe of its log, work in its folder, or write its log.
    """
    if not specs:
        return {}
    running = {each.pid: each for each in processes.running()}
    by_session, by_log = {}, {os.path.realpath(spec.log): name for name, spec in specs.items() if spec}
    outside = _outside({name: folder.service_folder(run, name) for name in specs}, running)
    for name in specs:
        path = folder.service_folder(run, name)
        start = None if last_end(path) else last_start(path)  # its end is recorded: nothing of its session is left
        if start and (start.pid not in running or running[start.pid].start == start.time):
            by_session[start.pid] = name
    found: dict[str, list[RunningProcess]] = {}
    for each in running.values():
        name = by_session.get(each.session) or by_session.get(each.pid) or outside.get(each.pid) or ""
        name = name or _service_of(run, each)
        if each.name == "svlogd":
            name = _logged_by(each, by_log) or name
        if name in specs:
            found.setdefault(name, []).append(each)
    return found


def _outside(folders: Mapping[str, str], running: Iterable[int]) -> dict[int, str]:
    """Return by number who is in the cgroup of a service, or writes to its log, with the service's name."""
    pipes = {pipe: name for name, path in folders.items() if last_start(path) and (pipe := pipe_of(path))}
    found = {number: name for number in running for each in processes.outputs_of(number) if (name := pipes.get(each))}
    return found | {number: name for name, path in folders.items() for number in cgroups.members(path)}


def _logged_by(process: RunningProcess, by_log: Mapping[str, str]) -> str:
    """Return the service whose log a svlogd of this user, or of the log's owner, writes; empty if none."""
    log = processes.working_directory_of(process.pid)
    if log not in by_log:
        return ""
    users = processes.this_user_and_owner_of(log)
    return by_log[log] if processes.is_program(process, program_file("svlogd"), users) else ""


def _service_of(run: str, process: RunningProcess) -> str:
    """Return the service in whose folder a process of this user works; empty if it works elsewhere.

    Another user can't enter the folder, and can have one of the same path in a mount namespace.
    """
    top = f"{run}/{folder.SERVICES}/"
    path = processes.working_directory_of(process.pid)
    if not path.startswith(top) or not processes.is_run_by(process, {os.geteuid()}):
        return ""
    return path.removeprefix(top).partition("/")[0]


def wait_until(is_done: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is done, for so many seconds at most, and return whether it is."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL)
    return True


def not_booted(run: str) -> EnvtreeError:
    """Return the error that nothing was booted into this runtime folder."""
    message = f"nothing is booted in `{run}`"
    return EnvtreeError(
        Diagnostic("not-booted", message, help="`envtree boot --out OUT` starts what this machine is for")
    )
