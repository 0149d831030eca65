"""`envtree boot --foreground`: stay with what was booted, and bring back a runsvdir that died.

A runsvdir that dies leaves its runsv behind, each of which goes on looking after its process. A new runsvdir would
start a second runsv for each, which can't have the lock of the first, and would fail once a second. So it is given only
those services whose runsv has ended, and the others when theirs does: no process is stopped, and none runs twice.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some, system_reason
from envtree.core.render.diagnostics import counted
from envtree.machine.commands.services import runsvdirs, runtime_folder
from envtree.machine.commands.status import state_without_check
from envtree.machine.services.ending import ended
from envtree.machine.system import orphans, programs, runtime_lock
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.processes import find_process, is_alive
from envtree.machine.system.runsv import ends, read_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from envtree.machine.services.condition import ProcessState
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.processes import RunningProcess

TICK = 1.0
"""Seconds between two looks; that runsvdir dies is seen at once."""
LOOKS = 5
"""Looks between two at the state of each process."""
TROUBLE = ("looping", "down", "unsupervised")
"""States that last, of which a person should know."""


class Watch(NamedTuple):
    """The functions that are called while a machine is looked after."""

    on_event: Callable[[str], None]
    """Called with what has happened, as a sentence."""
    on_state: Callable[[str], None]
    """Called with how the machine is, in one line, each time that is another one."""


def check_alone(run: str) -> None:
    """Raise EnvtreeError where another process looks after this machine: it would end all of it as it ends."""
    found = folder.read_foreground(runtime_folder(run))
    if found and found[0] != os.getpid() and is_alive(*found):
        message = f"process {found[0]} is `envtree boot --foreground` of this machine already"
        raise EnvtreeError(Diagnostic("unusable-runtime", message, help="leave out `--foreground`, or end that one"))


def look_after(run: str, watch: Watch) -> NoReturn:
    """Look after what runs in a runtime folder, now and after each further boot, until a signal raises."""
    run = runtime_folder(run)
    runsvdir: RunningProcess | None = None
    known: dict[str, ProcessState] = {}
    state = said = ""
    looks = 0
    while True:
        orphans.reap()
        try:
            runsvdir, is_back = _tend(run, runsvdir)
        except (EnvtreeError, OSError) as error:
            state, is_back = f"can't be looked after: {_reason(error)}", True
        else:
            if is_back:
                watch.on_event("runsvdir had died, and is back; no process was stopped for it")
            if (looks % LOOKS == 0 or is_back or not runsvdir) and not runtime_lock.is_busy(run):
                state, known = _state(run, known, watch)  # what another command does meanwhile is no trouble
        if state != said:
            watch.on_state(said := state)
        looks += 1
        orphans.wait_for_end(None if is_back else runsvdir, TICK)


def _reason(error: EnvtreeError | OSError) -> str:
    return error.diagnostics[0].message if isinstance(error, EnvtreeError) else system_reason(error)


def _tend(run: str, before: RunningProcess | None) -> tuple[RunningProcess | None, bool]:
    """Return the runsvdir that runs, and whether it is a new one that was started here; None where nothing is booted.

    Does nothing as long as another command works on the machine, which may be about to do the same.
    """
    if folder.read_state(run) is None:
        return None, False
    found = before if before and is_alive(before.pid, before.start) else next(iter(runsvdirs(run)), None)
    if found and _is_claimed(run) and not any(_unwatched(run)):
        return found, False
    try:
        with runtime_lock.locked_at_once(run) as is_there:
            return _mend(run) if is_there and folder.read_state(run) else (None, False)
    except runtime_lock.Busy:
        return found, False


def _mend(run: str) -> tuple[RunningProcess | None, bool]:
    """Start runsvdir if none runs, and let it supervise each service that nobody else does."""
    is_back = not runsvdirs(run)
    if is_back:
        for name in folder.complete(run):
            if read_status(folder.service_folder(run, name)):
                folder.unwatch(run, name)
    for name in _unwatched(run):
        folder.watch(run, name)
    if is_back:
        programs.start_runsvdir(f"{run}/{folder.WATCH}")
    me = find_process(os.getpid())
    if me and not _is_claimed(run):
        folder.write_foreground(run, me.pid, me.start)
    return next(iter(runsvdirs(run)), None), is_back


def _unwatched(run: str) -> Iterator[str]:
    """Yield the services that neither runsvdir nor a runsv that it left behind looks after."""
    for name in folder.complete(run):
        if not folder.is_watched(run, name) and not read_status(folder.service_folder(run, name)):
            yield name


def _is_claimed(run: str) -> bool:
    """Return whether a process that lives, this one most often, looks after the machine."""
    found = folder.read_foreground(run)
    return found is not None and is_alive(*found)


def _state(run: str, known: Mapping[str, ProcessState], watch: Watch) -> tuple[str, dict[str, ProcessState]]:
    """Return how the machine is, and the state of each process; what has got into trouble, or out of it, is said."""
    state = folder.read_state(run)
    if state is None:
        return "nothing is booted: `envtree boot` is waited for", {}
    specs = folder.installed_by_target(run)
    found = {target: state_without_check(run, spec) for target, spec in specs.items()}
    for target, now in found.items():
        was = known.get(target, "up")
        if now in TROUBLE and now != was:
            watch.on_event(_trouble(run, specs[target], now))
        elif now == "up" and was in TROUBLE:
            watch.on_event(f"{target} is up again")
    lasting = {target: now for target, now in found.items() if now in ("up", *TROUBLE)}
    return _sentence(state.selector, found), {**known, **lasting}


def _trouble(run: str, spec: ProcessSpec, state: ProcessState) -> str:
    """Return what has become of a process, how it ended last, and where its log is."""
    last = next(reversed(ends(folder.service_folder(run, spec.name))), None)
    how = f", last with {ended((last.code, last.signal))}" if state == "looping" and last else ""
    what = "ends again and again" if state == "looping" else f"is {state}"
    return f"{spec.target} {what}{how}; its log is {spec.log}/current"


def _sentence(selector: str, found: Mapping[str, ProcessState]) -> str:
    """Return how many processes run, and which are in trouble."""
    running = sum(state == "up" for state in found.values())
    troubles = "".join(
        f"; {state}: {some(targets)}"
        for state in TROUBLE
        if (targets := [target for target, each in found.items() if each == state])
    )
    of = f"{running} of " if running != len(found) else ""
    return f"{selector}: {of}{counted(len(found), 'process', 'processes')} up{troubles}"
