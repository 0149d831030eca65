"""Diagnostics about the keys of sealed files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.tree import Span
from envtree.core.render.mask import from_outside, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envtree.adapters.keys.faults import KeyFault
    from envtree.core.model.diagnostic import Code
    from envtree.core.sealed.creation.recipient import Recipient
    from envtree.core.sealed.keys import WrappedKey

CODE: Code = "sealed-layer"
SHOWN = 80
"""Characters of a recipient that a message shows: the ARN of a key has 75."""
MAX_RECIPIENTS = 4
TITLES = {
    "age": "age",
    "kms": "KMS",
    "pgp": "PGP",
    "gcp_kms": "Google KMS",
    "azure_kv": "Azure Key Vault",
    "hc_vault": "Vault",
    "hckms": "Huawei KMS",
}
OTHER_KEY = "whoever has a key adds yours to `.sops.yaml`, and runs `sops updatekeys {}`"


def cannot_open(path: str, keys: Sequence[WrappedKey], faults: Sequence[KeyFault]) -> Diagnostic:
    """Return the diagnostic for a sealed file that no key of this user opens."""
    recipients = f"it is encrypted for {_recipients(keys)}" if keys else "it names no recipient"
    notes = (recipients, *dict.fromkeys(fault.words for fault in faults))
    advice = next((fault.advice for fault in faults if fault.advice), OTHER_KEY.format(one_line(path)))
    message = f"`{one_line(path)}` is sealed, and can't be opened here"
    return Diagnostic(CODE, message, Span(path, 1, 1, 0), notes=notes, help=advice)


def _recipients(keys: Iterable[WrappedKey]) -> str:
    return some((f"{TITLES[key.kind]} `{from_outside(key.recipient, SHOWN)}`" for key in keys), MAX_RECIPIENTS)


def cannot_wrap(recipient: Recipient, fault: KeyFault) -> Diagnostic:
    """Return the diagnostic for a recipient for which nothing can be encrypted."""
    message = f"nothing can be encrypted for {TITLES[recipient.kind]} `{from_outside(recipient.name, SHOWN)}`"
    return Diagnostic(CODE, message, recipient.span, notes=(fault.words,), help=fault.advice)
