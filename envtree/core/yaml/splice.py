"""Stretches of a YAML text replaced, all around them left as it was: what everything that writes into files shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.yaml.remove import NOT_ALONE, own_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.yaml.document import Node

NOT_READ = "it can't be read as YAML"
SET_TWICE = "it is set twice"
NOT_A_MAPPING = "it is not a mapping of names to values"


class CannotPut(ValueError):
    """Why a text can't be changed as asked: words that go after the name of an entry, or of the file (empty)."""

    def __init__(self, reason: str, name: str = "", lines: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.name = name
        self.lines = lines
        """What to write there by hand, where it can be shown."""


class Splice(NamedTuple):
    """A stretch of a text, and what is to stand there."""

    start: int
    end: int
    text: str


def splice(text: str, splices: Iterable[Splice]) -> str:
    """The text with some stretches of it replaced; none may overlap."""
    for each in sorted(splices, reverse=True):
        text = text[: each.start] + each.text + text[each.end :]
    return text


def decoded(data: bytes) -> str:
    """The text of a file, its byte order mark included."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CannotPut(NOT_READ) from None


def line_end(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"


def whole_lines(text: str) -> str:
    """The text with an end to its last line."""
    return text if not text or text.endswith("\n") else text + line_end(text)


def end_of_lines(text: str, key: Node, value: Node) -> int:
    """Where the lines end that an entry has to itself, in a text of whole lines; behind that, another can stand."""
    lines = text.split("\n")
    own = own_lines(lines, key, value)
    if own is None:
        raise CannotPut(NOT_ALONE, key.value)
    return sum(len(line) + 1 for line in lines[: own.stop])


def indent_of(text: str, key: Node) -> int:
    """How far a line is indented; a `?` may stand before its key."""
    line = text[key.start_mark.index - key.start_mark.column : key.start_mark.index]
    return len(line) - len(line.lstrip(" "))
