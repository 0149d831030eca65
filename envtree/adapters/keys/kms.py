"""Data keys that a key of KMS opens and wraps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from envtree.adapters.aws.http import ServiceRefused
from envtree.adapters.aws.kms import kms_decrypt, kms_encrypt
from envtree.adapters.aws.session import AwsSession, Caller
from envtree.adapters.keys.faults import KeyFault
from envtree.core.sealed.keys import WrappedKey

if TYPE_CHECKING:
    from envtree.core.sealed.creation.recipient import Recipient


def open_with_kms(key: WrappedKey, session: AwsSession) -> bytes | KeyFault:
    """Return a data key, or why KMS does not give it."""
    caller = Caller(key.profile, key.role)
    try:
        return kms_decrypt(key.recipient, key.encrypted, dict(key.context), session, caller)
    except ServiceRefused as refusal:
        return _fault(refusal)


def wrap_with_kms(data_key: bytes, recipient: Recipient, session: AwsSession) -> WrappedKey | KeyFault:
    """Return a copy of a data key for a recipient, or why KMS does not give it."""
    caller = Caller(recipient.profile, recipient.role)
    try:
        encrypted = kms_encrypt(recipient.name, data_key, dict(recipient.context), session, caller)
    except ServiceRefused as refusal:
        return _fault(refusal)
    return WrappedKey(
        "kms",
        recipient.name,
        encrypted,
        role=recipient.role,
        context=recipient.context,
        profile=recipient.profile,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _fault(refusal: ServiceRefused) -> KeyFault:
    return KeyFault(f"KMS {refusal.words}", refusal.advice)
