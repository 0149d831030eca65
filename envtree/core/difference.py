"""How two values differ, said without showing either: the kind of difference, and a fingerprint to tell equals by."""

from __future__ import annotations

from hashlib import blake2b

FINGERPRINT = 3
"""Bytes: enough to tell the values of one screen apart, too few to look one up in a table."""


def kind(before: str, after: str) -> str:
    """The kind of difference between two texts, the slightest that explains all of it."""
    for words, reduced in _KINDS:
        if reduced(before) == reduced(after):
            return words
    if not before or not after:
        return "one of them is empty"
    return "other"


def fingerprint(key: bytes, text: str) -> str:
    """A few hex digits that are equal for equal texts; the key is made anew for each run, so that none can be kept."""
    return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=FINGERPRINT).hexdigest()


def _one_newline_less(text: str) -> str:
    return text.removesuffix("\n")


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


_KINDS = (
    ("a final newline", _one_newline_less),
    ("line ends", _unix_lines),
    ("whitespace at the end", str.rstrip),
    ("whitespace at the start", str.lstrip),
    ("whitespace at the ends", str.strip),
    ("letter case", str.casefold),
    ("quotes around it", _unquoted),
)
