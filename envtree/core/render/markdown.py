"""Markdown for a comment on a review: text that it takes as it stands, and no more lines than a comment may have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

PIPE = "\\|"
"""In a table, also inside of code."""
_TICKS = re.compile("`+")


def code(text: str) -> str:
    """Text that Markdown takes as it stands; nothing for nothing."""
    line = one_line(text)
    if "`" not in line:
        return f"`{line}`" if line else ""
    fence = "`" * (max(len(run) for run in _TICKS.findall(line)) + 1)
    return f"{fence} {line} {fence}"


def row(cells: Iterable[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cell.replace('|', PIPE) for cell in cells)} |"


def fitting(lines: Iterable[str], room: int, more: str) -> list[str]:
    """As many of the lines as there is room for, and how many are left out."""
    found, left = [], 0
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            left += 1
        else:
            found.append(line)
    return [*found, more.format(f"{left:,}")] if left else found
