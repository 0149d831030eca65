"""`explain`: one variable of one process, layer by layer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO_ANSWER, OK
from envtree.cli.terminal import tell, width_of
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import Display, TreeOptions
    from envtree.cli.options import AnswerFormat, NoBlame, OneName, OneTarget, Reveal
    from envtree.core.model.source import SealedUse
    from envtree.review.explain.explanation import Explanation


def explain(
    target: OneTarget,
    name: OneName,
    *,
    tree: TreeOptions,
    no_blame: NoBlame = False,
    output_format: AnswerFormat = "text",
    reveal: Reveal = False,
    display: Display,
) -> int:
    """Explain why a process has the value it has.

    Each layer in line is shown, widest first, with its line and the commit that wrote it, and the rule of the schema.
    A tree that is invalid, here or elsewhere, is explained as well.

    \b
    Examples:
      envtree explain production/accounts/web LOG_LEVEL
      envtree explain production/accounts/web DATABASE_URL --ref v1.4
      envtree explain production/accounts/web LOG_LEVEL --no-blame --format json
    """
    from envtree.review.commands import explain as command
    from envtree.review.explain.explanation import revealed

    tree.say_unrun(display)
    sealed: SealedUse = "open" if reveal else "skip"
    explained = command.explain(
        tree.folder, target, name, tree.revision, blame=not no_blame, schemas=tree.schemas, sealed=sealed
    )
    if explained.explanation is None:
        display.show(explained.problems, explained.source)
        return NO_ANSWER
    explanation = revealed(explained.explanation) if reveal else explained.explanation
    sys.stdout.write(_formatted(output_format, explanation, display))
    sys.stdout.flush()
    if explained.problems:
        tell("")
        display.show(explained.problems, explained.source)
    if explained.others:
        verb = "shows it" if explained.others == 1 else "shows them"
        display.say(f"{counted(explained.others, 'other problem')}: `envtree validate` {verb}")
    if explained.unblamed:
        display.say(explained.unblamed)
    if explained.explanation.withholds and not reveal:
        display.say("`--reveal` shows what is hidden")
    return OK


def _formatted(output_format: str, explanation: Explanation, display: Display) -> str:
    if output_format == "json":
        from envtree.review.explain.json import as_json

        return as_json(explanation)
    from envtree.review.explain.text import as_text

    return as_text(explanation, width_of(sys.stdout), display.painter(sys.stdout))
