"""The copies of a sealed file's data key, one for each recipient, as the file's own metadata names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from envtree.core.model.tree import Span

RecipientKind = Literal["age", "kms", "pgp", "gcp_kms", "azure_kv", "hc_vault", "hckms"]


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One copy of a file's data key, encrypted for one recipient."""

    kind: RecipientKind
    recipient: str
    """The age or SSH recipient, the ARN of a KMS key, a fingerprint, or what else names the recipient."""
    encrypted: str
    """The encrypted data key as the file has it: an armored age file, base64, or what the other kinds write."""
    role: str | None = None
    """The role to take before a KMS key is used."""
    context: tuple[tuple[str, str], ...] = ()
    """The encryption context of a KMS key, by name."""
    profile: str | None = None
    """The AWS profile that has access to a KMS key."""
    created: str = ""
    """When the copy was made (RFC 3339), for the kinds that note it."""
    span: Span | None = None
    """Where the recipient is in the file; None for a copy that is not from a file yet."""
