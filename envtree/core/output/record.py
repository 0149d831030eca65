"""A build's line in the log, written by hand where it is plain: a build that changes nothing waits for no import."""

from __future__ import annotations

FORMAT = 2
"""Of a manifest: what was built in another is built anew."""
DEFAULT_ACCESS = "0600"
"""What a build gives without being asked."""


def record(
    generation: str,
    source: str,
    access: str,
    selectors: tuple[str, ...],
    version: str,
    commit: str | None,
    dirty: bool | None,  # noqa: FBT001 - a fact, not a switch
) -> str:
    """One line of JSON: the generation, the digest of the source it was made from, and how it was asked for.

    `commit` is the one that was checked out or read (None: there is none), and `dirty` says that the source differs
    from it (None: it lies in no repository).
    """
    chosen = ", ".join(_quoted(selector) for selector in selectors)
    return (
        f'{{"generation": "{generation}", "commit": {_literal(commit)}, "dirty": {_literal(dirty)}, '
        f'"source": "{source}", "access": {_quoted(access)}, "selectors": [{chosen}], '
        f'"version": "{version}", "format": {FORMAT}}}'
    )


def _literal(value: str | bool | None) -> str:  # noqa: FBT001 - a fact, not a switch
    if value is None:
        return "null"
    return _quoted(value) if isinstance(value, str) else str(value).lower()


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    import json

    return json.dumps(text)
