"""envtree's own messages for pydantic's errors.

pydantic's messages contain the value, even with `hide_input_in_errors`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import SchemaValidator, core_schema

from envtree.core.schema.authoring.raised import name_of, raised_at, text_of
from envtree.core.schema.language import Secret
from envtree.core.schema.types.duration import written
from envtree.core.schema.words.words import COLLECTIONS, EXAMPLES, EXPECTED, FORMS, TYPES, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

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
    place: str = ""
    """Where inside the value, if that is JSON: `[1].port`."""
    notes: tuple[str, ...] = ()
    """Where in the schemas it went wrong, and what else is wrong with the value."""


HIDDEN_REFUSAL = ValueFault("is refused by its validator, whose message is hidden since it could hold a secret")
EMPTY_IS_MISSING = ValueFault("is empty, which `env_ignore_empty` takes for missing, and it is required")
_MISFIT = re.compile(r"Unable to apply constraint '(\w+)' to ")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def not_canonical(text: str, value: object) -> ValueFault | None:
    """Return the fault of a text that pydantic reads, but other languages may not, or read differently."""
    kind = unusual_form(text, value)
    return ValueFault(*FORMS[kind]) if kind else None


def unusual_form(text: str, value: object) -> str:
    """Return the kind of fault of a text that other languages may not read as pydantic does; empty for a plain one.

    For example ` 80`, `8_0`, `0755`. Where an author's own validator converts the text (`10k`), the author decides what
    is valid.
    """
    if isinstance(value, Secret):
        value = value.get_secret_value()
    if hasattr(value, "unicode_string") and any(letter.isspace() for letter in text):
        return "envtree_url"
    if (
        isinstance(value, int)
        and not isinstance(value, bool)
        and not _INTEGER.fullmatch(text)
        and _reads_as(int, text, value)
    ):
        return "envtree_integer"
    if isinstance(value, (float, Decimal)) and not _NUMBER.fullmatch(text) and _reads_as(type(value), text, value):
        return "envtree_number"
    return ""


_READERS: dict[type, tuple[Callable[[str], Any], ...]] = {
    int: (SchemaValidator(core_schema.int_schema()).validate_python,),
    float: (SchemaValidator(core_schema.float_schema()).validate_python,),
}


def _reads_as(number: type, text: str, value: object) -> bool:
    """Return whether Python or pydantic reads a text as this number, so that it is only an unusual way to write it.

    pydantic reads `1_.5`, and `0-1` as -1.
    """
    readers: tuple[Callable[[str], Any], ...] = (number, float, *_READERS.get(number, ()))
    for read in readers:
        with suppress(ValueError, ArithmeticError):
            return bool(read(text) == value or value != value)  # a NaN is not even itself
    return False


def crash(error: BaseException, files: Container[str]) -> ValueFault:
    """Return the fault of a validator that raised an exception; the message names only Python's own exceptions."""
    limit = _MISFIT.match(text_of(error))
    if limit:
        return ValueFault(f"is of a type without a `{limit[1]}`; write it beside the type that has one", crashed=True)
    span = raised_at(error, files)
    return ValueFault(
        f"makes its validator fail with {name_of(error)}",
        crashed=True,
        notes=(f"raised at {span.file}:{span.line}",) if span else (),
    )


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
_ENDS = "_(type|str_parsing|parsing|invalid|from_date_parsing|from_datetime_parsing|syntax_violation)$"


def limits_of(info: FieldInfo) -> Iterator[str]:
    """Yield the bounds of a number as text: `1 or more`."""
    for mark in info.metadata:
        for name, phrase in _LIMITS.items():
            limit = _shown(getattr(mark, name, None))
            if info.annotation is int and isinstance(limit, int) and name in _NEXT_INTEGER:
                step, next_phrase = _NEXT_INTEGER[name]
                yield next_phrase.format(limit + step)
            elif limit is not None:
                yield phrase.format(limit)


def _shown(limit: Any) -> Any:
    """Return a limit as a value within it is written."""
    return written(limit) if isinstance(limit, timedelta) else limit


def _number_within(limits: tuple[str, ...]) -> str:
    """Return an integer within bounds like `1024 or more`: the first bound that is allowed itself."""
    return next((limit.split()[0] for limit in limits if limit.endswith(("or more", "or less"))), "")


def fault_of(kind: str, context: Mapping[str, Any], limits: tuple[str, ...], *, secret: bool) -> ValueFault:
    """Return the fault for an error type of pydantic, without the value."""
    if kind in _OUT_OF_BOUNDS:
        message, name = _OUT_OF_BOUNDS[kind]
        return ValueFault(message, "expected " + (", ".join(limits) or _LIMITS[name].format(_shown(context.get(name)))))
    fault = _fault_of_length(kind, context) or _fault_of_choice(kind, context)
    if fault:
        return fault._replace(expected="") if secret else fault
    if kind == "url_scheme":
        return ValueFault("has the wrong URL scheme", f"expected {_backticks(context.get('expected_schemes'))}")
    if kind in FORMS:
        return ValueFault(*FORMS[kind])
    if kind in WORDS:
        return ValueFault(*WORDS[kind])
    return _fault_of_type(re.sub(_ENDS, "", kind), limits)


def _fault_of_length(kind: str, context: Mapping[str, Any]) -> ValueFault | None:
    """Return the fault of a text, or a list, that is too short, too long or not like a pattern."""
    unit = "items" if kind in ("too_short", "too_long") else "bytes" if kind.startswith("bytes") else "characters"
    if kind in ("string_too_short", "bytes_too_short", "too_short"):
        return ValueFault("is too short", f"expected at least {context.get('min_length')} {unit}")
    if kind in ("string_too_long", "bytes_too_long", "too_long", "url_too_long"):
        return ValueFault("is too long", f"expected at most {context.get('max_length')} {unit}")
    if kind == "string_pattern_mismatch":
        return ValueFault("doesn't match its pattern", f"expected `{context.get('pattern')}`")
    return None


def _fault_of_choice(kind: str, context: Mapping[str, Any]) -> ValueFault | None:
    """Return the fault of a text that is none of those that are listed."""
    if kind == "literal_error" and "'" not in str(context.get("expected")):
        return ValueFault(
            "can't be one of its allowed values", 'expected the type `Literal["..."]`: a variable is text'
        )
    if kind in ("literal_error", "enum"):
        return ValueFault("is none of the allowed values", f"expected {_backticks(context.get('expected'))}")
    return None


def _fault_of_type(stem: str, limits: tuple[str, ...]) -> ValueFault:
    """Return the fault of a text that is not of a type."""
    if stem in COLLECTIONS:
        what, written = COLLECTIONS[stem]
        return ValueFault(f"is not {what}", f"expected the type `Json[{written}]`: a variable is text")
    if stem not in TYPES:
        return ValueFault("is not valid")
    expected = EXPECTED.get(stem, TYPES[stem])
    example = EXAMPLES.get(stem, "") if not limits or stem != "int" else _number_within(limits)
    return ValueFault(f"is not {TYPES[stem]}", "expected " + ", ".join((expected, *limits)), example)


def _backticks(choices: object) -> str:
    """Return pydantic's list `'a', 'b' or 'c'` with backticks, as in all messages."""
    return re.sub(r"'([^']*)'", r"`\1`", str(choices))
