"""Exit codes, as the reference lists them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.comparing.comparison import Answer

OK = 0
NO = 1
"""The answer is no: invalid, different, damaged."""
NO_ANSWER = 2
"""Wrong usage, or something can't be read or reached."""
BUG = 70
CANNOT_PREPARE = 111
"""As chpst(8) and its like report their own failure, not the program's."""
INTERRUPTED = 130
ANSWERS: dict[Answer, int] = {"same": OK, "different": NO, "incomplete": NO_ANSWER}
"""The exit code of a comparison with Heroku."""


def exit_code(diagnostics: tuple[Diagnostic, ...]) -> int:
    """Return the exit code of diagnostics: 2 where a file can't be read, so there is no answer; 1 for other errors."""
    codes = {each.code for each in diagnostics if each.severity == "error"}
    return NO_ANSWER if codes & {"unreadable-file", "incomplete-checkout"} else NO if codes else OK
