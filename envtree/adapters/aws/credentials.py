"""The credentials of one caller of AWS, and a token for them; the secret parts are in no representation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from envtree.adapters.aws.http import ServiceRefused
from envtree.adapters.files.plain_file import read_plain_file
from envtree.core.model.diagnostic import system_reason

MARGIN = timedelta(minutes=1)
"""How long before their end credentials are fetched anew."""
MAX_TOKEN = 1 << 16
"""Bytes of a file that holds a token."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, and for one that expires its session token."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    expires: datetime | None = None
    """When they end; None for those that nothing renews."""

    def is_over(self, now: datetime) -> bool:
        """Return whether new ones are due."""
        return self.expires is not None and now >= self.expires - MARGIN


def token_in(path: str, variable: str) -> str:
    """Return the token in a file that a variable names. Raises ServiceRefused."""
    try:
        return read_plain_file(path, MAX_TOKEN).data.decode("latin-1").strip()
    except OSError as error:
        words = f"can't be asked: the file of `{variable}` can't be read: {system_reason(error)}"
        raise ServiceRefused(words, "correct the variable, or unset it") from None


def credentials_from_json(text: str) -> Credentials | None:
    """Read what the metadata of an instance and of a container say; None if that is something else."""
    try:
        fields = json.loads(text)
        expires = datetime.fromisoformat(fields["Expiration"]) if fields.get("Expiration") else datetime.now(UTC)
        parts = (fields["AccessKeyId"], fields["SecretAccessKey"], fields.get("Token") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not all(isinstance(part, str) for part in parts) or not all(parts[:2]):
        return None
    return Credentials(*parts, expires if expires.tzinfo else expires.replace(tzinfo=UTC))
