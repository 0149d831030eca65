"""A build's line in the log, written by hand where it is plain: a build that changes nothing waits for no import."""

from __future__ import annotations

DEFAULT_ACCESS = "0600"
"""What a build gives without being asked."""


def record(generation: str, source: str, access: str, selectors: tuple[str, ...], version: str) -> str:
    """One line of JSON: the generation, the digest of the source it was made from, and how it was asked for."""
    chosen = ", ".join(_quoted(selector) for selector in selectors)
    return (
        f'{{"generation": "{generation}", "source": "{source}", "access": {_quoted(access)}, '
        f'"selectors": [{chosen}], "version": "{version}"}}'
    )


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    import json

    return json.dumps(text)
