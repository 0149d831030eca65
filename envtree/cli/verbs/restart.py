"""`restart`: what is stale, or named, started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import finishing, progress, say_endings, saying_what_is_left, show_failures, show_status
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from envtree.cli.groups import Display, StatusDisplay
    from envtree.cli.wing_options import ReadyTimeout, Restarted, Runtime
    from envtree.machine.commands.restart import Restarted as RestartResult


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

    with saying_what_is_left(runtime), progress(display) as reported, finishing(reported) as steps:
        done = command.restart(runtime, tuple(selectors or ()), timeout, steps)
    if done.resumed:
        display.say(f"an earlier restart was cut off: it goes on with {some(done.resumed)}")
    show_failures(done.failures, display)
    say_endings(done.endings)
    if status_display.json or not display.quiet:
        show_status(status(runtime), display, json=status_display.json)
    display.say(_restarted(done))
    return NO if done.failures or done.endings else OK


def _restarted(done: RestartResult) -> str:
    """Say what is up again, and how much is not."""
    if not done.targets and not done.failures:
        return "nothing is stale"
    failed = f"; {counted(len(done.failures), 'process', 'processes')} didn't come up" if done.failures else ""
    return f"restarted {counted(len(done.targets), 'process', 'processes')}{failed}"
