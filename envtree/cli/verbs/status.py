"""`status`: what runs on this machine, and how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import show_status
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from envtree.cli.groups import Display, StatusDisplay
    from envtree.cli.wing_options import Runtime


def status(*, runtime: Runtime = RUNTIME, status_display: StatusDisplay, display: Display) -> int:
    """Show what runs on this machine.

    Each process with its state, and whether its live environment is what the output says now. Exit code 1 when
    something is down, not ready, restarting or stale.

    \b
    Examples:
      envtree status
      envtree status --format json
    """
    from envtree.machine.commands import status as command

    found = command.status(runtime)
    if status_display.json or not display.quiet:
        show_status(found, display, json=status_display.json)
    if not found.is_watched:
        display.say("runsvdir doesn't run: what ends is not started again; `envtree boot` mends it")
    return OK if found.is_good else NO
