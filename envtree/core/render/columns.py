"""A table as text: rows of cells, with each column as wide as its widest cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable


def columns(rows: Iterable[tuple[str, ...]]) -> str:
    """Return a line for each row, two blanks between its cells; there is at least one row, and all are as long."""
    lines = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )
