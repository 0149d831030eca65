"""Names and values as the text of a layer file, written as a person would: the opposite of `core/layers/parse.py`.

A value has no quotes if every YAML reader, 1.1 or 1.2, takes it for just this text, or for the integer or truth value
that is written so; else it has quotes. A value of several lines is a block.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from envtree.core.render.mask import one_line
from envtree.core.yaml.document import MappingNode, compose, tag_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    ValueText = tuple[str, str]
    """What follows `NAME: ` on its line, and the whole lines below it."""

INDENT = 2
MAX_KEY = 1024
"""Characters that YAML allows in a key on one line."""
NO_NOTES: Mapping[str, str] = MappingProxyType({})

# Characters that YAML does not allow as they are, or that nobody would see: they are written as escapes.
# Tab and line feed are treated apart.
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
"""Numbers in any base, dates and times, and much that only looks like them (`e5` is NaN to one YAML 1.1 reader)."""
_BEGINNING = re.compile(r"[^\W\d]|[0-9/$(]|\.[^\W\d]|--?[A-Za-z]")
_NOT_BARE = re.compile(r":(?: |$)| #| $|[\t\n]")


def layer_text(entries: Mapping[str, str | None], *, head: str = "", notes: Mapping[str, str] = NO_NOTES) -> str:
    """Return a layer file: head, entries below their notes; raises ValueError if it would not be read back the same."""
    pieces = [head if head.endswith("\n") or not head else f"{head}\n"]
    for name, text in entries.items():
        pieces += [f"# {one_line(notes[name])}\n"] if name in notes else []
        pieces.append(entry_text(name, text))
    written = "".join(pieces)
    root, _ = compose("", written.encode())
    pairs = root.value if isinstance(root, MappingNode) else ()
    read = [(key.value, None if tag_of(value) else value.value) for key, value in pairs]
    if read != list(entries.items()):
        raise ValueError("these entries can't stand in one file")
    return written


def entry_text(name: str, text: str | None) -> str:
    """Return one entry as whole lines; None removes the variable.

    The text is kept exactly, even if no envdir can hold it. A lone surrogate, which is no text, raises ValueError.
    """
    inline_part, block = value_text(text)
    return f"{key_text(name)}: {inline_part}\n{block}"


def value_text(text: str | None, indent: int = 0) -> ValueText:
    """Return the value of an entry that has this indentation, as a block if it has several lines."""
    return _block(text, indent) or (inline(text), "")


def key_text(name: str) -> str:
    """Return a name or key, without quotes only if it is a plain word, so that it can be between braces, too.

    Raises ValueError for a name that is longer than YAML allows.
    """
    written = name if _NAME.fullmatch(name) and name.lower() not in _WORDS else _quoted(name)
    if len(written) > MAX_KEY:
        raise ValueError(f"a name has at most {MAX_KEY} characters")
    return written


def inline(text: str | None) -> str:
    """Return a value as text on one line; `!unset` for None."""
    if text is None:
        return "!unset"
    return text if is_bare(text) else _quoted(text)


def _block(text: str | None, indent: int) -> ValueText | None:
    """Return several lines as a block; None if a part would be invisible, or lost in an editor that trims lines."""
    if text is None or "\n" not in text[:-1] or text.endswith("\n\n") or _HIDDEN.search(text):
        return None
    lines = text.removesuffix("\n").split("\n")
    if any(line.endswith((" ", "\t")) for line in lines):
        return None
    start = str(INDENT) if text[0].isspace() else ""
    end = "" if text.endswith("\n") else "-"
    return f"|{start}{end}", "".join(f"{' ' * (indent + INDENT)}{line}\n" if line else "\n" for line in lines)


def is_bare(text: str) -> bool:
    """Return whether every reader takes a text without quotes for itself, or for the number or truth value it shows."""
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
