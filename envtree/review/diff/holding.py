"""Which values contain one of several texts, such as those that must not be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

FEW = 200
"""Texts that are looked for one by one, which is quicker than to index them."""
START = 6
"""Characters by which texts are indexed."""


def names_holding(values: Mapping[str, str], texts: Collection[str]) -> set[str]:
    """Return the names whose value contains one of these texts; none of them is empty."""
    if len(texts) <= FEW:
        return {name for name, value in values.items() if any(text in value for text in texts)}
    by_start: dict[str, dict[int, set[str]]] = {}
    for text in texts:
        by_start.setdefault(text[:START], {}).setdefault(len(text), set()).add(text)
    starts = {len(start) for start in by_start}
    return {name for name, value in values.items() if _holds(value, by_start, starts)}


def _holds(value: str, by_start: Mapping[str, Mapping[int, Collection[str]]], starts: Iterable[int]) -> bool:
    """Return whether a value contains a text, of texts by their first characters and by their length.

    Each place of the value is looked at once, however many texts there are.
    """
    return any(
        value[place : place + length] in texts
        for start in starts
        for place in range(len(value) - start + 1)
        for length, texts in by_start.get(value[place : place + start], {}).items()
    )
