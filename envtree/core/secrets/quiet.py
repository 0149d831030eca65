"""Comments that quiet a line: `# envtree: not-secret, reason`."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = re.compile(r"(?P<start>#|//|<!--|;)\s{0,8}envtree:\s{0,8}not-secret\b(?P<rest>[^\n]{0,1000})")
_REASON = re.compile(r"[^\w\n]*(?P<reason>.*?)\s*(?:-->)?\s*$")


class Quieted(NamedTuple):
    """The lines that comments quiet, and the line and column of each comment that gives no reason."""

    lines: frozenset[int]
    unexplained: tuple[tuple[int, int], ...]


def quieted(text: str) -> Quieted:
    """Return what the comments of a text quiet: their own line or, where they are alone on it, the next."""
    if "not-secret" not in text:
        return Quieted(frozenset(), ())
    lines: set[int] = set()
    unexplained = []
    for number, line in enumerate(text.split("\n"), 1):
        found = _MARK.search(line)
        if found is None:
            continue
        lines.add(number if line[: found.start()].strip() else number + 1)
        reason = _REASON.match(found["rest"])
        if reason is None or not any(each.isalnum() for each in reason["reason"]):
            unexplained.append((number, found.start() + 1))
    return Quieted(frozenset(lines), tuple(unexplained))
