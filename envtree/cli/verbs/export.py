"""`export`: all that one process gets, for another reader; never onto a terminal by mistake."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import show_diagnostics
from envtree.cli.verbs import DEFAULT_MAX, OK, status
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.source import WORKTREE

if TYPE_CHECKING:
    from envtree.core.export.formats import Format


def run(
    folder: str,
    target: str,
    output_format: Format,
    out: str = "",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    reveal: bool = False,
    quiet: bool = False,
) -> int:
    """Export one target, whole or not at all."""
    from envtree.commands.export import export, export_built

    exported = export_built(out, target, output_format) if out else export(folder, target, output_format, revision)
    problems = errors(exported.problems) if quiet else exported.problems
    show_diagnostics(problems, exported.source, color, maximum)
    if exported.text is None:
        return status(exported.problems)
    if exported.hidden and not reveal and sys.stdout.isatty():
        raise EnvtreeError(_shown(exported.hidden, exported.total))
    sys.stdout.write(exported.text)
    return OK


def _shown(hidden: int, total: int) -> Diagnostic:
    """A pipe or a file was chosen; what is on a terminal stays in its history, and on a screen that others see."""
    message = f"{hidden} of {total} values are hidden, and this is a terminal"
    return Diagnostic("unexportable-value", message, help="write to a file or a pipe, or show them with `--reveal`")
