"""The log line of a build.

Plain text is written without the `json` module, so that a build that changes nothing waits for no import.
"""

from __future__ import annotations

FORMAT = 3
"""The format of manifests. What was built in another format is built again."""
DEFAULT_ACCESS = "0600"
"""The access of an output where no other is chosen."""


def access_text(mode: int, owner: str) -> str:
    """Return who may read an output, as the log has it: the mode of its files, and its owner if one is set."""
    return f"{mode:04o} {owner}".rstrip()


def record(
    generation: str,
    source: str,
    access: str,
    selectors: tuple[str, ...],
    version: str,
    commit: str | None,
    dirty: bool | None,  # noqa: FBT001 - a fact, not a switch
) -> str:
    """Return one line of JSON: the generation, the digest of its source, and the options of the build.

    `commit` is the commit that was checked out or read (None: there is none). `dirty` is true where the source differs
    from it (None: the source is in no repository).
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
