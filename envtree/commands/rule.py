"""`envtree rule`: what is said of the code of a diagnostic."""

from __future__ import annotations

from envtree.adapters.files.reference import read_reference
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean
from envtree.core.render.rules import RulePage, RulePages, read_rules


def rules() -> RulePages:
    """Return the page of every code."""
    return read_rules(read_reference())


def rule(word: str) -> RulePage:
    """Return the page of a code, also where it is written as in a message: `error[no-tree]`.

    Raises EnvtreeError for what is no code.
    """
    known = rules()
    code = word.strip().rstrip(":").removeprefix("error").removeprefix("warning").strip("[]`").lower()
    if code not in known:
        message = f"no diagnostic has the code `{word}`{did_you_mean(code, known)}"
        raise EnvtreeError(Diagnostic("unknown-rule", message, help="`envtree rule` lists the codes"))
    return known[code]
