"""The credentials of one caller of AWS; the secret parts are in no representation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

MARGIN = timedelta(minutes=1)
"""How long before their end credentials are fetched anew."""


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
