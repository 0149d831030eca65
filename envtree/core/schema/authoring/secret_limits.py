"""Limits beside a secret type, `Secret[str] = Field(min_length=8)`: they are meant for the value inside it.

pydantic would apply them to the object that hides the value, which has no length and no order.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import pydantic
from annotated_types import BaseMetadata, GroupedMetadata
from pydantic.fields import FieldInfo

from envtree.core.schema.language import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.schema.language import Settings

_WRAPPERS = (Secret, pydantic.Secret)


def limit_secrets(model: type[Settings]) -> None:
    """Move the limits of a class's secrets to the value inside: `Secret[Annotated[str, Field(min_length=8)]]`."""
    moved = False
    for info in model.model_fields.values():
        limits = tuple(filter(_is_limit, info.metadata))
        inner = _limited(info.annotation, limits)
        if inner is not info.annotation:
            info.annotation = inner
            info.metadata = [each for each in info.metadata if not _is_limit(each)]
            moved = True
    if moved:
        model.model_rebuild(force=True)


def _limited(annotation: Any, limits: tuple[Any, ...]) -> Any:
    """Return a type with limits for the value inside its secret; the same one where that is not what they are for."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        own = tuple(filter(_is_limit, arguments[1:]))
        inner = _limited(arguments[0], (*limits, *own))
        rest = tuple(each for each in arguments[1:] if not _is_limit(each))
        return annotation if inner is arguments[0] else Annotated[(inner, *rest)] if rest else inner
    if origin in (Union, types.UnionType):
        return _limited_alternatives(annotation, arguments, limits)
    if not limits:
        return annotation
    if annotation in _WRAPPERS or origin in _WRAPPERS:
        return (origin or annotation)[Annotated[((*arguments, str)[0], *limits)]]
    if annotation is pydantic.SecretStr:  # a length it has itself
        return pydantic.Secret[Annotated[(str, *limits)]]
    return annotation


def _limited_alternatives(annotation: Any, alternatives: Iterable[Any], limits: tuple[Any, ...]) -> Any:
    """Return a union with limits for its secret, and so for its other types: None alone has no limits."""
    inner = [(each, _limited(each, limits)) for each in alternatives]
    if all(one is other for one, other in inner):
        return annotation
    rest = [
        Annotated[(each, *limits)] if limits and each is limited and each is not type(None) else limited
        for each, limited in inner
    ]
    return Union[tuple(rest)]  # noqa: UP007 - as many as there are


def _is_limit(mark: object) -> bool:
    """Return whether a mark limits a value, as `Field(min_length=8)` and `StringConstraints` do."""
    if isinstance(mark, FieldInfo):
        return bool(mark.metadata) and all(map(_is_limit, mark.metadata))
    return isinstance(mark, (BaseMetadata, GroupedMetadata))
