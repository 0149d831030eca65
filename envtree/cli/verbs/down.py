"""`down`: everything on this machine, brought to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import interruptible, progress, say_down, saying_what_is_left
from envtree.core.render.mask import json_lines
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from envtree.cli.groups import Display
    from envtree.cli.options import AnswerFormat
    from envtree.cli.wing_options import Runtime


def down(*, runtime: Runtime = RUNTIME, output_format: AnswerFormat = "text", display: Display) -> int:
    """Stop everything.

    Each process gets what it asks for before it stops, its signal and its time; what is left is killed, and said:
    exit code 1. The machine is then as before `boot`, but for the logs.

    \b
    Examples:
      envtree down
    """
    from envtree.machine.commands import down as command

    with saying_what_is_left(runtime), progress(display) as steps, interruptible():
        done = command.down(runtime, steps)
    if output_format == "json":
        from envtree.machine.services.ending import as_data

        sys.stdout.write(json_lines({"ended": done.services, **as_data(done.endings)}))
    say_down(done, display)
    return NO if done.endings else OK
