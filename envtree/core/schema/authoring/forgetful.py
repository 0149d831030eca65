"""Validators that run before a type and return something else than the values: most of them forget to return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BeforeValidator, WrapValidator

from envtree.core.schema.authoring.raised import defined_at
from envtree.core.schema.words.messages import ValueFault

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from envtree.core.schema.fields import Rule
    from envtree.core.schema.language import Settings

_NO_MAPPING = ("model_type", "model_attributes_type", "dict_type")
_EARLY = ("before", "wrap")


def returned_nothing(
    model: type[Settings], rule: Rule | None, error: Any, text: str | None, files: Container[str]
) -> ValueFault | None:
    """Return the fault of a validator that gave pydantic no values, or no value; None if an error says something else.

    A text that is `null` in JSON is None as well, with no validator's help.
    """
    if not error["loc"] and error["type"] in _NO_MAPPING:
        return _fault("has a validator that returns no mapping of the values", _of_model(model), files)
    if rule is None or len(error["loc"]) != 1 or error.get("input", text) is not None or (text or "").strip() == "null":
        return None
    validators = tuple(_of_field(model, rule.field))
    return (
        _fault("is made None by its validator, which forgets to return it", validators, files) if validators else None
    )


def taken_away(model: type[Settings], files: Container[str]) -> ValueFault:
    """Return the fault of a validator that leaves out a value which the class requires."""
    return _fault("is left out of what a validator of its class returns", _of_model(model), files)


def _fault(message: str, validators: tuple[Any, ...], files: Container[str]) -> ValueFault:
    spans = [span for span in (defined_at(each, files) for each in validators) if span]
    notes = (f"the validator is at {spans[0].file}:{spans[0].line}",) if len(spans) == 1 else ()
    return ValueFault(message, crashed=True, notes=notes)


def _of_model(model: type[Settings]) -> tuple[Any, ...]:
    """Return the validators that see the values of a class before its fields do."""
    decorators = model.__pydantic_decorators__.model_validators.values()
    return tuple(each.func for each in decorators if each.info.mode in _EARLY)


def _of_field(model: type[Settings], field: str) -> Iterator[Any]:
    """Yield the validators that see a value before its type does."""
    for each in model.__pydantic_decorators__.field_validators.values():
        if each.info.mode in _EARLY and (field in each.info.fields or "*" in each.info.fields):
            yield each.func
    for mark in model.model_fields[field].metadata:
        if isinstance(mark, (BeforeValidator, WrapValidator)):
            yield mark.func
