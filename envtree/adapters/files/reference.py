"""The reference of diagnostics, which comes with the program."""

from __future__ import annotations

from pathlib import Path

import envtree

REFERENCE = Path(envtree.__file__).parent / "rules.md"
"""In a checkout, a link to the page among the documents; in what is installed, the page itself."""


def read_reference() -> str:
    """Return the text of the reference."""
    return REFERENCE.read_text(encoding="utf-8")
