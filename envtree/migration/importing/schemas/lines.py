"""The lines of a Python source as `ast` numbers them: a form feed, or U+2028, ends none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence


def source_lines(text: str) -> list[str]:
    """Return the lines of a source, each with its end, also the last."""
    lines = [line.decode() for line in text.encode().splitlines(keepends=True)]
    return [*lines[:-1], lines[-1] if lines[-1].endswith(("\n", "\r")) else f"{lines[-1]}\n"] if lines else []


def indent_of(node: ast.stmt, lines: Sequence[str]) -> str:
    """Return what stands before a statement on its line: blanks or tabs, unless another statement begins there."""
    return lines[node.lineno - 1][: node.col_offset]
