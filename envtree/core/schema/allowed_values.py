"""The texts that a field allows, where its type lists them: a `Literal`, an `Enum`, with whatever is round it.

Read from pydantic's core schema, which says what is really asked: a name can stand for a type, and a validator in front
of a type can make other texts fit it. Of what is not known here, nothing is said.
"""

from __future__ import annotations

from enum import Enum, EnumMeta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.core.schema.language import Settings

    _Definitions = dict[str, Any]

_PASSED_ON = ("nullable", "default", "function-after")
"""What asks at least as much of a text as the schema inside."""
_STRUCTURED = frozenset(
    ("json", "list", "tuple", "set", "frozenset", "dict", "generator", "model", "dataclass", "typed-dict")
)

Choices = tuple[str, ...]


class AllowedValues(NamedTuple):
    """What can be said of a field's values: the only ones (None: any), and whether they may be lists or mappings."""

    choices: Choices | None = None
    structured: bool = True


def forms_of(model: type[Settings]) -> dict[str, AllowedValues]:
    """The form of each field; of none where a validator sees the values before the fields do."""
    schema: Any = model.__pydantic_core_schema__
    definitions: _Definitions = {}
    while schema["type"] != "model-fields":
        if schema["type"] == "definitions":
            definitions = {each["ref"]: each for each in schema["definitions"]}
        elif schema["type"] not in ("model", "function-after") or schema.get("custom_init"):
            return {}
        schema = schema["schema"]
    return {
        name: AllowedValues(
            _choices(field["schema"], definitions), not _STRUCTURED.isdisjoint(_kinds(field, definitions))
        )
        for name, field in schema["fields"].items()
    }


def either(alternatives: Iterable[Choices | None]) -> Choices | None:
    """What one of several allows."""
    found: dict[str, None] = {}
    for choices in alternatives:
        if choices is None:
            return None
        found.update(dict.fromkeys(choices))
    return tuple(found)


def both(conditions: Iterable[Choices | None]) -> Choices | None:
    """What all of several allow."""
    found: Choices | None = None
    for choices in conditions:
        if choices is not None:
            found = choices if found is None else tuple(text for text in found if text in choices)
    return found


def _choices(schema: Any, definitions: _Definitions) -> Choices | None:
    kind = schema["type"]
    if kind == "literal":
        return tuple(dict.fromkeys(text for each in schema["expected"] for text in _texts(each)))
    if kind == "enum":
        return _members(schema["cls"])
    if kind == "none":
        return ()
    if kind in _PASSED_ON and schema.get("on_error", "raise") == "raise":
        return _choices(schema["schema"], definitions)
    if kind == "union":
        inner = (each[0] if isinstance(each, tuple) else each for each in schema["choices"])
        return either(_choices(each, definitions) for each in inner)
    if kind == "definition-ref":
        name = schema["schema_ref"]
        others = {ref: each for ref, each in definitions.items() if ref != name}  # a type may hold itself
        return _choices(definitions[name], others) if name in definitions else None
    return None


def _texts(literal: object) -> Iterator[str]:
    """The texts that are equal to what stands in a `Literal`."""
    for each in (literal, literal.value if isinstance(literal, Enum) else None):
        if isinstance(each, str):
            yield str.__str__(each)


def _members(enum: Any) -> Choices | None:
    """The texts of an enum; None where it makes a member of others too."""
    texts = tuple(enum._value2member_map_)
    is_plain = enum._missing_.__func__ is Enum.__dict__["_missing_"].__func__ and type(enum) is EnumMeta
    return texts if is_plain and all(isinstance(each, str) for each in texts) else None


def _kinds(schema: Any, definitions: _Definitions) -> Iterator[str]:
    """The kind of each part of a core schema."""
    stack, rest = [schema], dict(definitions)
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if isinstance(kind := part.get("type"), str):
                yield kind
            stack.extend(part.values())
            stack.append(rest.pop(part.get("schema_ref", ""), None))
        elif isinstance(part, (list, tuple)):
            stack.extend(part)
