"""Reads from a schema file's text what its classes do not keep: where each field is declared, and how it is written."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache, lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DECLARED = re.compile(r"^[ \t]+(\w+)[ \t]*:", re.MULTILINE)
_PRIVATE = re.compile(r"^[ \t]+_\w*[ \t]*:", re.MULTILINE)
_WORD = re.compile(r"\w+")
_LINE_END = re.compile("\r\n?|\n")


class FieldSource(NamedTuple):
    """A field as its author wrote it: the text of its type, and the docstring below it."""

    annotation: str
    docstring: str


def as_text(value: object) -> str:
    """Return what an author says of a field, its title for example; empty where it is no text."""
    return str.__str__(value) if isinstance(value, str) else ""


def repeated(path: str, text: str) -> list[tuple[str, Span, Span]]:
    """Return fields declared twice in a class body, with both locations: Python silently keeps the last."""
    indented = _DECLARED.findall(text)
    if len(indented) == len(set(indented)) and ";" not in text:
        return []
    found = []
    for node in _classes(text):
        first: dict[str, Span] = {}
        for name, span in _fields(path, node):
            if name in first:
                found.append((name, first[name], span))
            first.setdefault(name, span)
    return found


@cache
def constants(text: str) -> frozenset[str]:
    """Return a schema file's string constants, without pieces of f-strings: no variable's value is part of one."""
    nodes = tuple(ast.walk(_parsed(text)))
    pieces = {id(piece) for node in nodes if isinstance(node, ast.JoinedStr) for piece in node.values}
    return frozenset(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces
    )


def lineage(model: type, texts: Mapping[str, str]) -> Iterator[tuple[type, str, str]]:
    """Yield a class and those that it inherits from, each with the path and the text of the schema file it is in."""
    for base in model.__mro__:
        path = f"{base.__module__.replace('.', '/')}.py"
        if path in texts:
            yield base, path, texts[path]


@cache
def declarations(path: str, text: str) -> dict[str, dict[str, Span]]:
    """Return, by class name, where a schema file declares the class (under the empty name) and each of its fields."""
    return {
        node.name: {
            "": Span(path, node.lineno, node.col_offset + 1, len(f"class {node.name}")),
            **dict(_fields(path, node)),
        }
        for node in _classes(text)
    }


@cache
def field_sources(path: str, text: str) -> dict[Span, FieldSource]:
    """Return how each field of a schema file is written, by the span that `declarations` gives."""
    found = {}
    lines = [line.encode() for line in _LINE_END.split(text)]
    for node in _classes(text):
        for line, below in zip_longest(node.body, node.body[1:]):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                source = FieldSource(_as_written(lines, line.annotation), _docstring(below))
                found[_span(path, line, line.target.id)] = source
    return found


@cache
def options_of(path: str, text: str) -> dict[str, dict[str, Span]]:
    """Return, by class name, where each option of `model_config` is written: in it, or beside the base classes."""
    found: dict[str, dict[str, Span]] = {}
    for node in _classes(text):
        written: list[tuple[object, ast.keyword | ast.Constant]] = [(each.arg, each) for each in node.keywords]
        for line in node.body:
            if any(each.id == "model_config" for each in _targets(line)):
                written += [(each.arg, each) for each in ast.walk(line) if isinstance(each, ast.keyword)]
                written += [(each.value, each) for each in ast.walk(line) if isinstance(each, ast.Constant)]
        found[node.name] = {
            name: Span(path, each.lineno, each.col_offset + 1, len(name))
            for name, each in reversed(written)
            if isinstance(name, str)
        }
    return found


@cache
def assignments(path: str, text: str) -> dict[str, Span]:
    """Return the names that a module itself assigns, and where."""
    targets = (target for node in _parsed(text).body for target in _targets(node))
    return {each.id: Span(path, each.lineno, each.col_offset + 1, len(each.id)) for each in targets}


@cache
def mentions(text: str) -> frozenset[str]:
    """Return the names that a schema file uses: those inside classes, functions and types, and what it imports."""
    tree = _parsed(text)
    nodes = [each for line in tree.body if not (_targets(line) and _is_call(line)) for each in ast.walk(line)]
    names = {each.id for each in nodes if isinstance(each, ast.Name)}
    names |= {each.attr for each in nodes if isinstance(each, ast.Attribute)}
    names |= {each.name for each in nodes if isinstance(each, ast.alias)}
    texts = (each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return frozenset(names.union(*map(_WORD.findall, texts)))  # a type in quotes


def _targets(node: ast.stmt) -> list[ast.Name]:
    """Return the names that a statement assigns."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [each for each in targets if isinstance(each, ast.Name)]


def _is_call(node: ast.stmt) -> bool:
    """Return whether a statement assigns what a plain call of a name returns."""
    return isinstance(getattr(node, "value", None), ast.Call)


@cache
def private_fields(path: str, text: str) -> dict[str, dict[str, Span]]:
    """Return, by class name, the annotated names with a `_` in front that are not declared private by a call."""
    if not _PRIVATE.search(text):
        return {}
    return {
        node.name: {
            line.target.id: _span(path, line, line.target.id)
            for line in node.body
            if isinstance(line, ast.AnnAssign)
            and isinstance(line.target, ast.Name)
            and line.target.id.startswith("_")
            and not isinstance(line.value, ast.Call)
        }
        for node in _classes(text)
    }


@cache
def names_in_methods(text: str) -> dict[str, frozenset[str]]:
    """Return, by class name, the attributes and the string constants that the methods of the class mention."""
    found = {}
    for node in _classes(text):
        methods = [line for line in node.body if isinstance(line, ast.FunctionDef)]
        nodes = [each for method in methods for each in ast.walk(method)]
        names = {each.attr for each in nodes if isinstance(each, ast.Attribute)}
        names |= {each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)}
        found[node.name] = frozenset(names)
    return found


def _classes(text: str) -> Iterator[ast.ClassDef]:
    """Return all class definitions of a text."""
    return (node for node in ast.walk(_parsed(text)) if isinstance(node, ast.ClassDef))


@lru_cache(maxsize=64)
def _parsed(text: str) -> ast.Module:
    """Return the syntax tree of a schema file; an empty one for what is no Python: running it shows what is wrong."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):  # ValueError: a NUL, until 3.11.3
        return ast.Module([], [])


def _fields(path: str, node: ast.ClassDef) -> Iterator[tuple[str, Span]]:
    """Yield the name and the span of each annotated field of a class."""
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id, _span(path, line, line.target.id)


def _span(path: str, line: ast.AnnAssign, name: str) -> Span:
    return Span(path, line.lineno, line.col_offset + 1, len(name))


def _as_written(lines: list[bytes], node: ast.expr) -> str:
    """Return the source text of an expression.

    An expression of several lines is formatted by Python, since comments may be between its lines.
    """
    if node.lineno != node.end_lineno:
        return ast.unparse(node)
    return lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()


def _docstring(node: ast.stmt | None) -> str:
    """Return the text of a statement that is a docstring; empty for another statement."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return ""
