"""Entries taken out of a layer's text, with the comments that an import wrote for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.yaml.document import MappingNode, compose
from envtree.core.yaml.remove import remove_entries, split_mark
from envtree.core.yaml.splice import CannotUpdate, decoded

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTE = re.compile(r"# set by .+ on Heroku\r?")
"""The comment on what an add-on sets, as `draft.py` writes it."""


def without_entries(path: str, data: bytes, names: Sequence[str]) -> bytes:
    """Return a layer without these entries; raises CannotUpdate where one can't be told from what is around it."""
    shorter, left = remove_entries(path, _without_notes(path, data, names), tuple(names))
    for name, reason in left.items():
        raise CannotUpdate(reason, name)
    return shorter


def _without_notes(path: str, data: bytes, names: Sequence[str]) -> bytes:
    """Return the layer without the comments on these entries that say which add-on sets them."""
    root, _ = compose(path, data)
    mark, text = split_mark(decoded(data))
    lines = text.split("\n")
    keys = root.value if isinstance(root, MappingNode) else ()
    above = {key.start_mark.line - 1 for key, _ in keys if key.value in names and key.start_mark.line}
    gone = {number for number in above if _NOTE.fullmatch(lines[number])}
    kept = "\n".join(line for number, line in enumerate(lines) if number not in gone)
    return f"{mark}{kept}".encode()
