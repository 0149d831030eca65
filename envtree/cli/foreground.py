"""A boot that stays: the main process of a container or a unit, which brings everything down when it is told to end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, TextIO

from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import handling, progress, say_down, saying_what_is_left
from envtree.cli.terminal import tell
from envtree.core.render.diagnostics import counted
from envtree.machine.system.notify import notify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.cli.groups import Display
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.services.ending import Ending


def stay(runtime: str, boot: Callable[[MachineProgress], bool], display: Display) -> int:
    """Boot, look after what runs until a signal comes, and bring it down; the exit code says how that went.

    `boot` says what it did, and returns whether it has left something to look after.
    """
    from envtree.machine.commands.foreground import Watch, check_alone, look_after

    check_alone(runtime)
    endings: list[Ending] = []
    told = _Told()
    with _lasting_streams(), handling(told, *told.NUMBERS), progress(display) as reported:
        steps = _noted(reported, endings)
        try:
            if not boot(steps):
                return NO
            notify(READY=1)
            look_after(runtime, Watch(tell, lambda text: notify(STATUS=text)))
        except KeyboardInterrupt:
            return _end(runtime, told, steps, endings, display)


class _Told:
    """Handles the signals to end: the first ends the work, and then only ctrl-C ends the end."""

    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.first = 0

    def __call__(self, number: int, _: object) -> None:
        if self.first and number != signal.SIGINT:
            return
        self.first = self.first or number
        raise KeyboardInterrupt


def _noted(steps: MachineProgress, endings: list[Ending]) -> MachineProgress:
    """Return the same functions, which also tell the manager what is waited for, and note what did not end well."""

    said: list[tuple[str, int]] = []

    def on_step(what: str, count: int) -> None:
        if [(what, count)] != said:
            said[:] = [(what, count)]
            notify(STATUS=f"waits for {counted(count, 'process', 'processes')} to {what}")
        steps.on_step(what, count)

    def on_endings(found: tuple[Ending, ...]) -> None:
        endings.extend(found)
        steps.on_endings(found)

    return steps._replace(on_step=on_step, on_endings=on_endings)


def _end(runtime: str, told: _Told, steps: MachineProgress, endings: list[Ending], display: Display) -> int:
    """Bring everything down, with the exit code of `down`; what was stopped before counts as well."""
    from envtree.machine.commands.down import down

    notify(STOPPING=1)
    if told.first == signal.SIGINT:
        tell("\nbrings everything down; ctrl-C once more leaves what is still there")
    with saying_what_is_left(runtime):
        done = down(runtime, steps)
    say_down(done, display, "down: nothing is left of what it had started")
    return NO if endings or done.endings else OK


@contextlib.contextmanager
def _lasting_streams() -> Iterator[None]:
    """Go on where nobody reads what is said, or nobody can write it down: that stops no process."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Lasting(each) for each in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        for stream in before:
            try:
                stream.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Lasting:
    """A stream that loses what it can't write, and writes each text at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, if that can be."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
        return len(text)

    def flush(self) -> None:
        """Write what is left, if that can be."""
        with contextlib.suppress(OSError):
            self._stream.flush()
