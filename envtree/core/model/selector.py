"""Selectors: globs for the names of a target, or for the first of these names (`production`, `*/accounts`)."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from envtree.core.model.tree import Target

if TYPE_CHECKING:
    from collections.abc import Sequence


def selects(selector: str, named: Target | Sequence[str]) -> bool:
    """Return whether each part of a selector matches the name at its position; an empty selector matches nothing."""
    names = (named.environment, named.service, named.process) if isinstance(named, Target) else named
    parts = selector.rstrip("/").split("/")
    return len(parts) <= len(names) and all(map(fnmatch.fnmatchcase, names, parts))
