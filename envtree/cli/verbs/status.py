"""`status`: what runs on this machine, and how it is."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import NO, NO_ANSWER, OK
from envtree.cli.machine import show_status
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from envtree.cli.groups import Display, StatusDisplay
    from envtree.cli.wing_options import Runtime, Watch
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.machine.commands.status import Status


INTERVAL = 2.0
"""Seconds between two tables of `--watch`."""


def status(*, watch: Watch = False, runtime: Runtime = RUNTIME, status_display: StatusDisplay, display: Display) -> int:
    """Show what runs on this machine.

    Each process with its state, and whether its live environment is what the output says now. Exit code 1 when
    something is down, not ready, restarting or stale.

    \b
    Examples:
      envtree status
      envtree status --format json
      envtree status --watch
    """
    if watch and (status_display.json or display.quiet):
        raise WrongUsage("`--watch` shows a table again and again; leave it out, or what says otherwise")
    from envtree.machine.commands import status as command

    if watch:
        return _watch(runtime, status_display, display)
    return _show(command.status(runtime), status_display, display)


def _watch(runtime: str, status_display: StatusDisplay, display: Display) -> int:
    """Show the table again and again, also when nothing is booted for a while; the exit code is that of the last."""
    from envtree.machine.commands import status as command

    code = OK
    try:
        while True:
            found: Status | None = None
            problems: tuple[Diagnostic, ...] = ()
            try:
                found = command.status(runtime)
            except EnvtreeError as error:
                problems = error.diagnostics
            sys.stdout.write("\x1b[H\x1b[2J" if sys.stdout.isatty() else "\n")  # once the next one is known
            sys.stdout.flush()
            display.show(problems)
            code = _show(found, status_display, display) if found else NO_ANSWER
            sys.stdout.flush()
            time.sleep(INTERVAL)
    except KeyboardInterrupt:
        return code


def _show(found: Status, status_display: StatusDisplay, display: Display) -> int:
    """Show the table; return the exit code."""
    if status_display.json or not display.quiet:
        show_status(found, display, json=status_display.json)
    if not found.is_watched:
        display.say("runsvdir doesn't run: what ends is not started again; `envtree boot` mends it")
    return OK if found.is_good else NO
