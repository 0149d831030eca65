"""The lines of a layer file that belong to an entry: from its name to the end of its value, without later comments."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import errors
from envtree.core.yaml.document import MappingNode, Node, ScalarNode, compose
from envtree.core.yaml.file_tag import named_file

if TYPE_CHECKING:
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry, Span

_BLOCK = ("|", ">")


class LineRange(NamedTuple):
    """The first and the last line of one entry, counted from 1, and the file that the entry names by `!file`."""

    name: str
    first: int
    last: int
    file: str = ""


def line_ranges(path: str, data: bytes) -> dict[tuple[int, int], LineRange]:
    """Return the lines of each entry by the line and column of its name; none if the file is not a mapping."""
    root, _ = compose(path, data)
    return _line_ranges(root, data.split(b"\n")) if isinstance(root, MappingNode) else {}


def entry_digests(path: str, data: bytes) -> dict[str, bytes] | None:
    """Return a digest of each entry's lines by name, the first entry of a name only; None if the file can't be read.

    Digests are compared in place of lines, since many entries may stand on one long line.
    """
    root, problems = compose(path, data)
    if not isinstance(root, MappingNode):
        return None if root or errors(problems) else {}
    lines = data.split(b"\n")
    digests: dict[tuple[int, int], bytes] = {}
    found: dict[str, bytes] = {}
    for each in _line_ranges(root, lines).values():
        extent = (each.first, each.last)
        if extent not in digests:
            digests[extent] = sha256(b"\n".join(lines[each.first - 1 : each.last])).digest()
        found.setdefault(each.name, digests[extent])
    return found


class LineIndex:
    """The lines of the entries of a source's layer files; each file is parsed once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ranges: dict[str, dict[tuple[int, int], LineRange]] = {}
        self._starts: dict[str, list[tuple[int, int]]] = {}

    def ranges(self, file: str) -> dict[tuple[int, int], LineRange]:
        """Return the lines of each entry of a file by the line and column of its name."""
        if file not in self._ranges:
            self._ranges[file] = line_ranges(file, self._source.files[file])
            self._starts[file] = sorted(self._ranges[file])
        return self._ranges[file]

    def before(self, span: Span) -> LineRange | None:
        """Return the lines of the last entry whose name is at a place, or before it."""
        ranges = self.ranges(span.file)
        starts = self._starts[span.file]
        number = bisect_right(starts, (span.line, span.column))
        return ranges[starts[number - 1]] if number else None

    def referenced_file(self, entry: Entry) -> str:
        """Return the path of the file that an entry names by `!file`; empty if there is none in the source."""
        lines = self.ranges(entry.file).get((entry.name_line, entry.name_column))
        if lines is None or not lines.file:
            return ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(entry.file), lines.file))
        return path if path in self._source.files else ""


def _line_ranges(root: MappingNode, lines: list[bytes]) -> dict[tuple[int, int], LineRange]:
    found = {}
    for key, node in root.value:
        if isinstance(key, ScalarNode):
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            last = max(line, _last_line(node, lines))
            found[line, column] = LineRange(key.value, line, last, named_file(node))
    return found


def _last_line(node: Node, lines: list[bytes]) -> int:
    """Return the last line of a value, counted from 1.

    The parser ends a block where the next thing begins, so blank lines and comments between the two are taken off.
    Blank lines that the value keeps, as after `|+`, stay.
    """
    last: int = node.end_mark.line + (node.end_mark.column > 0)
    last = min(last, len(lines))
    first: int = node.start_mark.line + 1
    if isinstance(node, ScalarNode):
        if node.style not in _BLOCK or node.value.endswith("\n\n") or node.value == "\n":
            return last
        while last > first and not lines[last - 1].strip():
            last -= 1
        return last
    while last > first and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith(b"#")):
        last -= 1
    return last
