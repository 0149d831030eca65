"""What each verb does with words from the command line, one a file: one call, its result printed, its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.comparing.comparison import Answer

OK, NO, NO_ANSWER = 0, 1, 2
ANSWERS: dict[Answer, int] = {"same": OK, "different": NO, "incomplete": NO_ANSWER}
"""The exit code of a comparison with Heroku."""
DEFAULT_MAX = 20
OUT_VARIABLE = "ENVTREE_OUT"
"""Names the output of a machine."""


def status(diagnostics: tuple[Diagnostic, ...]) -> int:
    """The exit code: 2 where something couldn't be read, so there is no answer; 1 for other errors."""
    codes = {each.code for each in diagnostics if each.severity == "error"}
    return NO_ANSWER if "unreadable-file" in codes else NO if codes else OK
