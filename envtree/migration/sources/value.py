"""Values in a `.env` file: which texts mean the same to all readers, and what in the others they differ about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    ValueText = tuple[str, str, int]
    """The text; why there is none; and how many of the lines below belong to it."""

BLANKS = " \t"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_EXPANDED = re.compile(r"\$[A-Za-z0-9_{(]")
_COMMENT = re.compile(r"[ \t]*(?:#.*)?")
_EXPANDS = "holds `$` before a name, which some readers replace"
_BACKSLASH = "holds a backslash, which some readers drop or take for the start of an escape"
_CONTROLS = "holds a control character"


def agreed_fault(text: str) -> str:
    """Return what readers differ about in the text behind `=`; empty if all of them take it as it stands."""
    if text.startswith(("'", '"', "`")):
        return "is quoted, and docker keeps the quotes that others take off"
    if text != text.strip("\ufeff").strip():
        return f"has a blank at its {'start' if text[:1].isspace() else 'end'}, which some readers drop"
    if "#" in text:
        return "holds `#`, where some readers begin a comment"
    return _unquoted_fault(text)


def _unquoted_fault(text: str) -> str:
    if _CONTROL.search(text):
        return _CONTROLS
    if "\\" in text:
        return _BACKSLASH
    return _EXPANDS if _EXPANDED.search(text) else ""


def dotenv_value(rest: str, below: Sequence[str]) -> ValueText:
    """Return the value that dotenv libraries read behind `=`, where they agree."""
    if rest.startswith("`"):
        return "", "begins with a backtick, which only Node's reader takes for a quote", 0
    if rest.startswith(("'", '"')):
        return _quoted(rest, below)
    front, sign, _ = rest.partition("#")
    if sign and not front.endswith((" ", "\t")):
        return "", "holds `#` with no blank before it, where some readers begin a comment", 0
    text = front.strip(BLANKS)
    if text != text.strip("\ufeff").strip():
        return "", "has an unusual blank at its start or end, which some readers drop", 0
    return text, _unquoted_fault(text), 0


def _quoted(rest: str, below: Sequence[str]) -> ValueText:
    """Return a text in quotes, which may go on in the lines below."""
    quote, text, more = rest[0], rest[1:], 0
    while quote not in text and more < len(below):
        text += f"\n{below[more]}"
        more += 1
    inner, sign, after = text.partition(quote)
    if not sign:
        return "", "has a quote that is never closed", 0
    return inner, _quoted_fault(quote, inner, after), more


def _quoted_fault(quote: str, text: str, after: str) -> str:
    if not _COMMENT.fullmatch(after) and not text.endswith("\\"):
        return "goes on after its closing quote, which readers take in different ways"
    if _CONTROL.search(text.replace("\n", "")):
        return _CONTROLS
    if quote == '"':
        return _unquoted_fault(text.replace("\n", ""))
    if "\\\\" in text or text.endswith("\\"):
        return "holds a backslash before a backslash or a quote, which some readers drop"
    return "holds `${`, which python-dotenv replaces even in single quotes" if "${" in text else ""
