"""Replacement of parts of a YAML text, the rest unchanged: what all code that edits files shares."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.yaml.remove import NOT_ALONE, own_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.yaml.document import Node

NOT_READ = "it can't be read as YAML"
SET_TWICE = "it is set twice"
NOT_A_MAPPING = "it is not a mapping of names to values"


class CannotUpdate(ValueError):
    """A text can't be changed as asked; the reason reads after the entry's name or, if that is empty, the file's."""

    def __init__(self, reason: str, name: str = "", lines: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.name = name
        self.lines = lines
        """What the user can write by hand instead, if it may be shown."""


class Splice(NamedTuple):
    """A part of a text, by offsets, and the text that replaces it."""

    start: int
    end: int
    text: str


def splice(text: str, splices: Iterable[Splice]) -> str:
    """Return the text with each part replaced; the parts must not overlap."""
    pieces, end = [], 0
    for each in sorted(splices):
        pieces += [text[end : each.start], each.text]
        end = each.end
    return "".join((*pieces, text[end:]))


def decoded(data: bytes) -> str:
    """Return the text of a file, with its byte order mark; raises CannotUpdate if it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CannotUpdate(NOT_READ) from None


def line_end(text: str) -> str:
    """Return the line end of a text: CR LF if it has one anywhere, else LF."""
    return "\r\n" if "\r\n" in text else "\n"


def whole_lines(text: str) -> str:
    """Return the text with a line end after its last line."""
    return text if not text or text.endswith("\n") else text + line_end(text)


class Lines:
    """A text of whole lines, with the offset of each line."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def end_of(self, key: Node, value: Node) -> int:
        """Return the offset after an entry's last line, where another entry can go.

        Raises CannotUpdate if something else is on the entry's lines.
        """
        own = own_lines(self._lines, key, value)
        if own is None:
            raise CannotUpdate(NOT_ALONE, key.value)
        return self._starts[own.stop]


def indent_of(text: str, key: Node) -> int:
    """Return the indentation of a key's line, where a `?` may come before the key."""
    line = text[key.start_mark.index - key.start_mark.column : key.start_mark.index]
    return len(line) - len(line.lstrip(" "))
