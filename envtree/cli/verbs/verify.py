"""`verify`: what of an output is not as it was built."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.cli.answers.report import write_report
from envtree.cli.exitcode import exit_code
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import OutputOptions, ProblemDisplay
    from envtree.cli.options import Generation, ProblemsFormat


def verify(
    *,
    output: OutputOptions,
    generation: Generation = None,
    output_format: ProblemsFormat = "text",
    display: ProblemDisplay,
) -> int:
    """Read an output back.

    Every name, byte, mode and link is held against the manifest; exit code 1 if one differs.

    \b
    Examples:
      envtree verify /etc/envtree
    """
    from envtree.commands import verify as command

    verified, diagnostics = command.verify(output.out, generation)
    write_report(output_format, diagnostics, None, os.curdir, display)
    if not diagnostics:
        counts = f"{counted(verified.files, 'file')} in {counted(verified.envdirs, 'envdir')}"
        display.say(f"verified {verified.generation[:12]}: {counts} are as they were built")
    return exit_code(diagnostics)
