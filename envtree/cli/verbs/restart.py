"""`restart`: what is stale, or named, started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import finishing, progress, say_endings, saying_what_is_left, show_failures, show_status
from envtree.cli.terminal import tell
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from envtree.cli.groups import Display, StatusDisplay
    from envtree.cli.wing_options import AtOnce, ReadyTimeout, Restarted, RollBack, Runtime
    from envtree.machine.commands.rolling import Restarted as RestartResult


def restart(
    *,
    selectors: Restarted = None,
    at_once: AtOnce = False,
    rollback: RollBack = False,
    timeout: ReadyTimeout = None,
    runtime: Runtime = RUNTIME,
    status_display: StatusDisplay,
    display: Display,
) -> int:
    """Restart what is stale.

    A process is stale if the output has other values, or another command, for it since it started. One is restarted
    after the other, each when the one before is ready; the first that isn't is the last. With `--at-once`, all of them
    stop before any starts: no two versions run side by side.

    \b
    Examples:
      envtree restart
      envtree restart production/accounts
      envtree restart --rollback
    """
    from envtree.machine.commands import restart as command
    from envtree.machine.commands.rolling import RestartWay
    from envtree.machine.commands.status import status

    if at_once and rollback:
        raise WrongUsage("`--rollback` is for one process at a time; leave out `--at-once`, or it")
    way = RestartWay(timeout, "at once" if at_once else "one by one", "roll back" if rollback else "leave")
    with saying_what_is_left(runtime), progress(display) as reported, finishing(reported) as steps:
        done = command.restart(runtime, tuple(selectors or ()), way, steps)
    if done.resumed:
        display.say(f"an earlier restart was cut off: it goes on with {some(done.resumed)}")
    show_failures(done.failures, display)
    say_endings(done.endings)
    for target in done.back:
        tell(f"runs on what it had before: {target}")
    if done.untouched:
        tell(f"not restarted, since one before did not come up: {some(done.untouched, 8)}")
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
