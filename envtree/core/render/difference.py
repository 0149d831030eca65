"""How two values differ, without showing either: the kind of difference, and a fingerprint to recognise equal ones."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from envtree.core.render.interpretations import booleans, dates, is_same_json, nulls, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    Alike = Callable[[str, str], bool]

FINGERPRINT = 3
"""In bytes: enough to distinguish the values on one screen, too few to look a value up in a table."""
OTHER = "other"
_ESCAPES = re.compile(r"""\\([nrt\\"'$`!/])""")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
_ENCODED = re.compile("(?:%[0-9A-Fa-f]{2})+")


def kind(before: str, after: str) -> str:
    """Return the kind of difference between two texts: the smallest kind that explains all of it."""
    return next((words for words, alike in _KINDS if alike(before, after)), OTHER)


def phrase(words: str) -> str:
    """Return a kind of difference as the phrase to show beside two values."""
    return _PHRASES.get(words, f"differs in {words}")


def first_difference(before: str, after: str) -> int:
    """Return how many characters are equal at the start of two texts."""
    shorter = min(len(before), len(after))
    return next((number for number in range(shorter) if before[number] != after[number]), shorter)


def fingerprint(key: bytes, text: str) -> str:
    """Return hex digits that are equal for equal texts; a new key each run, so nobody can collect them."""
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
    """Return a comparison that holds if both texts reduce to the same."""
    return lambda before, after: reduce(before) == reduce(after)


def _interpreted(read: Callable[[str], Iterable[Hashable]]) -> Alike:
    """Return a comparison that holds if both texts can be read as the same value."""
    return lambda before, after: not set(read(before)).isdisjoint(read(after))


def _decoded(decode: Callable[[str], str]) -> Alike:
    """Return a comparison that holds if one text is the other decoded once, or both decode to the same."""
    return lambda before, after: decode(before) in (after, decode(after)) or before == decode(after)


_KINDS: tuple[tuple[str, Alike], ...] = (
    ("a final newline", _reduced(_one_newline_less)),
    ("line ends", _reduced(_unix_lines)),
    ("whitespace at the end", _reduced(str.rstrip)),
    ("whitespace at the start", _reduced(str.lstrip)),
    ("whitespace at the ends", _reduced(str.strip)),
    ("a number written otherwise", _interpreted(numbers)),
    ("a boolean written otherwise", _interpreted(booleans)),
    ("a null written otherwise", _interpreted(nulls)),
    ("a date written otherwise", _interpreted(dates)),
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
