"""`show`: the variables that one process gets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import OK, exit_code
from envtree.cli.terminal import width_of
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay, TreeOptions
    from envtree.cli.options import OneTarget, Reveal, ShowFormat
    from envtree.core.export.variables import Variable
    from envtree.core.model.source import SealedUse
    from envtree.core.model.tree import Target


def show(
    target: OneTarget,
    *,
    tree: TreeOptions,
    output_format: ShowFormat = "table",
    reveal: Reveal = False,
    display: ProblemDisplay,
) -> int:
    """Show what one process gets.

    Each variable comes with the line that won. A value is hidden if it is declared `Secret`, made of one,
    or declared nowhere.

    \b
    Examples:
      envtree show production/accounts/web
      envtree show production/accounts/web --format json
      envtree show production/accounts/web --ref HEAD~1
      envtree show review/accounts/web --format dotenv --reveal > .env
    """
    from envtree.commands import show as command
    from envtree.core.export.variables import revealed

    tree.say_unrun(display)
    sealed: SealedUse = "open" if reveal else "skip"
    shown, source, diagnostics = command.show(tree.folder, target, tree.revision, tree.schemas, sealed)
    display.show(diagnostics, source)
    if shown is None:
        return exit_code(diagnostics)
    chosen, variables = shown
    hidden = sum((each.hidden or each.masked) and each.value is not None for each in variables)
    sys.stdout.write(_formatted(output_format, chosen, revealed(variables) if reveal else variables))
    if hidden and not reveal:
        words = "is hidden; `--reveal` shows it" if hidden == 1 else "are hidden; `--reveal` shows them"
        display.say(f"{hidden} of {counted(len(variables), 'value')} {words}")
    return OK


def _formatted(output_format: str, target: Target, variables: tuple[Variable, ...]) -> str:
    from envtree.core.export import variables as render

    if output_format == "json":
        return render.as_json(target, variables)
    if output_format == "dotenv":
        return render.as_dotenv(variables)
    if output_format == "shell":
        return render.as_shell(variables)
    return render.as_table(variables, width_of(sys.stdout))
