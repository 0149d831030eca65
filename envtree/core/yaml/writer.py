"""Names and values as the text of a layer file: the opposite of `core/parse.py`, in the form a person would choose.

Bare where no reader of YAML, 1.1 or 1.2, makes anything but this text of it, or an integer or truth value that is
written so; else in quotes. Several lines as a block.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from envtree.core.render.mask import one_line
from envtree.core.yaml.document import MappingNode, compose, tag_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Form = tuple[str, str]
    """What stands behind `NAME: `, and the whole lines below it."""

INDENT = 2
MAX_KEY = 1024
"""Characters that a key on one line may have, says YAML."""
NO_NOTES: Mapping[str, str] = MappingProxyType({})

# What YAML would not take as it is, and what nobody would see: written as escapes. Tab and line feed stand apart.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff0-\uffff\U000e0000-\U000e007f"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
_ESCAPED = re.compile(rf'{_HIDDEN.pattern[:-1]}\t\n"\\]')
_ESCAPES = {"\t": r"\t", "\n": r"\n", "\r": r"\r", '"': r"\"", "\\": r"\\"}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"))
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_LIKE_A_NUMBER = re.compile(r"[0-9][0-9A-Fa-fXxOo_.,:+\-TtZz ]*|[-.]*[Ee_][-+.0-9Ee_]*")
"""Numbers in any base, dates and times, and much that only looks like one (`e5` is NaN to one YAML 1.1 reader)."""
_BEGINNING = re.compile(r"[^\W\d]|[0-9/$(]|\.[^\W\d]|--?[A-Za-z]")
_NOT_BARE = re.compile(r":(?: |$)| #| $|[\t\n]")


def layer(entries: Mapping[str, str | None], *, head: str = "", notes: Mapping[str, str] = NO_NOTES) -> str:
    """A whole layer file: a head of comment lines, then the entries in the order given, each below its note.

    Raises ValueError where it would not be read back as just these entries.
    """
    pieces = [head if head.endswith("\n") or not head else f"{head}\n"]
    for name, text in entries.items():
        pieces += [f"# {one_line(notes[name])}\n"] if name in notes else []
        pieces.append(entry(name, text))
    written = "".join(pieces)
    root, _ = compose("", written.encode())
    pairs = root.value if isinstance(root, MappingNode) else ()
    read = [(key.value, None if tag_of(value) else value.value) for key, value in pairs]
    if read != list(entries.items()):
        raise ValueError("these entries can't stand in one file")
    return written


def entry(name: str, text: str | None) -> str:
    """One entry as whole lines; None removes the variable.

    Exact for every text, also one that no envdir could carry; a lone surrogate, which is no text, raises ValueError.
    """
    beside, below = form(text)
    return f"{word(name)}: {beside}\n{below}"


def form(text: str | None, indent: int = 0) -> Form:
    """The value of an entry that is indented so far; the lines below it make up a block."""
    return _block(text, indent) or (inline(text), "")


def word(name: str) -> str:
    """A name or key, bare only where it is a plain word, so that it can stand between braces, too."""
    written = name if _NAME.fullmatch(name) and name.lower() not in _WORDS else _quoted(name)
    if len(written) > MAX_KEY:
        raise ValueError(f"a name has at most {MAX_KEY} characters")
    return written


def inline(text: str | None) -> str:
    """A value that takes no line of its own."""
    if text is None:
        return "!unset"
    return text if _is_bare(text) else _quoted(text)


def _block(text: str | None, indent: int) -> Form | None:
    """Several lines as they are; None where some of it would not be seen, or lost to an editor that trims lines."""
    if text is None or "\n" not in text[:-1] or text.endswith("\n\n") or _HIDDEN.search(text):
        return None
    lines = text.removesuffix("\n").split("\n")
    if any(line.endswith((" ", "\t")) for line in lines):
        return None
    start = str(INDENT) if text[0].isspace() else ""
    end = "" if text.endswith("\n") else "-"
    return f"|{start}{end}", "".join(f"{' ' * (indent + INDENT)}{line}\n" if line else "\n" for line in lines)


def _is_bare(text: str) -> bool:
    """Whether a text without quotes is itself, to all readers; integers and truth values are what they look like."""
    if text in ("true", "false") or _INTEGER.fullmatch(text) or _VERSION.fullmatch(text):
        return True
    if not _BEGINNING.match(text) or _NOT_BARE.search(text) or _HIDDEN.search(text):
        return False
    return text.lstrip(".").lower() not in _WORDS and not _LIKE_A_NUMBER.fullmatch(text)


def _quoted(text: str) -> str:
    if _HIDDEN.search(text) or "\t" in text or "\n" in text:
        return f'"{_ESCAPED.sub(_escape, text)}"'
    if not text or ("'" in text and '"' not in text and "\\" not in text):
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    code = ord(letter)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError("a lone surrogate is no text")
    shape = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return _ESCAPES.get(letter, shape)
