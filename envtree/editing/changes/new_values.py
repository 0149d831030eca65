"""What a command line asks for: names, and the text that each is to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.runit.envdir import name_fault, value_fault
from envtree.editing.changes.refusals import cannot_edit, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

FROM_OUTSIDE = "-"
"""The value that stands for standard input, or for a question on a terminal."""


class NewValue(NamedTuple):
    """A name and its text, or None where the text is no argument: it is typed, piped, or in a file."""

    name: str
    text: str | None


def read_new_values(words: Iterable[str]) -> tuple[NewValue, ...]:
    """Return what words such as `NAME=VALUE`, `NAME=-` and `NAME` ask for; raises EnvtreeError for a wrong one."""
    found = []
    for word in words:
        name, sign, text = word.partition("=")
        given = None if not sign or text == FROM_OUTSIDE else text
        found.append(NewValue(name, given))
    check_names(each.name for each in found)
    for each in found:
        if each.text is not None:
            check_text(each.name, each.text)
    return tuple(found)


def check_names(names: Iterable[str]) -> None:
    """Raise EnvtreeError for a name that no envdir can hold, or that is given twice."""
    seen: set[str] = set()
    for name in names:
        if fault := name_fault(name):
            advice = fault.help or "a name is letters, digits and `_`, such as `LOG_LEVEL`"
            raise EnvtreeError(Diagnostic("invalid-name", f"{shown(name)} {fault.message}", help=advice))
        if name in seen:
            raise cannot_edit(f"{shown(name)} is given twice", "give each name once")
        seen.add(name)


def check_text(name: str, text: str) -> None:
    """Raise EnvtreeError for a text that no envdir can hold; the message doesn't show it."""
    if fault := value_fault(name, text):
        raise EnvtreeError(
            Diagnostic("unencodable-value", f"the value for {shown(name)} {fault.message}", help=fault.help)
        )
