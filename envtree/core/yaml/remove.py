"""Removal of entries from a layer's text, as whole lines; every other byte stays the same.

The result is parsed again as a proof: it must hold just the other entries, each with the value, style and tag it had.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.yaml.document import MappingNode, ScalarNode, SequenceNode, compose, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.yaml.document import Node

    Shape = tuple[object, ...]

IN_BRACES = "it stands between braces, not on lines of its own"
NOT_ALONE = "its lines can't be told from what stands around them"
NAMES_A_FILE = "it names a file, which would be left without a name"

BOM = "\ufeff"
_KEPT_BLANKS = re.compile(r"(?:!\S*\s+)?[|>]\d?\+")
_REST = re.compile(r"[ \t]*(?:#.*)?\r?")


def remove_entries(path: str, data: bytes, names: tuple[str, ...]) -> tuple[bytes, dict[str, str]]:
    """Return the layer without the named entries, and a reason for each entry that had to stay.

    A comment on an entry's own lines goes with it; comments and blank lines above and below stay. Raises ValueError for
    a layer that is not a mapping.
    """
    mark, text = split_mark(data.decode())
    left: dict[str, str] = {}
    text = _without(path, text, names, left)
    return f"{mark}{text}".encode(), left


def split_mark(text: str) -> tuple[str, str]:
    """Return the byte order mark that a text begins with, or nothing, and the text without it."""
    return (BOM, text[1:]) if text.startswith(BOM) else ("", text)


def _without(path: str, text: str, names: tuple[str, ...], left: dict[str, str]) -> str:
    """Remove all entries at once or, if that fails, half by half, so that only those that can't be removed stay."""
    root, _ = compose(path, text.encode())
    if not isinstance(root, MappingNode):
        raise ValueError(path)
    if root.flow_style:
        left.update(dict.fromkeys(names, IN_BRACES))
        return text
    own, lines = frozenset(names), text.split("\n")
    for key, value in root.value:
        if _is_one_of(key, own) and tag_of(value) == "!file":
            left[key.value] = NAMES_A_FILE
        elif _is_one_of(key, own) and own_lines(lines, key, value) is None:
            left[key.value] = NOT_ALONE
    names = tuple(name for name in names if name not in left)
    if not names:
        return text
    if (shorter := _cut_lines(path, text, root, frozenset(names))) is not None:
        return shorter
    if len(names) == 1:
        left[names[0]] = NOT_ALONE
        return text
    half = len(names) // 2
    return _without(path, _without(path, text, names[:half], left), names[half:], left)


def _cut_lines(path: str, text: str, root: MappingNode, names: frozenset[str]) -> str | None:
    """Return the text without the lines of these entries; None if something else is on those lines."""
    lines = text.split("\n")
    gone: set[int] = set()
    for key, value in root.value:
        if _is_one_of(key, names):
            own = own_lines(lines, key, value)
            if own is None:
                return None
            gone.update(own)
    rest = tuple(shape(pair) for pair in root.value if not _is_one_of(pair[0], names))
    shorter = "\n".join(line for number, line in enumerate(lines) if number not in gone)
    candidates: tuple[str, ...] = (shorter,)
    if shorter and not text.endswith("\n"):  # a block that now comes last may need the line end that it had
        candidates = (shorter.removesuffix("\r"), f"{shorter}\n")
    return next((each for each in candidates if _shapes(path, each) == rest), None)


def _is_one_of(key: Node, names: frozenset[str]) -> bool:
    """Return whether a key is one of these names; a list or a mapping is none."""
    return isinstance(key, ScalarNode) and key.value in names


def own_lines(lines: list[str], key: Node, value: Node) -> range | None:
    """Return the numbers (from 0) of an entry's lines; None if something else is on them."""
    first, leaf = key.start_mark.line, _last_node(value)
    last, column = leaf.end_mark.line, leaf.end_mark.column
    if lines[first][: key.start_mark.column].strip(" \t?"):
        return None
    if isinstance(leaf, ScalarNode) and leaf.style in ("|", ">"):
        if column == 0:  # a block ends where the next line with text begins
            last -= 1
        header = "\n".join(lines[leaf.start_mark.line : leaf.start_mark.line + 2])[leaf.start_mark.column :]
        while not _KEPT_BLANKS.match(header) and last > first and not lines[last].strip(" \t\r"):
            last -= 1
    elif not _REST.fullmatch(lines[last][column:]):
        return None
    return range(first, last + 1)


def _last_node(node: Node) -> Node:
    """Return the innermost last node, since a collection without brackets ends at the next token, after comments."""
    while isinstance(node, (MappingNode, SequenceNode)) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return node


def _shapes(path: str, text: str) -> tuple[Shape, ...] | None:
    """Return the entries of a text as values to compare; None if the text is not a layer."""
    root, problems = compose(path, text.encode())
    if isinstance(root, MappingNode):
        return tuple(shape(pair) for pair in root.value)
    empty = root is None or (isinstance(root, ScalarNode) and not root.value and not root.style and not root.tag)
    return () if empty and not any(each.severity == "error" for each in problems) else None


def shape(pair: tuple[Node, Node]) -> Shape:
    """Return the name and value of an entry and how each is written, to compare entries."""
    return (*_tokens(pair[0]), *_tokens(pair[1]))


def _tokens(node: Node) -> Iterator[object]:
    """Yield a node's tag, style and content, and those of the nodes inside it."""
    yield tag_of(node)
    if isinstance(node, ScalarNode):
        yield node.style
        yield node.value
    elif isinstance(node, (MappingNode, SequenceNode)):
        yield type(node)
        yield node.flow_style
        yield len(node.value)
        for child in node.value:
            for each in child if isinstance(node, MappingNode) else (child,):
                yield from _tokens(each)
