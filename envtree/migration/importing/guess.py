"""A guess at a variable from all the values that it has: its type, and whether it is a secret."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, NamedTuple

import pydantic
from pydantic import TypeAdapter, ValidationError

from envtree.core.secrets.judgement import judge_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_LABEL = re.compile(
    r"(?:.*_)?(?:ACCOUNT|BUILD|CHANNEL|CODE|COMMIT|CONTACT|DIGEST|FAX|GUID|HASH|ID|ISSUE|MERCHANT|NUMBER|PHONE|PIN|POSTCODE"
    r"|PROJECT|REF|REFERENCE|RELEASE|REVISION|SENDER|SERIAL|SHA|SID|SLUG|TAG|TEL|TENANT|UUID|VAT|VERSION|ZIP)S?(?:_\d+)?",
    re.IGNORECASE,
)
"""Names of what may be written in digits and is no number: nobody adds one to it."""
_PRINTABLE = re.compile(r"[!-~]+")

_BY_SCHEME = {
    "amqp": "AmqpDsn",
    "amqps": "AmqpDsn",
    "http": "HttpUrl",
    "https": "HttpUrl",
    "mongodb": "MongoDsn",
    "mongodb+srv": "MongoDsn",
    "mysql": "MySQLDsn",
    "nats": "NatsDsn",
    "postgres": "PostgresDsn",
    "postgresql": "PostgresDsn",
    "redis": "RedisDsn",
    "rediss": "RedisDsn",
}
"""Types of pydantic for addresses, by the scheme that they begin with."""


class Guess(NamedTuple):
    """A type as a schema names it, and whether pydantic has it (else it is Python's own)."""

    annotation: str
    is_pydantic_type: bool = False


TEXT = Guess("str")


def guess(name: str, texts: Collection[str]) -> Guess:
    """Return the narrowest type that each value of a variable has, and a person would give it; else `str`."""
    for annotation, holds in (("bool", _is_boolean), ("int", _INTEGER.fullmatch), ("float", _NUMBER.fullmatch)):
        if texts and all(map(holds, texts)):
            return TEXT if annotation != "bool" and _LABEL.fullmatch(name) else Guess(annotation)
    type_name = _BY_SCHEME.get(next(iter(texts), "").partition("://")[0], "Json")
    holds_all = _is_json if type_name == "Json" else _address_check(type_name)
    return Guess(type_name, is_pydantic_type=True) if texts and all(map(holds_all, texts)) else TEXT


def is_secret(name: str, texts: Collection[str]) -> bool:
    """Return whether a variable must be hidden: one of its values may be a secret, and doubt is enough."""
    return judge_all(name, tuple(texts)).certainty != "plain"


def _is_boolean(text: str) -> bool:
    return text in ("true", "false")


def _address_check(type_name: str) -> Callable[[str], bool]:
    """Return a check for addresses of a type; a text with blanks or letters beyond ASCII is none."""
    adapter = _adapter(type_name)

    def holds(text: str) -> bool:
        try:
            return bool(_PRINTABLE.fullmatch(text)) and adapter.validate_python(text) is not None
        except ValidationError:
            return False

    return holds


def _is_json(text: str) -> bool:
    """Return whether a text is a JSON object or list, as `Json` takes it: a number or a word alone is text."""
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text, parse_constant=_refuse)
        _adapter("Json").validate_python(text)
    except (ValueError, RecursionError):
        return False
    return True


@functools.cache
def _adapter(type_name: str) -> TypeAdapter[object]:
    """Return what checks texts for a type of pydantic."""
    return TypeAdapter(getattr(pydantic, type_name))


def _refuse(_constant: str) -> None:
    raise ValueError
