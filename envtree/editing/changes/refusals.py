"""Why an edit is refused: the diagnostics that more than one step of it makes."""

from __future__ import annotations

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.render.mask import from_outside

WIDEST_NAME = 80


def cannot_edit(message: str, advice: str) -> EnvtreeError:
    """Return the error for an edit that can't be made; nothing was written."""
    return EnvtreeError(Diagnostic("cannot-edit", message, help=advice))


def shown(name: str) -> str:
    """Return a name from the command line as a message may show it."""
    return f"`{from_outside(name, WIDEST_NAME)}`"
