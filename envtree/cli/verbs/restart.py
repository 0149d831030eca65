"""`restart`: what is stale, or named, started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import progress, say_killed, show_failures, show_status
from envtree.core.render.diagnostics import counted
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from envtree.cli.groups import Display, StatusDisplay
    from envtree.cli.options import ReadyTimeout, Restarted, Runtime


def restart(
    *,
    selectors: Restarted = None,
    timeout: ReadyTimeout = None,
    runtime: Runtime = RUNTIME,
    status_display: StatusDisplay,
    display: Display,
) -> int:
    """Restart what is stale.

    A process is stale if the output has other values, or another command, for it since it started. All that is to
    restart is stopped before any of it starts: two versions never run side by side.

    \b
    Examples:
      envtree restart
      envtree restart production/accounts
    """
    from envtree.machine.commands import restart as command
    from envtree.machine.commands.status import status

    with progress(display) as steps:
        done = command.restart(runtime, tuple(selectors or ()), timeout, steps)
    show_failures(done.failures, display)
    say_killed(done.killed)
    if status_display.json or not display.quiet:
        show_status(status(runtime), display, json=status_display.json)
    display.say(
        f"restarted {counted(len(done.targets), 'process', 'processes')}" if done.targets else "nothing is stale"
    )
    return NO if done.failures or done.killed else OK
