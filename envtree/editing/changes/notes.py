"""What a person should know of an edit that is valid: a secret in clear, and a text that only looks computed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from envtree.core.model.tree import Entry

_REFERENCE = re.compile(r"\$\{[^{}\s]+\}")


def notes(was: Mapping[str, Entry], touched: Collection[Entry], secret: Collection[str]) -> tuple[str, ...]:
    """Return what to say of the entries that an edit has set; none of it shows a value."""
    return tuple(note for each in touched if each.text is not None for note in _notes(was.get(each.name), each, secret))


def _notes(was: Entry | None, now: Entry, secret: Collection[str]) -> Iterator[str]:
    if now.sealed:
        return
    if now.name in secret:
        yield f"`{now.name}` is a secret, and is in clear in {now.file}: everyone who has the tree can read it"
    if now.parts is None and was is not None and was.parts is not None:
        yield f"`{now.name}` was computed by `!expand`, and is plain text now"
    elif now.parts is None and _REFERENCE.search(now.text or ""):
        yield f"`{now.name}` is plain text: write `!expand` in {now.file} if `${{...}}` in it is to be replaced"
