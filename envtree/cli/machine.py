"""What the verbs of a machine share: progress on a terminal, what failed, and the table of what runs."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from envtree.cli.terminal import Waiting, tell
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.cli.groups import Display
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.commands.start import StartFailure
    from envtree.machine.commands.status import Status


@contextmanager
def progress(display: Display) -> Iterator[MachineProgress]:
    """Say on a terminal what goes on, and leave no trace of it."""
    from envtree.machine.commands.services import MachineProgress

    with Waiting(sys.stderr) as waiting:

        def on_step(what: str, count: int) -> None:
            if not display.quiet and sys.stderr.isatty():
                waiting(f"waits for {counted(count, 'process', 'processes')} to {what}")

        yield MachineProgress(lambda: tell("waiting for another envtree on this machine"), on_step)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the work as ctrl-C does; a signal that is ignored stays so, as with nohup(1)."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    numbers = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, interrupt) for each in numbers}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def show_failures(failures: Iterable[StartFailure], display: Display) -> None:
    """Show which processes did not come up, and why."""
    from envtree.machine.services.report import not_ready

    found = tuple(not_ready(each.spec.target, each.reason, each.spec.log) for each in failures)
    display.show(found)


def say_killed(targets: Iterable[str]) -> None:
    """Name the processes that did not end by themselves."""
    for target in targets:
        tell(f"had to be killed: {target}")


def show_status(found: Status, display: Display, *, json: bool) -> None:
    """Write what runs as a table, or as JSON."""
    from envtree.machine.services.report import as_json, as_table

    if json:
        text = as_json(found.out, found.selector, found.generation, found.processes, is_good=found.is_good)
    else:
        text = as_table(found.processes, display.painter(sys.stdout))
    sys.stdout.write(text)
