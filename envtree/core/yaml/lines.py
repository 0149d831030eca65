"""Which lines of a layer file are an entry's own: from its name to the end of its value, comments after it left out."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import errors
from envtree.core.yaml.document import MappingNode, Node, ScalarNode, compose, tag_of

if TYPE_CHECKING:
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry

_BLOCK = ("|", ">")


class LineRange(NamedTuple):
    """The lines of one entry (from 1, both ends counted), and the file that it names by `!file`."""

    name: str
    first: int
    last: int
    file: str = ""


def extents(path: str, data: bytes) -> dict[tuple[int, int], LineRange]:
    """The extent of each entry of a layer file, by the line and column of its name; none where it is no such file."""
    root, _ = compose(path, data)
    return _extents(root, data.split(b"\n")) if isinstance(root, MappingNode) else {}


def own_lines(path: str, data: bytes) -> dict[str, bytes] | None:
    """The lines of each entry of a layer file, of the first where a name stands twice; None where it can't be read."""
    root, problems = compose(path, data)
    if not isinstance(root, MappingNode):
        return None if root or errors(problems) else {}
    lines = data.split(b"\n")
    found: dict[str, bytes] = {}
    for each in _extents(root, lines).values():
        found.setdefault(each.name, b"\n".join(lines[each.first - 1 : each.last]))
    return found


def content_of(entry: Entry, source: Source) -> str:
    """The path of the file that an entry names by `!file`."""
    extent = extents(entry.file, source.files[entry.file]).get((entry.name_line, entry.name_column))
    if extent is None or not extent.file:
        return ""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(entry.file), extent.file))
    return path if path in source.files else ""


def _extents(root: MappingNode, lines: list[bytes]) -> dict[tuple[int, int], LineRange]:
    found = {}
    for key, node in root.value:
        if isinstance(key, ScalarNode):
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            file = node.value if tag_of(node) == "!file" and isinstance(node, ScalarNode) else ""
            found[line, column] = LineRange(key.value, line, max(line, _last(node, lines)), file)
    return found


def _last(node: Node, lines: list[bytes]) -> int:
    """The last line of a value. That of a block ends where something else begins: blank lines and comments lie between.

    Blank lines are the value's own where it keeps them, as after `|+`.
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
