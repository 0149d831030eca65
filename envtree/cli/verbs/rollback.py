"""`rollback`: an earlier generation made current."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import OK
from envtree.cli.terminal import tell
from envtree.core.render.mask import json_lines

if TYPE_CHECKING:
    from envtree.cli.groups import Display, OutputOptions
    from envtree.cli.options import AnswerFormat, To


def rollback(*, output: OutputOptions, to: To = None, output_format: AnswerFormat = "text", display: Display) -> int:
    """Go back to the generation before.

    \b
    Examples:
      envtree rollback /etc/envtree
      envtree rollback /etc/envtree --to 3f9ac2
    """
    from envtree.commands import rollback as command

    out = output.out
    moved = command.rollback(out, to, lambda: tell(f"waiting for a build of {out}"))
    if output_format == "json":
        sys.stdout.write(json_lines({"generation": moved.now, "before": moved.before}))
    before = moved.before[:12] if moved.before else "nothing"
    display.say(f"rolled back: {out}/current -> {moved.now[:12]} (was {before})")
    return OK
