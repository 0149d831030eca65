"""What the text of a schema file tells that its classes don't: where things stand, and what is spelt out."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

from envtree.core.tree import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARED = re.compile(r"^[ \t]+(\w+)[ \t]*:", re.MULTILINE)


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
            yield line.target.id, Span(path, line.lineno, line.col_offset + 1, len(line.target.id))
