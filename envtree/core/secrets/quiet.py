"""Comments that quiet a line: `# envtree: not-secret, reason` and `# envtree: allow CODE, reason`."""

from __future__ import annotations

import re
from typing import NamedTuple

NOT_SECRET = ("clear-secret", "unsealed-secret", "shared-secret")
"""The codes that `not-secret` quiets."""
_MARK = re.compile(
    r"(?P<start>#|//|<!--|;)\s{0,8}envtree:\s{0,8}"
    r"(?:not-secret|allow(?P<codes>(?:[ \t]{1,8}[A-Za-z0-9_-]{1,60}){0,16}))(?![\w-])(?P<rest>[^\n]{0,1000})"
)
_REASON = re.compile(r"[^\w\n]*(?P<reason>.*?)\s*(?:-->)?\s*$")


class Quieting(NamedTuple):
    """A comment that quiets a line: what it quiets, which line, and where the comment itself is, counted from 1."""

    codes: tuple[str, ...]
    quiets: int
    line: int
    column: int
    length: int
    has_reason: bool


def quietings(text: str) -> tuple[Quieting, ...]:
    """Return the comments of a text that quiet their own line or, where they are alone on it, the next."""
    if "envtree:" not in text:
        return ()
    return tuple(
        found
        for number, line in enumerate(text.split("\n"), 1)
        if "envtree:" in line and (found := _in_line(number, line)) is not None
    )


def _in_line(number: int, line: str) -> Quieting | None:
    found = _MARK.search(line)
    if found is None:
        return None
    codes = NOT_SECRET if found["codes"] is None else tuple(dict.fromkeys(found["codes"].split()))
    reason = _REASON.match(found["rest"])
    has_reason = reason is not None and any(each.isalnum() for each in reason["reason"])
    quiets = number if line[: found.start()].strip() else number + 1
    return Quieting(codes, quiets, number, found.start() + 1, len(line) - found.start(), has_reason)


def quieted_secrets(text: str) -> frozenset[int]:
    """Return the lines of a text that a comment says hold no secret."""
    return frozenset(each.quiets for each in quietings(text) if not {*NOT_SECRET}.isdisjoint(each.codes))
