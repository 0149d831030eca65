"""The texts that a field allows, where its type lists them: a `Literal` or an `Enum`, alone or inside another type.

They come from pydantic's core schema, since only that shows what pydantic checks: an annotation may be an alias of a
type, and a validator that runs before a type may make other texts valid. Where this module does not know a kind of
schema, the field allows any text.
"""

from __future__ import annotations

from enum import Enum, EnumMeta
from typing import TYPE_CHECKING, Any, NamedTuple

from envtree.core.schema.types.csv import is_split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.core.schema.language import Settings

    _Definitions = dict[str, Any]

_NO_WIDER = ("nullable", "default", "function-after")
"""The core schemas that allow no text that the schema inside them refuses."""
_STRUCTURED = frozenset(
    ("json", "list", "tuple", "set", "frozenset", "dict", "generator", "model", "dataclass", "typed-dict")
)

Choices = tuple[str, ...]


class AllowedValues(NamedTuple):
    """The values that a field allows: the only texts (None: any text), and whether lists and mappings are allowed."""

    choices: Choices | None = None
    structured: bool = True


def allowed_values(model: type[Settings]) -> dict[str, AllowedValues]:
    """Return the allowed values of each field; none where a validator sees the values before the fields do."""
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


def union(alternatives: Iterable[Choices | None]) -> Choices | None:
    """Return the texts that at least one of several fields allows; None if one of them allows any text."""
    found: dict[str, None] = {}
    for choices in alternatives:
        if choices is None:
            return None
        found.update(dict.fromkeys(choices))
    return tuple(found)


def intersection(conditions: Iterable[Choices | None]) -> Choices | None:
    """Return the texts that all of several fields allow; None if each of them allows any text."""
    found: Choices | None = None
    for choices in conditions:
        if choices is not None:
            allowed = frozenset(choices)
            found = choices if found is None else tuple(text for text in found if text in allowed)
    return found


def _choices(schema: Any, definitions: _Definitions) -> Choices | None:
    kind = schema["type"]
    if kind == "literal":
        return tuple(dict.fromkeys(text for each in schema["expected"] for text in _texts(each)))
    if kind == "enum":
        return _members(schema["cls"])
    if kind == "none":
        return ()
    if kind in _NO_WIDER and schema.get("on_error", "raise") == "raise":
        return _choices(schema["schema"], definitions)
    if kind == "union":
        inner = (each[0] if isinstance(each, tuple) else each for each in schema["choices"])
        return union(_choices(each, definitions) for each in inner)
    if kind == "definition-ref":
        name = schema["schema_ref"]
        others = {ref: each for ref, each in definitions.items() if ref != name}  # a type may contain itself
        return _choices(definitions[name], others) if name in definitions else None
    return None


def _texts(literal: object) -> Iterator[str]:
    """Yield the texts that are equal to a value in a `Literal`."""
    for each in (literal, literal.value if isinstance(literal, Enum) else None):
        if isinstance(each, str):
            yield str.__str__(each)


def _members(enum: Any) -> Choices | None:
    """Return the texts of an enum; None if the enum accepts other values too, or a member is not a text."""
    texts = tuple(enum._value2member_map_)
    is_plain = enum._missing_.__func__ is Enum.__dict__["_missing_"].__func__ and type(enum) is EnumMeta
    return texts if is_plain and all(isinstance(each, str) for each in texts) else None


def _kinds(schema: Any, definitions: _Definitions) -> Iterator[str]:
    """Yield the kind of each part of a core schema; a list with commas is no list to write."""
    stack, rest = [schema], dict(definitions)
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if isinstance(function := part.get("function"), dict) and is_split(function.get("function")):
                continue
            if isinstance(kind := part.get("type"), str):
                yield kind
            stack.extend(part.values())
            stack.append(rest.pop(part.get("schema_ref", ""), None))
        elif isinstance(part, (list, tuple)):
            stack.extend(part)
