"""`rule`: the page of a diagnostic."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import OK
from envtree.cli.terminal import painter, width_of
from envtree.core.render.mask import json_lines
from envtree.core.render.rules import listing, page_text, rule_data

if TYPE_CHECKING:
    from envtree.cli.options import AnswerFormat, AnyCode, ColorOption


def rule(code: AnyCode = None, *, output_format: AnswerFormat = "text", color: ColorOption = "auto") -> int:
    """Show the page of a diagnostic: what is wrong, an example, and how to mend it.

    A code is what a message has in brackets: `error[unknown-variable]`. Without one, all codes are listed.

    \b
    Examples:
      envtree rule unknown-variable
      envtree rule                             # every code, a line each
      envtree rule --format json               # every page, for editors
    """
    from envtree.commands import rule as command

    paint, width = painter(color, sys.stdout), width_of(sys.stdout)
    if code:
        page = command.rule(code)
        text = f"{paint('message', page.code)}\n\n{page_text(page, width)}"
        sys.stdout.write(json_lines(rule_data(page)) if output_format == "json" else text)
        return OK
    pages = command.rules()
    data = {"rules": [rule_data(each) for each in pages.values()]}
    sys.stdout.write(json_lines(data) if output_format == "json" else listing(pages, width, paint))
    return OK
