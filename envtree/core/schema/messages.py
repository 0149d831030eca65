"""envtree's own messages for pydantic's errors.

pydantic's messages contain the value, even with `hide_input_in_errors`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from pydantic_core.core_schema import ErrorType

from envtree.core.schema.authoring.raised import name_of, raised_at
from envtree.core.schema.language import Secret

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from pydantic.fields import FieldInfo


class ValueFault(NamedTuple):
    """What is wrong with a value: a message that follows the variable's name, what was expected, and an example."""

    message: str
    expected: str = ""
    example: str = ""
    crashed: bool = False
    """A validator raised an exception that validators should not raise."""
    from_author: bool = False
    """The author's validator made the message when it ran, so the message can contain any value of the class."""
    note: str = ""
    """Where in the schemas it went wrong."""


HIDDEN_REFUSAL = ValueFault("is refused by its validator, whose message is hidden since it could hold a secret")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def not_canonical(text: str, value: object) -> ValueFault | None:
    """Return the fault of a text that pydantic reads, but other languages may not, or read differently.

    For example ` 80`, `8_0`, `0755`. Where an author's own validator converts the text (`10k`), the author decides what
    is valid.
    """
    if isinstance(value, Secret):
        value = value.get_secret_value()
    if hasattr(value, "unicode_string") and any(letter.isspace() for letter in text):
        return ValueFault("holds a blank or a line end, and a URL has none")
    if type(value) is int and not _INTEGER.fullmatch(text) and _reads_as(int, text, value):
        return ValueFault("is not written as a plain integer", "expected digits alone, no zero in front", "4")
    if isinstance(value, (float, Decimal)) and not _NUMBER.fullmatch(text) and _reads_as(type(value), text, value):
        return ValueFault("is not written as a plain number", "expected digits, and at most one point", "1.5")
    return None


def _reads_as(number: type, text: str, value: object) -> bool:
    """Return whether Python itself reads a text as this number, so that the text is only an unusual way to write it."""
    for read in (number, float):
        with suppress(ValueError, ArithmeticError):
            return bool(read(text) == value or value != value)  # a NaN is not even itself
    return False


def crash(error: BaseException, files: Container[str]) -> ValueFault:
    """Return the fault of a validator that raised an exception; the message names only Python's own exceptions."""
    span = raised_at(error, files)
    return ValueFault(
        f"makes its validator fail with {name_of(error)}",
        crashed=True,
        note=f"raised at {span.file}:{span.line}" if span else "",
    )


_TYPES = {
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "decimal": "a decimal number",
    "date": "a date",
    "time": "a time",
    "datetime": "a date and time",
    "date_from_datetime": "a date",
    "time_delta": "a duration",
    "uuid": "a UUID",
    "url": "a URL",
    "json": "JSON",
    "ip_v4_address": "an IPv4 address",
    "ip_v6_address": "an IPv6 address",
    "ip_any_address": "an IP address",
    "ip_v4_network": "an IPv4 network",
    "ip_v6_network": "an IPv6 network",
    "ip_any_network": "an IP network",
    "bytes_invalid": "bytes",
    "list": "a list",
    "dict": "a mapping",
    "set": "a set",
    "tuple": "a tuple",
    "complex": "a complex number",
}
_EXPECTED = {
    "bool": "`true` or `false`",
    "json": "valid JSON",
    "list": "the type `Json[list[...]]`: a variable is text",
    "dict": "the type `Json[dict[...]]`: a variable is text",
    "set": "the type `Json[set[...]]`: a variable is text",
    "tuple": "the type `Json[tuple[...]]`: a variable is text",
}


_EXAMPLES = {"int": "4", "float": "1.5", "bool": "true", "url": "https://example.com/"}
_KINDS: frozenset[str] = frozenset(get_args(ErrorType))
"""pydantic's own kinds of errors; an author's kind of error can be any text."""
_LIMITS = {
    "gt": "more than {}",
    "ge": "{} or more",
    "lt": "less than {}",
    "le": "{} or less",
    "multiple_of": "a multiple of {}",
}
_NEXT_INTEGER = {"gt": (1, "{} or more"), "lt": (-1, "{} or less")}
_OUT_OF_BOUNDS = {
    "greater_than": ("is too small", "gt"),
    "greater_than_equal": ("is too small", "ge"),
    "less_than": ("is too large", "lt"),
    "less_than_equal": ("is too large", "le"),
    "multiple_of": ("is not a multiple", "multiple_of"),
}
_ENDS = "_(type|parsing|invalid|from_date_parsing|from_datetime_parsing|parsing_size|type_size|syntax_violation)$"


def limits_of(info: FieldInfo) -> Iterator[str]:
    """Yield the bounds of a number as text: `1 or more`."""
    for mark in info.metadata:
        for name, phrase in _LIMITS.items():
            limit = getattr(mark, name, None)
            if info.annotation is int and isinstance(limit, int) and name in _NEXT_INTEGER:
                step, next_phrase = _NEXT_INTEGER[name]
                yield next_phrase.format(limit + step)
            elif limit is not None:
                yield phrase.format(limit)


def _number_within(limits: tuple[str, ...]) -> str:
    """Return an integer within bounds like `1024 or more`: the first bound that is allowed itself."""
    return next((limit.split()[0] for limit in limits if limit.endswith(("or more", "or less"))), "")


def fault_of(kind: str, context: Mapping[str, Any], limits: tuple[str, ...], *, secret: bool) -> ValueFault:
    """Return the fault for an error type of pydantic-core, without the value."""
    if kind in _OUT_OF_BOUNDS:
        message, name = _OUT_OF_BOUNDS[kind]
        return ValueFault(message, "expected " + (", ".join(limits) or _LIMITS[name].format(context.get(name))))
    if kind in ("string_too_short", "too_short"):
        return ValueFault("is too short", "" if secret else f"expected at least {context.get('min_length')} characters")
    if kind in ("string_too_long", "too_long", "url_too_long"):
        return ValueFault("is too long", "" if secret else f"expected at most {context.get('max_length')} characters")
    if kind == "string_pattern_mismatch":
        return ValueFault("doesn't match its pattern", "" if secret else f"expected `{context.get('pattern')}`")
    if kind == "literal_error" and "'" not in str(context.get("expected")):
        return ValueFault(
            "can't be one of its allowed values", 'expected the type `Literal["..."]`: a variable is text'
        )
    if kind in ("literal_error", "enum"):
        return ValueFault("is none of the allowed values", f"expected {_backticks(context.get('expected'))}")
    if kind == "url_scheme":
        return ValueFault("has the wrong URL scheme", f"expected {_backticks(context.get('expected_schemes'))}")
    stem = re.sub(_ENDS, "", kind)
    if stem in _TYPES:
        expected = _EXPECTED.get(stem, _TYPES[stem])
        example = _EXAMPLES.get(stem, "") if not limits or stem != "int" else _number_within(limits)
        return ValueFault(f"is not {_TYPES[stem]}", "expected " + ", ".join((expected, *limits)), example)
    return ValueFault(f"is not valid ({kind.replace('_', ' ')})" if kind in _KINDS else "is not valid")


def _backticks(choices: object) -> str:
    """Return pydantic's list `'a', 'b' or 'c'` with backticks, as in all messages."""
    return re.sub(r"'([^']*)'", r"`\1`", str(choices))
