"""For whom a new sealed file is encrypted, as `.sops.yaml` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envtree.core.model.tree import Span
    from envtree.core.sealed.keys import RecipientKind


@dataclass(frozen=True, slots=True)
class Recipient:
    """One key that is to open a file: the name is an age or SSH recipient, an ARN, a fingerprint, or an address."""

    kind: RecipientKind
    name: str
    role: str | None = None
    context: tuple[tuple[str, str], ...] = ()
    profile: str | None = None
    span: Span | None = None
