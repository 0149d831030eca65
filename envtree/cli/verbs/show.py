"""`show`: the variables of a target, in the form asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import show_diagnostics, tell, width_of
from envtree.cli.verbs import DEFAULT_MAX, OK, status
from envtree.core.model.source import WORKTREE
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.core.export.variables import Variable
    from envtree.core.model.tree import Target


def run(
    folder: str,
    target: str,
    output_format: str = "table",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    reveal: bool = False,
    quiet: bool = False,
) -> int:
    """Show what one process gets."""
    from envtree.commands.show import show as look
    from envtree.core.export.variables import revealed

    shown, source, diagnostics = look(folder, target, revision)
    show_diagnostics(diagnostics, source, color, maximum)
    if shown is None:
        return status(diagnostics)
    chosen, variables = shown
    hidden = sum((each.hidden or each.masked) and each.value is not None for each in variables)
    sys.stdout.write(_variables_text(output_format, chosen, revealed(variables) if reveal else variables))
    if hidden and not reveal and not quiet:
        words = "is hidden; `--reveal` shows it" if hidden == 1 else "are hidden; `--reveal` shows them"
        tell(f"{hidden} of {counted(len(variables), 'value')} {words}")
    return OK


def _variables_text(output_format: str, target: Target, variables: tuple[Variable, ...]) -> str:
    from envtree.core.export import variables as write

    if output_format == "json":
        return write.as_json(target, variables)
    if output_format == "dotenv":
        return write.as_dotenv(variables)
    if output_format == "shell":
        return write.as_shell(variables)
    return write.as_table(variables, width_of(sys.stdout))
