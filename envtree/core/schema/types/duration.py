"""`Duration`: a time span as people write it, `30s`, `1m30s` or `2h`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}
"""The units that can be written, the largest first, and what `timedelta` calls them."""
_NUMBER = "0|[1-9][0-9]{0,14}"
_WRITTEN = re.compile("".join(f"(?:(?P<{name}>{_NUMBER}){unit}(?![a-z]))?" for unit, name in UNITS.items()))


class DurationMark:
    """Marks a `timedelta` that is written with units."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_read, handler(source))


Duration = Annotated[timedelta, DurationMark()]
"""Whole numbers with units, the largest unit first and each at most once: days, hours, minutes, seconds, milliseconds.

The value is a `timedelta`. `d` is none of the units of Go.
"""


def is_read(function: object) -> bool:
    """Return whether a validator's function is the one that makes a duration of a text."""
    return function is _read


def _read(value: object) -> object:
    """Return the duration of a text; a default may be a `timedelta` already."""
    if not isinstance(value, str):
        return value
    found = _WRITTEN.fullmatch(value)
    if not value or not found:
        raise PydanticCustomError("envtree_duration", "no duration")
    try:
        return timedelta(**{name: int(number) for name, number in found.groupdict(default="0").items()})
    except OverflowError:
        raise PydanticCustomError("envtree_duration_size", "too long a duration") from None


def written(duration: timedelta) -> str:
    """Return a duration as it is written, to the millisecond: `1m30s`; `-1m30s` for one that no text is."""
    rest = abs(duration) // timedelta(milliseconds=1)
    text = ""
    for unit, name in UNITS.items():
        number, rest = divmod(rest, timedelta(**{name: 1}) // timedelta(milliseconds=1))
        text += f"{number}{unit}" if number else ""
    return ("-" if duration < timedelta() else "") + (text or "0s")
