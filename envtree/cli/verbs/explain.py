"""`explain`: one variable of a target, layer by layer, in the form asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import painter, show_diagnostics, tell, width_of
from envtree.cli.verbs import DEFAULT_MAX, NO_ANSWER, OK
from envtree.core.model.source import WORKTREE
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.review.commands.explain import Explained
    from envtree.review.explain.explanation import Explanation


def run(
    folder: str,
    target: str,
    name: str,
    output_format: str = "text",
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    blame: bool = True,
    reveal: bool = False,
    quiet: bool = False,
) -> int:
    """Explain one variable: it is explained whether or not it is right."""
    from envtree.review.commands.explain import explain
    from envtree.review.explain.explanation import revealed

    explained = explain(folder, target, name, revision, blame=blame)
    if explained.explanation is None:
        show_diagnostics(explained.problems, explained.source, color, DEFAULT_MAX)
        return NO_ANSWER
    explanation = revealed(explained.explanation) if reveal else explained.explanation
    sys.stdout.write(_formatted(output_format, explanation, color))
    sys.stdout.flush()
    _tell_more(explained, color, reveal=reveal, quiet=quiet)
    return OK


def _formatted(output_format: str, explanation: Explanation, color: str) -> str:
    if output_format == "json":
        from envtree.review.explain.json import as_json

        return as_json(explanation)
    from envtree.review.explain.text import as_text

    return as_text(explanation, width_of(sys.stdout), painter(color, sys.stdout))


def _tell_more(explained: Explained, color: str, *, reveal: bool, quiet: bool) -> None:
    """What is wrong with the variable, and what was not shown."""
    if explained.problems:
        tell("")
        show_diagnostics(explained.problems, explained.source, color, DEFAULT_MAX)
    if quiet:
        return
    if explained.others:
        verb = "shows it" if explained.others == 1 else "shows them"
        tell(f"{counted(explained.others, 'other problem')}: `envtree validate` {verb}")
    if explained.unblamed:
        tell(explained.unblamed)
    if not reveal and explained.explanation and explained.explanation.withholds:
        tell("`--reveal` shows what is hidden")
