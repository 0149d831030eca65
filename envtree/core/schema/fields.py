"""What a class declares of each variable, and what it must see to check one."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints, is_typeddict

import pydantic
from pydantic import BaseModel

from envtree.core.schema.declarations import as_text
from envtree.core.schema.language import Deprecated, PortMark, Secret
from envtree.core.schema.promises.marks import Promise
from envtree.core.schema.types.csv import CsvMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic.fields import FieldInfo

    from envtree.core.schema.language import Settings

_SECRETS = (Secret, pydantic.Secret, pydantic.SecretStr, pydantic.SecretBytes)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one class declares of one variable."""

    name: str
    field: str
    key: str
    """What pydantic reads it from: the alias of the field, or its name."""
    required: bool
    secret: bool
    port: bool
    csv: bool
    """Its text is a list with commas."""
    deprecated: Deprecated | None = None
    promises: tuple[Promise, ...] = ()
    secret_inside: bool = False
    """It is secret as a whole only since a field of a model in its JSON is."""


def rules_of(model: type[Settings]) -> dict[str, Rule]:
    """Return a class's rules by names in the environment: `env_prefix` comes before the names without an alias."""
    prefix = str(model.model_config.get("env_prefix", ""))
    rules = {}
    for name, info in model.model_fields.items():
        marks = (*info.metadata, *marks_of(info.annotation))
        is_secret = any(is_secret_type(mark) for mark in marks)
        is_inside = not is_secret and _holds_secret(marks, set())
        alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
        variable = alias or f"{prefix}{name}"
        rules[variable] = Rule(
            variable,
            name,
            alias or name,
            info.is_required(),
            is_secret or is_inside,
            any(isinstance(mark, PortMark) for mark in marks),
            any(isinstance(mark, CsvMark) for mark in marks),
            _deprecated(info, marks),
            tuple(mark for mark in marks if isinstance(mark, Promise)),
            is_inside,
        )
    return rules


def is_secret_type(mark: object) -> bool:
    """Return whether a type is one whose values are never shown."""
    return isinstance(mark, type) and issubclass(mark, _SECRETS)


def _holds_secret(marks: Iterable[Any], seen: set[Any]) -> bool:
    """Return whether one of these types is never shown, or has such a field at any depth, as models in JSON may."""
    for mark in marks:
        if is_secret_type(mark):
            return True
        if isinstance(mark, type) and mark not in seen:
            seen.add(mark)
            if any(_holds_secret(marks_of(each), seen) for each in _types_inside(mark)):
                return True
    return False


def _types_inside(kind: type) -> Iterable[Any]:
    """Return the annotations of a model's fields, or of those of a dataclass, a TypedDict or a named tuple."""
    if issubclass(kind, BaseModel):
        return [info.annotation for info in kind.model_fields.values()]
    if not (is_dataclass(kind) or is_typeddict(kind) or hasattr(kind, "_fields")):
        return ()
    try:
        return get_type_hints(kind, include_extras=True).values()
    except (NameError, TypeError):  # pydantic itself refuses such a class
        return ()


def _deprecated(info: FieldInfo, marks: tuple[Any, ...]) -> Deprecated | None:
    """Return how a field is deprecated: by envtree's mark, or in pydantic's own way, which has no date."""
    mark = next((each for each in marks if isinstance(each, Deprecated)), None)
    if mark or info.deprecation_message is None:
        return mark
    return Deprecated("" if info.deprecated is True else as_text(info.deprecation_message))


def needs_whole_target(model: type[Settings]) -> bool:
    """Return whether a class must see a target's values together, since a validator uses several of them."""
    decorators = model.__pydantic_decorators__
    if decorators.model_validators or decorators.root_validators or model.model_config.get("frozen"):
        return True
    if model.model_post_init is not BaseModel.model_post_init or has_own_init(model):
        return True
    special = any(info.default_factory is not None or info.frozen for info in model.model_fields.values())
    return special or _gets_other_fields(model.__pydantic_core_schema__)


def has_own_init(model: type[Settings]) -> bool:
    """Return whether a class, or one that it inherits from, makes its instances in a way of its own."""
    return bool(model.__pydantic_custom_init__)


def _gets_other_fields(schema: Any) -> bool:
    """Return whether a validator in a core schema gets the other fields as well."""
    stack = [schema]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if part.get("type") == "with-info":
                return True
            stack.extend(part.values())
        elif isinstance(part, (list, tuple)):
            stack.extend(part)
    return False


def marks_of(annotation: Any, seen: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield all types and marks inside an annotation, including those behind a type alias."""
    yield get_origin(annotation) or annotation
    for named in (annotation, get_origin(annotation)):
        behind = getattr(named, "__value__", None) or getattr(named, "__supertype__", None)
        if behind is not None and not any(behind is each for each in seen):
            yield from marks_of(behind, (*seen, behind))
    for each in get_args(annotation):
        if not isinstance(each, str):
            yield from marks_of(each, seen)
