"""Strict types, as pydantic-settings means them: the text itself is converted, and what is inside JSON is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from envtree.core.schema.types.csv import ItemText

if TYPE_CHECKING:
    from collections.abc import Callable


def strictly_or_not(validate: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Validate texts; again without strictness where a type refuses a text only for being one."""
    try:
        return validate(*arguments, **options)
    except ValidationError as error:
        if not any(_wants_no_text(each) for each in error.errors(include_url=False, include_context=False)):
            raise
    return validate(*arguments, strict=False, **options)


def _wants_no_text(error: Any) -> bool:
    """Return whether a value, or an item of a `Csv`, was refused since it is text: `int_type`, or `is_instance_of`."""
    is_whole = isinstance(error["input"], ItemText) or (len(error["loc"]) == 1 and isinstance(error["input"], str))
    return is_whole and (error["type"].endswith("_type") or error["type"] == "is_instance_of")
