"""Reads the shapes of what JSON holds, and the models in it, each of which becomes a record of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from envtree.core.codegen.reading import TYPE, VALIDATOR, TypeReader, is_text
from envtree.core.codegen.shapes import (
    AnythingShape,
    ArrayShape,
    MapShape,
    NullableShape,
    Record,
    RecordKey,
    RecordShape,
    SecretShape,
    Shape,
    TextShape,
)
from envtree.core.render.mask import has_password
from envtree.core.schema.fields import is_secret_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.codegen.shapes import Scalar

_LISTS = ("list", "set", "frozenset")


@dataclass
class Records:
    """The models that were met so far, in the order in which they were met; each is read once."""

    found: dict[str, Record] = field(default_factory=dict)
    _names: dict[tuple[type, bool], str] = field(default_factory=dict)

    def content(self, types: TypeReader, schema: Any) -> Shape:
        """Return the shape of what stands inside of a variable's JSON."""
        return ContentReader(self, types).content(schema)

    def name_of(self, model: type, *, hides: bool) -> tuple[str, bool]:
        """Return the name of a model's record, and whether it is to be read yet.

        A model that is part of a secret is another record: it says less of what may be in it.
        """
        key = (model, hides)
        is_new = key not in self._names
        if is_new:
            plain = "".join(letter for letter in model.__name__ if letter.isascii() and letter.isalnum()).lstrip(
                "0123456789"
            )
            name, number = plain[:1].upper() + plain[1:] or "Record", 2
            stem = name
            while name in self._names.values():
                name, number = f"{stem}{number}", number + 1
            self._names[key] = name
        return self._names[key], is_new


@dataclass(frozen=True)
class ContentReader:
    """Reads what stands inside of one variable's JSON."""

    records: Records
    types: TypeReader
    open_references: frozenset[str] = frozenset()

    def content(self, schema: Any) -> Shape:
        """Return the shape of a JSON value that a core schema takes."""
        kind = schema["type"]
        if kind == "default":
            return self.content(schema["schema"])
        if kind == "nullable":
            return NullableShape(self.content(schema["schema"]))
        if kind == "definition-ref":
            return self._referred(schema["schema_ref"])
        if kind in _LISTS or (
            kind == "tuple" and schema.get("variadic_item_index") == 0 == len(schema["items_schema"]) - 1
        ):
            return self._array(schema)
        if kind == "dict" and schema.get("keys_schema", {"type": "str"})["type"] in ("str", "any"):
            inner = schema.get("values_schema")
            return MapShape(self.content(inner) if inner else AnythingShape())
        if kind == "model":
            return self._model(schema)
        if kind == "any":
            return AnythingShape()
        if kind in ("function-after", "function-wrap", "lax-or-strict", "json-or-python"):
            return self._wrapped(schema)
        if kind == "union":
            return self._union(schema)
        return (None if kind in ("bytes", "json") else self.types.scalar(schema)) or self._unknown()

    def _unknown(self) -> AnythingShape:
        self.types.notes.append(TYPE)
        return AnythingShape()

    def _referred(self, reference: str) -> Shape:
        """Return the shape of what has a name of its own; only a model may contain itself."""
        schema = self.types.definitions.get(reference)
        if schema is None:
            return self._unknown()
        inner = schema
        while inner["type"] == "function-after":
            inner = inner["schema"]
        if inner["type"] == "model":
            return self.content(schema)
        if reference in self.open_references:
            return self._unknown()
        return ContentReader(self.records, self.types, self.open_references | {reference}).content(schema)

    def _array(self, schema: Any) -> ArrayShape:
        items = schema["items_schema"][0] if schema["type"] == "tuple" else schema.get("items_schema")
        counts = schema["type"] in ("list", "tuple")  # of a set, those that are equal count once
        least = schema.get("min_length", 0) if counts else min(1, schema.get("min_length", 0))
        return ArrayShape(
            self.content(items) if items else AnythingShape(), least, schema.get("max_length") if counts else None
        )

    def _wrapped(self, schema: Any) -> Shape:
        if schema["type"] == "function-after":
            if is_secret_type(schema["function"]["function"]):
                hidden = TypeReader(self.types.definitions, self.types.content, hides=True, notes=self.types.notes)
                return SecretShape(ContentReader(self.records, hidden, self.open_references).content(schema["schema"]))
            shape = self.content(schema["schema"])
            self.types.notes.append(VALIDATOR)
            return shape
        shape = self.types.text(schema)
        return AnythingShape() if shape == TextShape() and self.types.notes[-1:] == [TYPE] else shape

    def _union(self, schema: Any) -> Shape:
        choices = [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
        kinds = [each for each in choices if each["type"] != "none"]
        if len(kinds) != 1:
            return self._unknown()
        shape = self.content(kinds[0])
        return NullableShape(shape) if len(kinds) < len(choices) else shape

    def _model(self, schema: Any) -> Shape:
        fields = schema["schema"]
        if schema.get("root_model"):
            return self.content(fields)
        if schema.get("custom_init") or fields["type"] != "model-fields" or _has_two_names(schema):
            return self._unknown()
        name, is_new = self.records.name_of(schema["cls"], hides=self.types.hides)
        if is_new:
            keys = tuple(self._key(field_name, each) for field_name, each in fields["fields"].items())
            extra = fields.get("extra_behavior") or schema.get("config", {}).get("extra_fields_behavior")
            self.records.found[name] = Record(name, tuple(each for each in keys if each), extra == "forbid")
        return RecordShape(name)

    def _key(self, name: str, schema: Mapping[str, Any]) -> RecordKey | None:
        inner, alias = schema["schema"], schema.get("validation_alias", name)
        if not isinstance(alias, str) or not is_text(alias):
            self.types.notes.append(TYPE)
            return None
        has_default = inner["type"] == "default"
        default = inner.get("default")
        shape = self.content(inner)
        is_written = has_default and not self.types.hides and not _may_be_secret(shape)
        plain = plain_default(default) if is_written else None
        return RecordKey(alias, name, shape, required=not has_default, default=plain)


def _may_be_secret(shape: Shape) -> bool:
    """Return whether a shape is not shown, or says too little to know: a union may hold a secret."""
    return isinstance(shape.value if isinstance(shape, NullableShape) else shape, (SecretShape, AnythingShape))


def plain_default(value: object) -> Scalar | None:
    """Return a default that all languages can write; None for another, and for one with a password in it."""
    value = value.value if isinstance(value, Enum) else value
    if isinstance(value, str):
        return str.__str__(value) if is_text(value) and not has_password(value) else None
    if type(value) is float:
        return value if math.isfinite(value) else None
    return value if isinstance(value, (bool, int)) and type(value) in (bool, int) else None


def _has_two_names(schema: Any) -> bool:
    config = schema.get("config", {})
    return bool(config.get("populate_by_name") or config.get("validate_by_name"))
