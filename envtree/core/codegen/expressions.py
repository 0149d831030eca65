"""The walk through a shape that all languages share: its type, and the expression that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from envtree.core.codegen.shapes import (
    AnythingShape,
    ArrayShape,
    BooleanShape,
    ChoiceShape,
    CommaShape,
    DurationShape,
    EitherShape,
    IntegerShape,
    JsonShape,
    MapShape,
    NullableShape,
    NumberShape,
    PathShape,
    RecordShape,
    SecretShape,
    TextShape,
    UrlShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envtree.core.codegen.shapes import Shape

    Around = Callable[[str], str]
    """Returns an expression, or a type, around what is inside."""
    Scalar = IntegerShape | NumberShape | BooleanShape | UrlShape
    """Shapes that are read in another way inside of JSON."""
    Text = TextShape | PathShape | ChoiceShape | DurationShape
    """Shapes that are a text in JSON as well."""


@dataclass(frozen=True, slots=True)
class TypeWords:
    """How a language writes its types."""

    integer: str
    number: str
    boolean: str
    duration: str
    anything: str
    array: Around
    mapping: Around
    nullable: Around
    secret: Around
    text: str
    path: str
    choice: Callable[[tuple[str, ...]], str]


def type_of(shape: Shape, words: TypeWords, records: Mapping[str, str]) -> str:
    """Return the type of a shape; `records` has the names of the types of models."""
    match shape:
        case IntegerShape():
            return words.integer
        case NumberShape():
            return words.number
        case BooleanShape():
            return words.boolean
        case DurationShape():
            return words.duration
        case AnythingShape():
            return words.anything
        case CommaShape(item) | ArrayShape(item):
            return words.array(type_of(item, words, records))
        case MapShape(value):
            return words.mapping(type_of(value, words, records))
        case NullableShape(value):
            return words.nullable(type_of(value, words, records))
        case SecretShape(value):
            return words.secret(type_of(value, words, records))
        case JsonShape(content):
            return type_of(content, words, records)
        case RecordShape(name):
            return records[name]
        case PathShape():
            return words.path
        case ChoiceShape(texts) if texts:
            return words.choice(texts)
        case _:
            return words.text


class ScalarWriter(Protocol):
    """Returns the expression that reads a scalar, from a text or inside of JSON."""

    def __call__(self, shape: Scalar, *, in_json: bool) -> str: ...


@dataclass(frozen=True, slots=True)
class ReaderWords:
    """How a language writes the expressions that read a text, or a value inside of JSON."""

    scalar: ScalarWriter
    text: Callable[[Text], str]
    text_in_json: Around
    either: Around
    items: Callable[[str, int, int | None], str]
    """Takes what reads an item, and how many there are at least and at most."""
    array: Callable[[str, int, int | None], str]
    mapping: Around
    nullable: Around
    secret: Around
    json: Around
    anything: str
    record: Around
    """Takes the name of a record's type."""


def reader_of(shape: Shape, words: ReaderWords, records: Mapping[str, str], *, in_json: bool = False) -> str:
    """Return the expression that reads a shape; `records` has the names of the types of models."""

    def inside(each: Shape, *, in_json: bool = True) -> str:
        return reader_of(each, words, records, in_json=in_json)

    match shape:
        case IntegerShape() | NumberShape() | BooleanShape() | UrlShape():
            return words.scalar(shape, in_json=in_json)
        case CommaShape(item, least, most):
            return words.items(inside(item, in_json=False), least, most)
        case ArrayShape(item, least, most):
            return words.array(inside(item), least, most)
        case MapShape(value):
            return words.mapping(inside(value))
        case NullableShape(value):
            return words.nullable(inside(value))
        case SecretShape(value):
            return words.secret(inside(value, in_json=in_json))
        case JsonShape(content):
            return words.json(inside(content))
        case AnythingShape():
            return words.anything
        case RecordShape(name):
            return words.record(records[name])
        case EitherShape(options):
            text = words.either(", ".join(inside(each, in_json=False) for each in options))
        case _:
            text = words.text(shape)
    return words.text_in_json(text) if in_json else text
