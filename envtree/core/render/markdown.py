"""Markdown for a review comment: literal text, table rows, and no more lines than a comment may have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

PIPE = "\\|"
"""A `|` in a table, even inside code."""
_TICKS = re.compile("`+")


def code(text: str) -> str:
    """Return text as code, which Markdown shows as it is; an empty text stays empty."""
    line = one_line(text)
    if "`" not in line:
        return f"`{line}`" if line else ""
    fence = "`" * (max(len(run) for run in _TICKS.findall(line)) + 1)
    return f"{fence} {line} {fence}"


def row(cells: Iterable[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cell.replace('|', PIPE) for cell in cells)} |"


def fitting(lines: Iterable[str], room: int, more: str) -> list[str]:
    """Return as many lines as fit into `room` characters, and then a line with how many are left out."""
    found, left = [], 0
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            left += 1
        else:
            found.append(line)
    return [*found, more.format(f"{left:,}")] if left else found
