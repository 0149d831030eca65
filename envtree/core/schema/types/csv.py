"""`Csv[int]`: a text of items with commas between them, each of which is checked by a type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, ValidationError, core_schema
from typing_extensions import TypeVar

from envtree.core.schema.words.messages import unusual_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Item = TypeVar("Item", default=str)


class ItemText(str):
    """The text of one item: it is read as the text of a variable is, whatever is strict about its type."""

    __slots__ = ()


class ItemMark:
    """Marks the type of the items: each is a text in its plain form."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(_read_item, handler(source))


class CsvMark:
    """Marks a list that is written with commas between its items."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_split, handler(source))


Csv = Annotated[list[Annotated[Item, ItemMark()]], CsvMark()]
"""Items with commas between them, as in `a,b,c`: at least one, none of them empty, no blank beside a comma.

The value is a list. There is no way to write a comma in an item; `Json[list[...]]` has one.
"""


def items_of(text: str) -> list[str]:
    """Return the texts of the items."""
    return text.split(",")


def is_split(function: object) -> bool:
    """Return whether a validator's function is the one that makes a list of a text."""
    return function is _split


def is_item_read(function: object) -> bool:
    """Return whether a validator's function is the one that reads an item."""
    return function is _read_item


def _split(value: object) -> object:
    """Return the items of a text; a default may be a list already."""
    if not isinstance(value, str):
        return value
    if not value:
        raise PydanticCustomError("envtree_no_items", "no items")
    return [ItemText(item) for item in items_of(value)]


def _read_item(text: Any, read: Callable[[Any], Any]) -> Any:
    """Return an item as its type reads it; raises a PydanticCustomError for a text that is not in its plain form."""
    if not isinstance(text, ItemText):
        return read(text)
    if not text:
        raise PydanticCustomError("envtree_empty_item", "an empty item")
    if text != text.strip():
        raise PydanticCustomError("envtree_item_blank", "a blank beside a comma")
    try:
        value = read(str(text))
    except ValidationError:
        value = read(text)  # refused again, as an item, or taken by a type that is not strict about texts
    if kind := unusual_form(text, value):
        raise PydanticCustomError(kind, "an unusual form")
    return value
