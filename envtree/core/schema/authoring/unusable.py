"""Fields that no variable can be: pydantic takes them, and they would mean something else here, or nothing."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, get_args

import pydantic

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.schema.declarations import lineage, private_fields
from envtree.core.schema.fields import marks_of
from envtree.core.schema.language import Deprecated
from envtree.core.schema.promises.marks import Differs, Same, SetIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from envtree.core.schema.rules import Schema

_ON_DISK = tuple(
    (get_args(getattr(pydantic, name))[1], name)
    for name in ("FilePath", "DirectoryPath", "NewPath", "SocketPath")
    if hasattr(pydantic, name)
)

_CALLED: dict[type, str] = {
    Deprecated: 'Deprecated("use `URL`")',
    Differs: 'Differs("environment")',
    Same: 'Same("environment")',
    SetIn: 'SetIn("environment")',
}
"""Marks, with an example of each."""


def unusable_fields(schema: Schema) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each field of a class that can't be a variable."""
    model, texts = schema.model, schema.texts
    for variable, rule in schema.rules.items():
        name, info = rule.field, model.model_fields[rule.field]
        for message, advice in _faults(name, info):
            yield Diagnostic(
                "unusable-field", message, schema.location(variable), help=advice, shown=True, variable=name
            )
        if rule.required and rule.deprecated and rule.deprecated.after:
            yield Diagnostic(
                "unusable-field",
                f"`{variable}` is to go after {rule.deprecated.after}, and it is required",
                schema.location(variable),
                help="give it a default, such as `None`, so that the lines that set it can go",
                shown=True,
                variable=variable,
            )
    for base, path, text in lineage(model, texts):
        for name, span in private_fields(path, text).get(base.__name__, {}).items():
            if name in model.__private_attributes__:
                yield Diagnostic(
                    "unusable-field",
                    f"`{name}` starts with `_`, so pydantic takes it for private, and it declares no variable",
                    span,
                    help=f'write `x: str = Field(alias="{name}")`, or `= PrivateAttr()` where it is to be private',
                    shown=True,
                    variable=name,
                )


def _faults(name: str, info: FieldInfo) -> Iterator[tuple[str, str]]:
    alias = info.validation_alias
    if alias is not None and not isinstance(alias, str):
        yield (
            f"`{name}` has an `{type(alias).__name__}`, and a variable has one name and no parts",
            'write `alias="NAME"`; a part of a variable is read from `Json[...]`',
        )
    if isinstance(info.json_schema_extra, dict) and isinstance(written := info.json_schema_extra.get("env"), str):
        yield f"`{name}` has an `env=`, which has no meaning since pydantic 2", f'write `alias="{written}"`'
    marks = (*info.metadata, *marks_of(info.annotation))
    for mark in marks:
        for on_disk, kind in _ON_DISK:
            if mark == on_disk:
                yield (
                    f"`{name}` is a `{kind}`, which would look at the disk of whoever builds",
                    "declare it `Path`, and let the program look where it runs",
                )
        if isinstance(mark, type) and mark in _CALLED:
            yield (
                f"`{name}` has `{mark.__name__}` without what is meant, which says nothing",
                f"call it: `{_CALLED[mark]}`",
            )
        if mark is pydantic.ImportString:
            yield (
                f"`{name}` is an `ImportString`, which would run what a layer names",
                "declare it `str`, with a pattern",
            )
        if _is_of_numbers(mark):
            yield (
                f"`{name}` is an `Enum` of numbers, which no text is equal to",
                "make it an `IntEnum`, or an `Enum` of texts",
            )


def _is_of_numbers(mark: Any) -> bool:
    """Return whether a type is an enum whose members no text can be."""
    if not (isinstance(mark, type) and issubclass(mark, Enum)) or issubclass(mark, (str, int, float, bytes)):
        return False
    if mark._missing_.__func__ is not Enum.__dict__["_missing_"].__func__:  # type: ignore[attr-defined]
        return False
    return bool(mark.__members__) and all(isinstance(each.value, (int, float)) for each in mark)
