"""A rolling restart: one process after the other, and none is stopped before the one before it is ready again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.machine.commands.start import install, start, start_each
from envtree.machine.commands.stop import stop
from envtree.machine.services.ending import joined
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.runsv import read_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.commands.start import StartFailure
    from envtree.machine.services.ending import Ending
    from envtree.machine.services.parts import ProcessSpec


class RestartWay(NamedTuple):
    """How to restart."""

    timeout: float | None
    """Seconds that each process may take to be ready; None for what each says itself."""
    order: Literal["one by one", "at once"] = "one by one"
    on_failure: Literal["leave", "roll back"] = "leave"
    """What is done with a process that doesn't come up on its new generation."""


class RestartedProcess(NamedTuple):
    """A process that is restarted."""

    before: ProcessSpec
    after: ProcessSpec


class Restarted(NamedTuple):
    """What was restarted, what did not end as it should, and what didn't come up."""

    targets: tuple[str, ...]
    """Those that are up again."""
    endings: tuple[Ending, ...]
    """What did not end as it should."""
    failures: tuple[StartFailure, ...]
    resumed: tuple[str, ...] = ()
    """Those that an earlier restart had not come to, which was cut off."""
    back: tuple[str, ...] = ()
    """Those that run on the generation that they had before."""
    untouched: tuple[str, ...] = ()
    """Those that were not stopped, since one before them didn't come up."""


def restart_one_by_one(
    run: str, out: str, generation: str, changes: Sequence[RestartedProcess], way: RestartWay, progress: MachineProgress
) -> Restarted:
    """Restart processes, those that others require first; the first that doesn't come up is the last."""
    waiting = sorted(changes, key=lambda change: (change.after.level, change.after.target))
    done: list[str] = []
    endings: list[Ending] = []
    failures: tuple[StartFailure, ...] = ()
    back: tuple[str, ...] = ()
    while waiting and not failures:
        folder.write_pending(run, (change.after.target for change in waiting))
        before, after = waiting.pop(0)
        earlier = folder.remember(run, before.name)
        endings += stop(run, [before], progress)
        install(run, out, generation, after)
        failures = start(run, [after], way.timeout, progress)
        if not failures:
            done.append(after.target)
        elif way.on_failure == "roll back":
            endings += stop(run, [after], progress)
            install(run, out, generation, before)
            is_older = folder.bring_back(run, out, before.name, earlier)
            failed_again = start(run, [before], way.timeout, progress)
            back = (before.target,) if is_older and not failed_again else ()
    left = _start_what_is_down(run, out, generation, waiting, progress)
    folder.write_pending(run, ())
    return Restarted(tuple(done), joined(endings), (*failures, *left), (), back, _names(waiting))


def _start_what_is_down(
    run: str, out: str, generation: str, waiting: Sequence[RestartedProcess], progress: MachineProgress
) -> tuple[StartFailure, ...]:
    """Start what an earlier restart, which was cut off, had stopped, and this one has not come to."""
    down = []
    for _, after in waiting:
        status = read_status(folder.service_folder(run, after.name))
        if status and status.is_stopped:
            install(run, out, generation, after)
            down.append(after)
    return start_each(run, down, None, progress)


def _names(changes: Sequence[RestartedProcess]) -> tuple[str, ...]:
    return tuple(change.after.target for change in changes)
