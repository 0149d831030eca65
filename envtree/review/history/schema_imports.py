"""The schema files that a schema file may need: those that its text mentions, directly or indirectly."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE = "__init__"
_ANY = frozenset((b"import_module", b"__import__", b"importlib"))
"""Words with which a file may import any name that it computes."""


def needed(files: Mapping[str, bytes]) -> dict[str, frozenset[str]]:
    """Return for each file its own path and those of all files that it may import; too many rather than too few."""
    by_stem: dict[bytes, list[str]] = {}
    for path in files:
        by_stem.setdefault(posixpath.basename(path).removesuffix(".py").encode(), []).append(path)
    direct = {path: _mentioned(_words(data), by_stem, files) for path, data in files.items()}
    return {path: _closure(path, direct) for path in files}


def _mentioned(
    words: frozenset[bytes], by_stem: Mapping[bytes, list[str]], files: Mapping[str, bytes]
) -> frozenset[str]:
    if not _ANY.isdisjoint(words):
        return frozenset(files)
    stems = (words & by_stem.keys()) | {PACKAGE.encode()}
    return frozenset(path for stem in stems for path in by_stem.get(stem, ()))


def _closure(path: str, direct: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found = {path}
    pending = [path]
    while pending:
        new = direct[pending.pop()] - found
        found |= new
        pending += new
    return frozenset(found)


@cache
def _words(data: bytes) -> frozenset[bytes]:
    return frozenset(re.findall(rb"\w+", data))
