"""Rows set in the tables of a settings file: mappings in mappings, each row on its own line or between braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.yaml.document import MappingNode, ScalarNode, SequenceNode, compose, is_plain, tag_of
from envtree.core.yaml.remove import NOT_ALONE
from envtree.core.yaml.splice import (
    NOT_A_MAPPING,
    NOT_READ,
    CannotUpdate,
    Lines,
    Splice,
    indent_of,
    line_end,
    splice,
    whole_lines,
)
from envtree.core.yaml.writer import INDENT, inline, key_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.yaml.document import Node

    Pair = tuple[Node, Node]
    Path = tuple[str, ...]
    Row = str | Mapping[str, "Row"]
    """The value of a key: a text, or a mapping of words and numbers, and of such mappings."""
    Rows = Mapping[str, Row]
    Leaf = tuple[object, ...]


def set_rows(path: str, text: str, table: Path, rows: Rows) -> str:
    """Set rows in a table, new if missing; may raise CannotUpdate. The caller proves that all else is unchanged."""
    whole = whole_lines(text)
    root = root_of(path, whole)
    splices = [_appended(whole, table, rows)] if root is None else _splices(whole, root, table, rows)
    changed = splice(whole, splices)
    is_at_end = any(each.end == len(whole) for each in splices)
    return changed if is_at_end or whole == text else changed.removesuffix(line_end(whole))


def root_of(path: str, text: str) -> MappingNode | None:
    """Return the mapping that a file holds; None if it holds nothing. Raises CannotUpdate for anything else."""
    root, problems = compose(path, text.encode())
    if any(each.severity == "error" for each in problems):
        raise CannotUpdate(NOT_READ)
    if root is None or (isinstance(root, ScalarNode) and _is_empty(root)):
        return None
    if not isinstance(root, MappingNode) or tag_of(root) is not None:
        raise CannotUpdate(NOT_A_MAPPING)
    return root


def leaves(node: Node | None) -> Iterator[tuple[Path, Leaf]]:
    """Yield each scalar, by the keys that lead to it, as a tuple of how it is written and, last, its text."""
    if isinstance(node, (MappingNode, SequenceNode)) and node.value:
        for key, value in node.value if isinstance(node, MappingNode) else enumerate(node.value):
            name = key.value if isinstance(key, ScalarNode) else str(key)
            yield from (((name, *path), leaf) for path, leaf in leaves(value))
    elif node is not None:
        yield (), (type(node), tag_of(node), getattr(node, "style", None), node.value or "")


def table_lines(table: Path, rows: Rows, *, indent: int = 0, note: str = "", width: int = 0) -> str:
    """Return a table as whole lines, with a note after its name; `width`, that of the keys, aligns the values."""
    lines = []
    for depth, key in enumerate(table):
        lines.append(f"{' ' * (indent + INDENT * depth)}{key_text(key)}:")
    if note:
        lines[-1] = f"{lines[-1].ljust(note.index('#'))}{note.lstrip()}"
    blanks = " " * (indent + INDENT * len(table))
    lines += [f"{blanks}{f'{key_text(key)}:'.ljust(width)} {_in_block(row)}" for key, row in rows.items()]
    return "".join(f"{line}\n" for line in lines)


def _is_empty(node: Node) -> bool:
    """Return whether a node is empty, so that a table can replace it."""
    if isinstance(node, ScalarNode):
        return tag_of(node) is None and is_plain(node) and node.value in ("", "~", "null")
    return tag_of(node) is None and isinstance(node, MappingNode) and not node.value


def _in_block(row: Row) -> str:
    return inline(row) if isinstance(row, str) else _in_braces(row)


def _in_braces(row: Row) -> str:
    if isinstance(row, str):
        return row if row.isdecimal() else key_text(row)
    return f"{{{', '.join(f'{key_text(key)}: {_in_braces(each)}' for key, each in row.items())}}}"


def _pairs_in_braces(table: Path, rows: Rows) -> str:
    """Return what to write between braces: a table with its keys, or the rows alone if the table already exists."""
    pairs = ", ".join(f"{key_text(key)}: {_in_braces(row)}" for key, row in rows.items())
    for key in reversed(table[1:]):
        pairs = f"{key_text(key)}: {{{pairs}}}"
    return f"{key_text(table[0])}: {{{pairs}}}" if table else pairs


def _appended(text: str, table: Path, rows: Rows) -> Splice:
    """Return the splice that adds a table at the end of the text."""
    end = line_end(text)
    gap = end if text and not text.endswith(end * 2) else ""
    return Splice(len(text), len(text), gap + table_lines(table, rows).replace("\n", end))


def _splices(text: str, root: MappingNode, table: Path, rows: Rows) -> list[Splice]:
    pair, parent, rest = None, root, table
    node: Node = root
    while rest and isinstance(node, MappingNode):
        found = next((each for each in node.value if each[0].value == rest[0]), None)
        if found is None:
            break
        pair, parent, node, rest = found, node, found[1], rest[1:]
    if _is_empty(node):
        return [_filled(text, parent, pair, node, rest, rows)]
    if not isinstance(node, MappingNode) or tag_of(node) is not None:
        raise CannotUpdate(NOT_A_MAPPING, *(table[:1]))
    if node is root and not node.flow_style:
        return [_appended(text, rest, rows)]
    old = {} if rest else {key.value: (key, value) for key, value in node.value if key.value in rows}
    splices = [each for name, (key, value) in old.items() for each in _updates(key, value, rows[name])]
    new = {key: row for key, row in rows.items() if key not in old}
    return [*splices, _after_last(text, node, rest, new)] if new else splices


def _filled(text: str, parent: MappingNode, pair: Pair | None, node: Node, rest: Path, rows: Rows) -> Splice:
    """Return the splice that fills a table which has only its name."""
    start, end = node.start_mark.index, node.end_mark.index
    if pair is None or parent.flow_style:
        return Splice(start, end, f"{_gap(text, start)}{{{_pairs_in_braces(rest, rows)}}}")
    stop = Lines(text).end_of(*pair)
    comment = text[end : text.index("\n", end) + 1]
    below = table_lines(rest, rows, indent=indent_of(text, pair[0]) + INDENT).replace("\n", line_end(text))
    between = text[end + len(comment) : stop]
    start = len(text[:start].rstrip(" "))
    return Splice(start, stop, f"{comment}{between}{below}")


def _gap(text: str, start: int) -> str:
    """Return the blank that a value at this offset needs before it, if it follows a `:`."""
    return " " if text[start - 1 : start] == ":" else ""


def _after_last(text: str, node: MappingNode, rest: Path, rows: Rows) -> Splice:
    key, value = node.value[-1]
    if node.flow_style:
        end = value.end_mark.index
        return Splice(end, end, f", {_pairs_in_braces(rest, rows)}")
    end = Lines(text).end_of(key, value)
    width = 0 if rest else _width(node)
    lines = table_lines(rest, rows, indent=indent_of(text, node.value[0][0]), width=width)
    return Splice(end, end, lines.replace("\n", line_end(text)))


def _width(node: MappingNode) -> int:
    """Return the width of the keys if several values are aligned in one column; else 0."""
    widths = {value.start_mark.column - key.start_mark.column for key, value in node.value}
    return widths.pop() - 1 if len(widths) == 1 and len(node.value) > 1 else 0


def _updates(key: Node, value: Node, row: Row) -> Iterator[Splice]:
    """Yield the splices for the fields of a row that differ, or for all of a row of another shape."""
    fields = {each.value: text for each, text in value.value} if isinstance(value, MappingNode) else {}
    if not isinstance(row, str) and row.keys() <= fields.keys():
        changed = [(fields[each], text) for each, text in row.items() if fields[each].value != text]
        yield from (_in_place(key, node, text) for node, text in changed)
    elif isinstance(value, MappingNode) and not value.flow_style:
        raise CannotUpdate(NOT_ALONE, key.value)
    else:
        yield _in_place(key, value, row)


def _in_place(key: Node, value: Node, row: Row) -> Splice:
    start, end = value.start_mark.index, value.end_mark.index
    if start == end or getattr(value, "style", None) in ("|", ">"):
        raise CannotUpdate(NOT_ALONE, key.value)
    return Splice(start, end, _in_braces(row))
