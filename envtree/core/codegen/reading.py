"""Reads shapes from what pydantic makes of a class: what a loader in any language can check of a variable.

A loader must never refuse what the schema takes: what isn't understood is a text, or anything in JSON, with a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, EnumMeta
from functools import partial
from typing import TYPE_CHECKING, Any

from envtree.core.codegen.patterns import portable
from envtree.core.codegen.shapes import (
    AnythingShape,
    BooleanShape,
    ChoiceShape,
    CommaShape,
    DurationShape,
    EitherShape,
    IntegerShape,
    JsonShape,
    NumberShape,
    PathShape,
    SecretShape,
    Shape,
    TextShape,
    UrlShape,
)
from envtree.core.schema.fields import is_secret_type
from envtree.core.schema.types.csv import is_item_read, is_split
from envtree.core.schema.types.duration import is_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from envtree.core.schema.language import Settings

TYPE, VALIDATOR, PATTERN, LENGTH, BOUNDS, CHOICES = (
    *("its type", "its validator", "its pattern", "its length", "its bounds", "its choices"),
)
"""What is not carried over, as a note says it."""
_BOUNDS = ("ge", "gt", "le", "lt", "multiple_of")


def fields_of(model: type[Settings]) -> tuple[Mapping[str, Any], Mapping[str, Any], bool]:
    """Return the core schemas of a class's fields, what these refer to, and whether a validator sees values first."""
    schema: Any = model.__pydantic_core_schema__
    definitions: dict[str, Any] = {}
    is_seen_first = False
    while schema["type"] != "model-fields":
        if schema["type"] == "definitions":
            definitions = {each["ref"]: each for each in schema["definitions"]}
        is_seen_first |= schema["type"] not in ("definitions", "model", "function-after") or bool(
            schema.get("custom_init")
        )
        if "schema" not in schema:
            return {}, definitions, True
        schema = schema["schema"]
    return {name: each["schema"] for name, each in schema["fields"].items()}, definitions, is_seen_first


@dataclass
class TypeReader:
    """Reads the type of one variable; `hides` leaves out what could be a secret: choices, patterns and defaults."""

    definitions: Mapping[str, Any]
    content: Callable[[TypeReader, Any], Shape]
    """Reads what stands inside of JSON."""
    hides: bool
    notes: list[str] = field(default_factory=list)

    def text(self, schema: Any) -> Shape:
        """Return the shape of a text that a core schema takes."""
        kind = schema["type"]
        if kind in ("default", "nullable"):
            return self.text(schema["schema"])
        if kind == "definition-ref" and schema["schema_ref"] in self.definitions:
            return self.text(self.definitions[schema["schema_ref"]])
        if kind in ("function-after", "function-before", "function-wrap"):
            return self._wrapped(schema)
        if kind in ("lax-or-strict", "json-or-python"):
            return self._for_json_and_python(schema)
        if kind == "union":
            return self._union(schema)
        if kind == "json":
            content = schema.get("schema")
            return JsonShape(self.content(self, content) if content else AnythingShape())
        return self.scalar(schema) or self.unknown()

    def unknown(self) -> TextShape:
        """Return any text, with a note that its type is not carried over."""
        self.notes.append(TYPE)
        return TextShape()

    def scalar(self, schema: Any) -> Shape | None:
        """Return the shape of what is no container and has no validator; None for a kind that is not carried over."""
        kind = schema["type"]
        if kind == "str":
            return self._text(schema)
        if kind == "int":
            return self._integer(schema)
        if kind == "float":
            return self._number(schema)
        if kind == "bool":
            return BooleanShape()
        if kind == "bytes":
            self._note(LENGTH, is_left_out=bool(schema.keys() & {"min_length", "max_length"}))
            return TextShape()
        if kind in ("url", "multi-host-url"):
            return _url(schema)
        if kind == "literal":
            return self._choice([each.value if isinstance(each, Enum) else each for each in schema["expected"]])
        if kind == "enum" and _is_plain_enum(schema["cls"]):
            members = [each.value for each in schema["members"]]
            if schema.get("sub_type") == "int" and all(type(each) is int for each in members):
                return self._integers(members)
            return self._choice(members)
        return None

    def _note(self, note: str, *, is_left_out: bool) -> None:
        if is_left_out:
            self.notes.append(note)

    def _text(self, schema: Any) -> TextShape:
        """Return a text; what is stripped before it is checked may be longer, and need not match, as it is written."""
        pattern, is_stripped = schema.get("pattern"), bool(schema.get("strip_whitespace"))
        carried = portable(pattern) if isinstance(pattern, str) and schema.get("regex_engine") != "python-re" else None
        if self.hides or is_stripped:
            carried = None
        self._note(PATTERN, is_left_out=pattern is not None and carried is None)
        self._note(LENGTH, is_left_out=is_stripped and "max_length" in schema)
        return TextShape(
            schema.get("min_length", 0),
            None if is_stripped else schema.get("max_length"),
            (carried,) if carried is not None else (),
        )

    def _integer(self, schema: Any) -> IntegerShape:
        """Return an integer with its bounds, all of them included."""
        bounds = {name: schema[name] for name in _BOUNDS if name in schema}
        whole = {name: each for name, each in bounds.items() if type(each) is int}
        self._note(BOUNDS, is_left_out=len(whole) < len(bounds))
        lows = [whole[name] + more for name, more in (("ge", 0), ("gt", 1)) if name in whole]
        highs = [whole[name] - less for name, less in (("le", 0), ("lt", 1)) if name in whole]
        return IntegerShape(max(lows, default=None), min(highs, default=None), whole.get("multiple_of"))

    def _number(self, schema: Any) -> NumberShape:
        self._note(BOUNDS, is_left_out="multiple_of" in schema)
        least, most, above, below = (
            None if schema.get(name) is None else float(schema[name]) for name in ("ge", "le", "gt", "lt")
        )
        return NumberShape(least, most, above, below, finite=schema.get("allow_inf_nan") is False)

    def _choice(self, values: list[Any]) -> Shape | None:
        """Return the choice between texts; what no variable can hold, such as a text that is no UTF-8, is left out."""
        if not all(isinstance(each, str) for each in values):
            return None
        if self.hides:
            self.notes.append(CHOICES)
            return TextShape()
        return ChoiceShape(tuple(dict.fromkeys(str.__str__(each) for each in values if is_text(each))))

    def _integers(self, values: list[Any]) -> IntegerShape:
        if self.hides:
            self.notes.append(CHOICES)
            return IntegerShape()
        return IntegerShape(choices=tuple(dict.fromkeys(int(each) for each in values)))

    def _wrapped(self, schema: Any) -> Shape:
        """Return the shape of what a function sees: envtree's and pydantic's own are known, an author's is not."""
        function, inner = schema["function"]["function"], schema["schema"]
        if schema["type"] == "function-before":
            if is_split(function) and inner["type"] == "list":
                return self._items(inner)
            if is_read(function):
                self._note(BOUNDS, is_left_out=bool(inner.keys() & {"le", "ge", "lt", "gt"}))
                return DurationShape()
            return self.unknown()
        if schema["type"] == "function-wrap":
            is_url = inner["type"] in ("url", "multi-host-url") and _is_of_pydantic(function, "networks")
            return _url(inner) if is_url else self.unknown()
        if is_secret_type(function) or (_is_of_pydantic(function, "types") and "Secret" in function.__qualname__):
            return SecretShape(self.text(inner))
        shape = self.text(inner)
        if isinstance(function, partial) and _is_of_pydantic(function.func, "_internal"):
            return self._limited(shape, function.keywords)
        self.notes.append(VALIDATOR)
        return shape

    def _limited(self, shape: Shape, limits: Mapping[str, Any]) -> Shape:
        """Return a shape with limits that pydantic checks after its type; those of other types than lists are noted."""
        if isinstance(shape, CommaShape) and limits.keys() <= {"min_length", "max_length"}:
            return replace(
                shape, least=limits.get("min_length", shape.least), most=limits.get("max_length", shape.most)
            )
        self.notes.append(LENGTH if limits.keys() & {"min_length", "max_length"} else BOUNDS)
        return shape

    def _items(self, schema: Any) -> CommaShape:
        item = schema["items_schema"]
        if item["type"] == "function-wrap" and is_item_read(item["function"]["function"]):
            item = item["schema"]
        return CommaShape(self.text(item), schema.get("min_length", 0), schema.get("max_length"))

    def _for_json_and_python(self, schema: Any) -> Shape:
        """Return the shape of pydantic's types for Python: a path, or a secret."""
        for each in _functions(schema):
            if _is_of_pydantic(each["function"]["function"], "_internal"):
                return PathShape()
            return self._wrapped(each)
        return self.unknown()

    def _union(self, schema: Any) -> Shape:
        """Return the one type of a union that a text can be, or the types whose values are texts."""
        choices = [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
        shapes = [self.text(each) for each in choices if each["type"] != "none"]
        if len(shapes) == 1:
            return shapes[0]
        texts = tuple(each for each in shapes if isinstance(each, (TextShape, UrlShape, ChoiceShape)))
        return EitherShape(texts) if shapes and len(texts) == len(shapes) else self.unknown()


def is_text(value: str) -> bool:
    """Return whether a text can be written as UTF-8, so that a variable can hold it."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def unwrapped(shape: Shape) -> tuple[Shape, bool]:
    """Return a shape without its secrecy, and whether it had one."""
    return (shape.value, True) if isinstance(shape, SecretShape) else (shape, False)


def _functions(schema: Any) -> Iterator[Any]:
    """Yield the functions around types in a core schema, the outermost first."""
    stack = [schema]
    while stack:
        part = stack.pop(0)
        if isinstance(part, dict):
            if part.get("type") in ("function-after", "function-wrap", "function-before"):
                yield part
            stack += [part[each] for each in ("lax_schema", "json_schema", "choices", "schema") if each in part]
        elif isinstance(part, (list, tuple)):
            stack += part


def _is_of_pydantic(function: Any, module: str) -> bool:
    name = str(getattr(function, "__module__", ""))
    return name == f"pydantic.{module}" if module in ("types", "networks") else name.startswith(f"pydantic.{module}")


def _is_plain_enum(enum: Any) -> bool:
    """Return whether an enum takes its members' values alone."""
    return enum._missing_.__func__ is Enum.__dict__["_missing_"].__func__ and type(enum) is EnumMeta


def _url(schema: Any) -> UrlShape:
    several = schema["type"] == "multi-host-url"
    needs_host = several or (bool(schema.get("host_required")) and not schema.get("default_host"))
    return UrlShape(tuple(schema.get("allowed_schemes") or ()), needs_host, several, schema.get("max_length"))
