"""Defaults that their own types refuse: pydantic takes them as they are, and the program gets what no type says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WrapValidator
from pydantic_core import ValidationError

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.schema.language import Secret
from envtree.core.schema.words.messages import fault_of, limits_of
from envtree.core.schema.words.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.schema.fields import Rule
    from envtree.core.schema.language import Settings
    from envtree.core.schema.rules import Schema

_AUTHORS = ("value_error", "assertion_error")
"""What a type of the author's says of a text: it need not understand the default, nor like it."""
_VALIDATORS = (AfterValidator, BeforeValidator, PlainValidator, WrapValidator)


def refused_defaults(schema: Schema) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each default that its own type refuses."""
    defaults = {name: rule for name, rule in schema.rules.items() if _is_plain(schema.model, rule)}
    values = {name: _default(schema.model, rule) for name, rule in defaults.items()}
    for name, error in _errors(schema, values):
        if error["type"] in KINDS and error["type"] not in _AUTHORS and not _is_from_json(error, values[name]):
            yield _refused(schema, defaults[name], error, values[name])


def _is_plain(model: type[Settings], rule: Rule) -> bool:
    """Return whether a field has a default, and no validator of the author's sees it: that is made for texts."""
    info = model.model_fields[rule.field]
    if rule.required or info.default_factory is not None:
        return False
    decorators = model.__pydantic_decorators__
    seen = any({rule.field, "*"}.intersection(each.info.fields) for each in decorators.field_validators.values())
    seen = seen or any(each.info.mode != "after" for each in decorators.model_validators.values())
    return not (seen or any(isinstance(mark, _VALIDATORS) for mark in info.metadata))


def _default(model: type[Settings], rule: Rule) -> Any:
    default = model.model_fields[rule.field].default
    return default.get_secret_value() if isinstance(default, Secret) else default


def _errors(schema: Schema, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what pydantic says of these values, all together; one by one where a validator fails over one of them."""
    try:
        found = tuple(_errors_of(schema, values))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - an author's validator may raise anything, and is not asked here
        found = (
            tuple(each for name in values for each in _errors(schema, {name: values[name]})) if len(values) > 1 else ()
        )
    yield from found


def _errors_of(schema: Schema, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    try:
        schema.model.__pydantic_validator__.validate_python({schema.rules[name].key: values[name] for name in values})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            name = schema.variable(each["loc"])
            if name in values:
                yield name, each


def _is_from_json(error: Any, default: object) -> bool:
    """Return whether a type is read from JSON, which a default need not be."""
    return error["type"] == "json_type" and not isinstance(default, str)


def _refused(schema: Schema, rule: Rule, error: Any, default: object) -> Diagnostic:
    limits = tuple(limits_of(schema.model.model_fields[rule.field])) if len(error["loc"]) == 1 else ()
    fault = fault_of(error["type"], error.get("ctx", {}), limits, secret=rule.secret)
    message, advice = f"the default of `{rule.name}` {fault.message}", "change the default, or the type"
    if default is None:
        message = f"the default of `{rule.name}` is None, which its type does not allow"
        advice = "allow it, as in `str | None`, or give another default"
    return Diagnostic(
        "invalid-default",
        message,
        schema.location(rule.name),
        label="" if default is None else fault.expected,
        help=advice,
        shown=True,
        variable=rule.name,
    )
