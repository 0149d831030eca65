"""What a text may be, in no language's words: the parts of a type that a loader in any language can check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextShape:
    """A text; its length is counted in characters, and its patterns are portable (see `patterns.py`)."""

    least: int = 0
    most: int | None = None
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathShape:
    """A path in a file system, of which nothing is asked."""


@dataclass(frozen=True, slots=True)
class UrlShape:
    """A URL with one of these schemes (none: any); `several` allows more than one host; `most` counts bytes."""

    schemes: tuple[str, ...] = ()
    needs_host: bool = False
    several: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class IntegerShape:
    """An integer within bounds, or one of some choices."""

    least: int | None = None
    most: int | None = None
    multiple: int | None = None
    choices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberShape:
    """A floating point number within bounds, which `above` and `below` exclude."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    finite: bool = False


@dataclass(frozen=True, slots=True)
class BooleanShape:
    """True or false, in pydantic's words."""


@dataclass(frozen=True, slots=True)
class ChoiceShape:
    """One of some texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DurationShape:
    """A time span with units, as `1m30s`."""


@dataclass(frozen=True, slots=True)
class EitherShape:
    """A text that fits one of several shapes, each of which has a text for its value."""

    options: tuple[TextShape | UrlShape | ChoiceShape, ...]


@dataclass(frozen=True, slots=True)
class CommaShape:
    """Items with commas between them."""

    item: Shape
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class JsonShape:
    """A text that is JSON."""

    content: Shape


@dataclass(frozen=True, slots=True)
class SecretShape:
    """A value that is not shown."""

    value: Shape


# What JSON may hold besides.


@dataclass(frozen=True, slots=True)
class AnythingShape:
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class NullableShape:
    """A value or null."""

    value: Shape


@dataclass(frozen=True, slots=True)
class ArrayShape:
    """A JSON array."""

    item: Shape
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class MapShape:
    """A JSON object with any keys."""

    value: Shape


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A JSON object of a record's keys; the record is found by its name, since one may contain itself."""

    name: str


Shape = (
    TextShape
    | PathShape
    | UrlShape
    | IntegerShape
    | NumberShape
    | BooleanShape
    | ChoiceShape
    | DurationShape
    | EitherShape
    | CommaShape
    | JsonShape
    | SecretShape
    | AnythingShape
    | NullableShape
    | ArrayShape
    | MapShape
    | RecordShape
)

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class RecordKey:
    """One key of a record: under which name its value is found in the loaded record, and what if it is missing."""

    key: str
    name: str
    shape: Shape
    required: bool
    default: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A model inside of JSON."""

    name: str
    keys: tuple[RecordKey, ...]
    closed: bool
    """Whether other keys are refused."""
