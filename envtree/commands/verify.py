"""`envtree verify`: an output, read back against its manifest."""

from __future__ import annotations

from envtree.adapters.store.verify import Verified, verify

__all__ = ["Verified", "verify"]
