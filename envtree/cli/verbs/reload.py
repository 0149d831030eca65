"""`reload`: processes that read their files again, without a restart."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import progress
from envtree.cli.terminal import tell
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted
from envtree.core.render.mask import json_lines
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from envtree.cli.groups import Display
    from envtree.cli.options import AnswerFormat
    from envtree.cli.wing_options import Reloaded, Runtime


def reload(
    *,
    selectors: Reloaded = None,
    runtime: Runtime = RUNTIME,
    output_format: AnswerFormat = "text",
    display: Display,
) -> int:
    """Send processes the signal of their `reload`.

    They read their own files again. Their variables stay as they were at their start: new ones take `envtree restart`.

    \b
    Examples:
      envtree reload
      envtree reload production/accounts/web
    """
    from envtree.machine.commands import reload as command

    with progress(display) as steps:
        done = command.reload(runtime, tuple(selectors or ()), steps)
    if output_format == "json":
        sys.stdout.write(json_lines({"reloaded": done.targets, "without": done.without, "down": done.down}))
    if done.without:
        tell(f"no `reload` in service.yaml: {some(done.without, 8)}; `envtree restart` starts them again")
    if done.down:
        tell(f"not running: {some(done.down, 8)}")
    count = counted(len(done.targets), "process", "processes")
    if not (done.targets or done.without or done.down):
        display.say("nothing that runs here has a `reload` in service.yaml")
    else:
        display.say(f"sent {count} its signal" if len(done.targets) == 1 else f"sent {count} their signals")
    return NO if done.without or done.down else OK
