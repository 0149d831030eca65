"""Diagnostics for a sealed file that is not as SOPS writes it, or that was changed since; none holds a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span
from envtree.core.render.mask import from_outside

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_NAMED = 8
"""How many layers that stay closed are named."""

RESTORE = "take the file from the last commit in which it was right, and set what changed since again"


def not_sealed(path: str) -> Diagnostic:
    """Return the diagnostic for a file that has no metadata, so whatever it holds is in clear."""
    return Diagnostic(
        "invalid-metadata",
        f"`{path}` is not sealed: it has no `sops` metadata",
        Span(path, 1, 1, 0),
        help=f"seal it with `sops encrypt --in-place {path}`; a secret that was committed in clear must change",
    )


def invalid_metadata(message: str, span: Span, advice: str = "") -> Diagnostic:
    """Return the diagnostic for metadata that SOPS does not write, or that envtree does not take."""
    return Diagnostic("invalid-metadata", message, span, help=advice or RESTORE)


def clear_value(name: str, what: str, span: Span, advice: str = "") -> Diagnostic:
    """Return the diagnostic for a value that is not encrypted."""
    return Diagnostic(
        "clear-value",
        f"`{shown(name)}` {what}",
        span,
        help=advice or "put it into the layer's clear file, or seal it with `envtree set`",
        variable=name,
    )


def invalid_ciphertext(name: str, what: str, span: Span, advice: str = RESTORE) -> Diagnostic:
    """Return the diagnostic for a value that starts as an encrypted one does, and goes on otherwise."""
    return Diagnostic("invalid-ciphertext", f"`{shown(name)}` {what}", span, help=advice, variable=name)


def altered(message: str, span: Span, variable: str = "") -> Diagnostic:
    """Return the diagnostic for what does not fit the data key: somebody changed it without the key."""
    return Diagnostic("altered-layer", message, span, help=RESTORE, variable=variable)


def missing_library() -> Diagnostic:
    """Return the diagnostic for an environment without the library that opens and seals values."""
    return Diagnostic(
        "sealed-layer",
        "sealed layers need the library `cryptography`, which is not installed",
        help="install it: `pip install 'envtree[secrets]'`",
    )


def not_opened(faults: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return one warning about all sealed layers that can't be opened here, in place of an error for each."""
    if not faults:
        return ()
    more = (f"and {len(faults) - MAX_NAMED} more",) if len(faults) > MAX_NAMED else ()
    layers = "a sealed layer" if len(faults) == 1 else f"{len(faults)} sealed layers"
    return (
        Diagnostic(
            "sealed-layer",
            f"{layers} can't be opened here, so the values are not checked",
            notes=(*map(_reason, faults[:MAX_NAMED]), *more),
            help=f"{faults[0].help}; `validate --sealed require` makes this an error, `--sealed skip` opens none",
            severity="warning",
        ),
    )


def _reason(fault: Diagnostic) -> str:
    """Return the file of a layer that can't be opened, and the last of the reasons."""
    return f"{fault.span.file if fault.span else 'a layer'}: {fault.notes[-1] if fault.notes else fault.message}"


def shown(name: str) -> str:
    """Return a name as it can be part of a sentence."""
    return from_outside(name, 80)
