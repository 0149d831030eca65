"""Selectors: globs for the names of a target, or for the first of these names (`production`, `*/accounts`)."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.tree import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def selects(selector: str, named: Target | Sequence[str]) -> bool:
    """Return whether each part of a selector matches the name at its position; an empty selector matches nothing."""
    names = (named.environment, named.service, named.process) if isinstance(named, Target) else named
    parts = selector.rstrip("/").split("/")
    return len(parts) <= len(names) and all(map(fnmatch.fnmatchcase, names, parts))


def only_target(selector: str, targets: Sequence[Target], action: str) -> Target:
    """Return the one target that a selector matches; raises EnvtreeError for several.

    `action` says what is done with one target at a time, such as `shown`.
    """
    if len(targets) > 1:
        message = f"`{selector}` names {len(targets)} processes, and one is {action} at a time"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=f"choose one: {some(targets, 6)}"))
    return targets[0]


def prefixes(targets: Iterable[Target]) -> tuple[str, ...]:
    """Return every selector without a glob that matches some of the targets."""
    parts = [(each.environment, each.service, each.process) for each in targets]
    return tuple(sorted({"/".join(each[:depth]) for each in parts for depth in (1, 2, 3)}))
