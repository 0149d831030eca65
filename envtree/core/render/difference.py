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
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
"""Characters without width: soft hyphen, zero-width spaces and joiners, direction marks, byte order mark."""
_REFERENCE = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[^{}]*\}|\([^()]*\)|[0-9$?!#@*-])|`[^`]*`")
"""What a shell expands between double quotes."""
MIN_TYPO = 4
"""The length from which on one other character is a slip; shorter values are other values."""


def kind(before: str, after: str) -> str:
    """Return the kind of difference between two texts: the smallest kind that explains all of it."""
    return next((words for words, alike in _KINDS if alike(before, after)), OTHER)


def phrase(words: str) -> str:
    """Return a kind of difference as the phrase to show beside two values."""
    return _PHRASES.get(words, f"differs in {words}")


def sealing_phrase(*, before: bool, after: bool) -> str:
    """Return the phrase to show beside two values of which these sides are sealed, so that they can't be compared."""
    if before and after:
        return "encrypted anew"
    return f"{'now' if after else 'no longer'} sealed, maybe with the same value"


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


def _without_mark(text: str) -> str:
    return text.removeprefix("\ufeff")


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _undoubled(text: str) -> str:
    return _unix_lines(text).replace("\n\n", "\n")


def _as_utf8(text: str) -> str:
    """Return a text whose UTF-8 was read as Latin-1 or Windows-1252, read as UTF-8; any other text as it is."""
    for charset in ("latin-1", "cp1252"):
        try:
            return text.encode(charset).decode()
        except ValueError:
            continue
    return text


def _is_expanded(before: str, after: str) -> bool:
    """Return whether one text is the other with what a shell expands replaced, by nothing or by something."""
    return _expands_to(before, after) or _expands_to(after, before)


def _expands_to(written: str, text: str) -> bool:
    first, *middle = _REFERENCE.split(written)
    if not middle or not text.startswith(first) or _REFERENCE.search(text):
        return False
    *middle, last = middle
    position = len(first)
    for part in middle:
        position = text.find(part, position) + len(part)
        if position < len(part):
            return False
    return text.endswith(last) and len(text) - len(last) >= position


def _is_one_character_off(before: str, after: str) -> bool:
    """Return whether one character is another, or one of two neighbours is missing, in a text that is not short."""
    if min(len(before), len(after)) < MIN_TYPO or abs(len(before) - len(after)) > 1:
        return False
    start = first_difference(before, after)
    longer, shorter = sorted((before[start:], after[start:]), key=len, reverse=True)
    return longer[1:] == (shorter[1:] if len(longer) == len(shorter) else shorter)


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
    ("a byte order mark", _reduced(_without_mark)),
    ("characters without width", _reduced(_visible)),
    ("whitespace at the end", _reduced(str.rstrip)),
    ("whitespace at the start", _reduced(str.lstrip)),
    ("whitespace at the ends", _reduced(str.strip)),
    ("doubled newlines", _decoded(_undoubled)),
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
    ("mojibake", _decoded(_as_utf8)),
    ("JSON written otherwise", is_same_json),
    ("one of them is empty", _is_empty),
    ("a reference expanded", _is_expanded),
    ("cut short", _is_cut_short),
    ("one character", _is_one_character_off),
)
_PHRASES = {
    "one of them is empty": "one of them is empty",
    "cut short": "one of them is cut short",
    "a reference expanded": "one of them has what a shell expands, such as `$NAME`, replaced",
    "doubled newlines": "one of them has newlines doubled",
    "mojibake": "one of them is UTF-8 read as another encoding",
    OTHER: "differs in its content",
}
