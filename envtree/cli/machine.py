"""What the verbs of a machine share: progress on a terminal, what failed, and the table of what runs."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from envtree.cli.terminal import Waiting, tell
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from envtree.cli.groups import Display
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.commands.start import StartFailure
    from envtree.machine.commands.status import Status
    from envtree.machine.commands.stop import DownResult
    from envtree.machine.services.ending import Ending


@contextmanager
def progress(display: Display) -> Iterator[MachineProgress]:
    """Say on a terminal what goes on, and leave no trace of it."""
    from envtree.machine.commands.services import MachineProgress

    with Waiting(sys.stderr) as waiting:

        def on_step(what: str, count: int) -> None:
            if not display.quiet and sys.stderr.isatty():
                waiting(f"waits for {counted(count, 'process', 'processes')} to {what}")

        yield MachineProgress(lambda: tell("waiting for another envtree on this machine"), on_step, say_endings)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the work as ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with handling(interrupt, signal.SIGTERM, signal.SIGHUP):
        yield


@contextmanager
def finishing(steps: MachineProgress) -> Iterator[MachineProgress]:
    """Let work that has begun go on when its caller goes away: SIGTERM and SIGHUP end it only before.

    So does ctrl-C; a second one ends it where it is.
    """
    begun: list[str] = []
    asked: list[int] = []

    def on_step(what: str, count: int) -> None:
        begun.append(what) if not begun else None
        steps.on_step(what, count)

    def go_on(number: int, _: object) -> None:
        if not begun or (number == signal.SIGINT and asked):
            raise KeyboardInterrupt
        if number == signal.SIGINT:
            asked.append(number)
            tell("\nwhat is stopped is started again first; ctrl-C once more leaves it as it is")

    with handling(go_on, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        yield steps._replace(on_step=on_step)


@contextmanager
def saying_what_is_left(run: str) -> Iterator[None]:
    """Say what an interrupted command leaves behind, and what goes on from there."""
    try:
        yield
    except KeyboardInterrupt:
        from envtree.machine.commands.left import left_behind

        with handling(pass_over, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            left = left_behind(run)
            if left.pending:
                tell(f"\nnot started again yet: {some(left.pending)}; `envtree status` starts what is down")
            elif left.running:
                count = counted(len(left.running), "process", "processes")
                tell(f"\nstill there: {count}, such as {left.running[0]}; `envtree down` ends everything")
        raise


def pass_over(*_: object) -> None:
    """Hear a signal, and do nothing."""


@contextmanager
def handling(handler: Callable[[int, FrameType | None], object], *numbers: signal.Signals) -> Iterator[None]:
    """Handle signals; one that is ignored stays so, as with nohup(1)."""
    before = {each: signal.getsignal(each) for each in numbers if signal.getsignal(each) != signal.SIG_IGN}
    for each in before:
        signal.signal(each, handler)
    try:
        yield
    finally:
        for each, earlier in before.items():
            signal.signal(each, earlier)


def show_failures(failures: Iterable[StartFailure], display: Display) -> None:
    """Show which processes did not come up, and why."""
    from envtree.machine.services.report import not_ready

    found = tuple(not_ready(each.spec.target, each.reason, each.spec.log) for each in failures)
    display.show(found)


def say_endings(endings: Iterable[Ending]) -> None:
    """Name the processes that did not end as they should, each with what went wrong."""
    from envtree.machine.services.ending import sentences

    for ending in endings:
        for sentence in sentences(ending):
            tell(sentence)


def say_down(done: DownResult, display: Display, nothing: str = "nothing was up") -> None:
    """Say what was brought down, and what of it did not end as it should."""
    say_endings(done.endings)
    display.say(f"down: {counted(done.services, 'process', 'processes')} ended" if done.services else nothing)


def show_status(found: Status, display: Display, *, json: bool) -> None:
    """Write what runs as a table, or as JSON."""
    from envtree.machine.services.report import as_json, as_table

    if json:
        text = as_json(found.out, found.selector, found.generation, found.processes, is_good=found.is_good)
    else:
        text = as_table(found.processes, display.painter(sys.stdout))
    sys.stdout.write(text)
    if found.resumed:
        count = counted(len(found.resumed), "process", "processes")
        tell(f"a restart was cut off: {count} that it left down start now")
