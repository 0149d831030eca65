"""Selectors: globs for the names of a target, or for the first of them (`production`, `*/accounts`)."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from envtree.core.model.tree import Target

if TYPE_CHECKING:
    from collections.abc import Sequence


def selects(selector: str, named: Target | Sequence[str]) -> bool:
    """Whether it names a target, or what has these names: of each part, one; an empty selector names nothing."""
    names = (named.environment, named.service, named.process) if isinstance(named, Target) else named
    parts = selector.rstrip("/").split("/")
    return len(parts) <= len(names) and all(map(fnmatch.fnmatchcase, names, parts))
