"""`envtree verify`: reads an output back and compares it with its manifest."""

from __future__ import annotations

from envtree.adapters.store.verify import Verified, verify

__all__ = ["Verified", "verify"]
