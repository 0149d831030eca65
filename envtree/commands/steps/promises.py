"""Proves what schemas promise about compiled targets, by those that they are compared with."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from envtree.core.promises import check_promises, compared_targets

if TYPE_CHECKING:
    from envtree.core.compile import Compilation, Parsed, Schemas
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project, Target

FINGERPRINT_KEY = 16
"""The bytes of the key that fingerprints are made with."""


def beside_targets(
    project: Project, schemas: Schemas, chosen: tuple[Target, ...], name: str | None = None
) -> tuple[Target, ...]:
    """Return the targets that schemas promise something of (a name, or any) in comparison with the chosen ones."""
    return compared_targets(project, schemas, chosen, name) if schemas and chosen else ()


def prove(
    source: Source,
    schemas: Schemas,
    compiled: tuple[Compilation, tuple[Diagnostic, ...]],
    parsed: Parsed,
    beside: tuple[Target, ...],
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the promises about compiled targets, if they are compared with those `beside` them."""
    compilation, problems = compiled
    return check_promises(source, schemas, compilation, problems, parsed, beside=beside, key=_key())


@cache
def _key() -> bytes:
    """Return the random key of the fingerprints of hidden values: another one in each run."""
    return os.urandom(FINGERPRINT_KEY)
