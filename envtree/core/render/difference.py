"""How two values differ, said without showing either: the kind of difference, and a fingerprint to tell equals by."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from envtree.core.render.interpretations import booleans, dates, is_same_json, nulls, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    Alike = Callable[[str, str], bool]

FINGERPRINT = 3
"""Bytes: enough to tell the values of one screen apart, too few to look one up in a table."""
OTHER = "other"
_ESCAPES = re.compile(r"""\\([nrt\\"'$`!/])""")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_ENCODED = re.compile("(?:%[0-9A-Fa-f]{2})+")


def kind(before: str, after: str) -> str:
    """The kind of difference between two texts, the slightest that explains all of it."""
    return next((words for words, alike in _KINDS if alike(before, after)), OTHER)


def phrase(words: str) -> str:
    """A kind of difference as it stands beside two values."""
    return _PHRASES.get(words, f"differs in {words}")


def first_difference(before: str, after: str) -> int:
    """How many characters two texts start with alike."""
    shorter = min(len(before), len(after))
    return next((number for number in range(shorter) if before[number] != after[number]), shorter)


def fingerprint(key: bytes, text: str) -> str:
    """A few hex digits that are equal for equal texts; the key is made anew for each run, so that none can be kept."""
    return blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=FINGERPRINT).hexdigest()


def _one_newline_less(text: str) -> str:
    return text.removesuffix("\n")


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unquoted(text: str) -> str:
    quotes = 0
    while quotes < len(text) // 2 and text[quotes] == text[-1 - quotes] and text[quotes] in "'\"":
        quotes += 1
    return text[quotes : len(text) - quotes]


def _composed(text: str) -> str:
    from unicodedata import normalize

    return normalize("NFC", text)


def _broken_lines(text: str) -> str:
    return _unix_lines(text).replace("\\r\\n", "\n").replace("\\n", "\n")


def _unescaped(text: str) -> str:
    return _ESCAPES.sub(lambda escape: _LETTERS.get(escape[1], escape[1]), text)


def _percent_decoded(text: str) -> str:
    return _ENCODED.sub(_percent_run, text)


def _percent_run(run: re.Match[str]) -> str:
    try:
        return bytes.fromhex(run[0].replace("%", "")).decode()
    except ValueError:
        return run[0]


def _is_cut_short(before: str, after: str) -> bool:
    return before.startswith(after) or after.startswith(before)


def _is_empty(before: str, after: str) -> bool:
    return not before or not after


def _reduced(reduce: Callable[[str], str]) -> Alike:
    """Alike where nothing is left of the difference."""
    return lambda before, after: reduce(before) == reduce(after)


def _read(read: Callable[[str], Iterable[Hashable]]) -> Alike:
    """Alike where both can be read as the same."""
    return lambda before, after: not set(read(before)).isdisjoint(read(after))


def _decoded(decode: Callable[[str], str]) -> Alike:
    """Alike where one is the other decoded, once, or both come to the same."""
    return lambda before, after: decode(before) in (after, decode(after)) or before == decode(after)


_KINDS: tuple[tuple[str, Alike], ...] = (
    ("a final newline", _reduced(_one_newline_less)),
    ("line ends", _reduced(_unix_lines)),
    ("whitespace at the end", _reduced(str.rstrip)),
    ("whitespace at the start", _reduced(str.lstrip)),
    ("whitespace at the ends", _reduced(str.strip)),
    ("a number written otherwise", _read(numbers)),
    ("a boolean written otherwise", _read(booleans)),
    ("a null written otherwise", _read(nulls)),
    ("a date written otherwise", _read(dates)),
    ("letter case", _reduced(str.casefold)),
    ("quotes around it", _reduced(_unquoted)),
    ("Unicode form", _reduced(_composed)),
    ("newlines written as `\\n`", _reduced(_broken_lines)),
    ("characters written as escapes", _decoded(_unescaped)),
    ("percent-encoding", _decoded(_percent_decoded)),
    ("JSON written otherwise", is_same_json),
    ("one of them is empty", _is_empty),
    ("cut short", _is_cut_short),
)
_PHRASES = {
    "one of them is empty": "one of them is empty",
    "cut short": "one of them is cut short",
    OTHER: "differs in its content",
}
