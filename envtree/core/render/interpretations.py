"""What other programs read a text as: a number, a boolean, a date, JSON; so different texts may have one meaning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

MAX_DIGITS = 400
_NUMBER = re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]{1,4})?", re.ASCII)
_BASED = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F_]+|[oO][0-7_]+|[bB][01_]+|[0-7_]+)", re.ASCII)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]{0,9}(?::[0-5]?[0-9]){1,3}(?:\.[0-9]{0,6})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9:.]{5,}.*)?", re.ASCII)
_BASES = {"x": 16, "o": 8, "b": 2}
_BOOLEANS = dict.fromkeys(("true", "yes", "on", "y", "1"), True) | dict.fromkeys(
    ("false", "no", "off", "n", "0"), False
)
_NULLS = frozenset(("", "~", "null", "Null", "NULL", "nil", "None"))


def numbers(text: str) -> Iterator[Decimal]:
    """Yield the numbers that some reader takes a text for: YAML 1.1 reads `0755` as 493 and `12:30:45` as 45,045."""
    from decimal import Decimal

    if len(text) > MAX_DIGITS:
        return
    if _NUMBER.fullmatch(text):
        yield Decimal(text.replace("_", ""))
    if _BASED.fullmatch(text):
        yield from map(Decimal, _based(text.replace("_", "").lower()))
    if _SEXAGESIMAL.fullmatch(text):
        total = Decimal(0)
        for part in text.lstrip("+-").replace("_", "").split(":"):
            total = total * 60 + Decimal(part)
        yield -total if text.startswith("-") else total


def _based(text: str) -> Iterator[int]:
    """Yield an integer in base 16, 8 or 2; a leading zero alone means base 8."""
    digits = text.lstrip("+-").removeprefix("0")
    base = _BASES.get(digits[:1])
    if digits := digits[1:] if base else digits:
        yield int(digits, base or 8) * (-1 if text.startswith("-") else 1)


def booleans(text: str) -> Iterator[bool]:
    """Yield the boolean that YAML 1.1 and most programs take a text for."""
    if (lowered := text.lower()) in _BOOLEANS:
        yield _BOOLEANS[lowered]


def nulls(text: str) -> Iterator[None]:
    """Yield None for the words that YAML, Ruby and Python write for no value."""
    if text in _NULLS:
        yield None


def dates(text: str) -> Iterator[datetime]:
    """Yield the time that a text is, in UTC unless it has another zone; a date is the first instant of its day."""
    from datetime import UTC, datetime

    if _DATE.fullmatch(text):
        try:
            found = datetime.fromisoformat(text.replace(" UTC", "Z"))
        except ValueError:
            return
        yield found if found.tzinfo else found.replace(tzinfo=UTC)


def is_same_json(before: str, after: str) -> bool:
    """Return whether two texts are the same JSON, however each is written."""
    try:
        return bool(_document(before) == _document(after))
    except (ValueError, ArithmeticError, RecursionError):
        return False


def _document(text: str) -> Any:
    """Return the value of a JSON text, with each number as a pair, since in Python `1` equals `True`."""
    import json
    from decimal import Decimal

    def number(digits: str) -> tuple[str, Decimal]:
        return "number", Decimal(digits)

    return json.loads(
        text, parse_int=number, parse_float=number, parse_constant=_no_constant, object_pairs_hook=_single_keys
    )


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _single_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises ValueError for a repeated key, which readers treat in more than one way."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
