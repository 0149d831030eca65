"""The regular expressions of the package mean the same on every Python that it claims."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import envtree

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(envtree.__file__).parent
# What is escaped, and what is in brackets, is no quantifier.
ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
POSSESSIVE_OR_ATOMIC = re.compile(r"[*+?}]\+|\(\?>")


def may_be_wrong(pattern: str) -> bool:
    """Whether a pattern has a possessive quantifier or an atomic group, which Python 3.11.2 has wrong."""
    return POSSESSIVE_OR_ATOMIC.search(ESCAPED_OR_CLASS.sub("x", pattern)) is not None


def texts_beside_re(path: Path) -> Iterator[str]:
    """The texts, and the pieces of f-strings, in a module that imports `re`."""
    nodes = tuple(ast.walk(ast.parse(path.read_bytes())))
    if any(isinstance(node, ast.Import) and any(name.name == "re" for name in node.names) for node in nodes):
        yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_no_pattern_has_what_a_supported_python_has_wrong() -> None:
    texts = [(path, text) for path in sorted(PACKAGE.rglob("*.py")) for text in texts_beside_re(path)]
    assert len(texts) > 100
    assert [(str(path), text) for path, text in texts if may_be_wrong(text)] == []


def test_each_module_imports_re_by_its_name() -> None:
    """An alias, or a name out of it, would keep a module from the test above."""
    nodes = [node for path in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes()))]
    imported = [name for node in nodes if isinstance(node, ast.Import) for name in node.names if name.name == "re"]
    assert {name.asname for name in imported} == {None}
    assert "re" not in {node.module for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("pattern", ["a*+", "a++", "a?+", "a{2}+", "[ab]*+", r"\w++", "(?>a)", "*+", r"\\*+", "[]a]*+"])
def test_a_possessive_quantifier_and_an_atomic_group_are_found(pattern: str) -> None:
    assert may_be_wrong(pattern)


@pytest.mark.parametrize("pattern", ["a*b+", r"\*+", "[*+?]+", "a+?", "[+]*", "[]*+]", r"\?\+", "(?=a)", "[^]*+]"])
def test_what_only_looks_like_one_is_not(pattern: str) -> None:
    assert not may_be_wrong(pattern)
