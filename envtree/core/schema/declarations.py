"""What the text of a schema file tells that its classes don't: where things stand, and what is spelt out."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARED = re.compile(r"^[ \t]+(\w+)[ \t]*:", re.MULTILINE)
_LINE_END = re.compile("\r\n?|\n")


class Wording(NamedTuple):
    """A field in its author's words: the type as written, and the text right below it."""

    annotation: str
    docstring: str


def repeated(path: str, text: str) -> list[tuple[str, Span, Span]]:
    """Fields that one class body declares twice, with both places; Python would keep the last without a word."""
    indented = _DECLARED.findall(text)
    if len(indented) == len(set(indented)) and ";" not in text:
        return []
    found = []
    for node in _classes(text):
        first: dict[str, Span] = {}
        for name, here in _fields(path, node):
            if name in first:
                found.append((name, first[name], here))
            first.setdefault(name, here)
    return found


@cache
def constants(text: str) -> frozenset[str]:
    """The texts that a schema file spells out, the pieces of f-strings left out: no value went into them."""
    nodes = tuple(ast.walk(ast.parse(text)))
    pieces = {id(piece) for node in nodes if isinstance(node, ast.JoinedStr) for piece in node.values}
    return frozenset(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces
    )


@cache
def declarations(path: str, text: str) -> dict[str, dict[str, Span]]:
    """Where each class of a schema file stands (under the empty name), and where it declares each field."""
    return {
        node.name: {
            "": Span(path, node.lineno, node.col_offset + 1, len(f"class {node.name}")),
            **dict(_fields(path, node)),
        }
        for node in _classes(text)
    }


@cache
def wordings(path: str, text: str) -> dict[Span, Wording]:
    """The words of each field of a schema file, by the place that `declarations` gives."""
    found = {}
    lines = _LINE_END.split(text)
    for node in _classes(text):
        for line, below in zip_longest(node.body, node.body[1:]):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                words = Wording(_as_written(lines, line.annotation), _docstring(below))
                found[_span(path, line, line.target.id)] = words
    return found


@cache
def looked_at(text: str) -> dict[str, frozenset[str]]:
    """The attributes and keys that the methods of each class mention."""
    found = {}
    for node in _classes(text):
        methods = [line for line in node.body if isinstance(line, ast.FunctionDef)]
        inside = [each for method in methods for each in ast.walk(method)]
        names = {each.attr for each in inside if isinstance(each, ast.Attribute)}
        names |= {each.value for each in inside if isinstance(each, ast.Constant) and isinstance(each.value, str)}
        found[node.name] = frozenset(names)
    return found


def _classes(text: str) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef))


def _fields(path: str, node: ast.ClassDef) -> Iterator[tuple[str, Span]]:
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id, _span(path, line, line.target.id)


def _span(path: str, line: ast.AnnAssign, name: str) -> Span:
    return Span(path, line.lineno, line.col_offset + 1, len(name))


def _as_written(lines: list[str], node: ast.expr) -> str:
    """What stands in one line; several are written anew, since a comment may stand between them."""
    if node.lineno != node.end_lineno:
        return ast.unparse(node)
    return lines[node.lineno - 1].encode()[node.col_offset : node.end_col_offset].decode()


def _docstring(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return ""
