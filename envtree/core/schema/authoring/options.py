"""Options of `model_config` that have no meaning for variables: refused with the way out, and none is passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.schema.declarations import lineage, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.model.tree import Span
    from envtree.core.schema.language import Settings
    from envtree.core.schema.rules import Schema

HONOURED = frozenset(
    (*ConfigDict.__annotations__, "env_prefix", "env_ignore_empty", "case_sensitive", "validate_by_alias")
)
"""pydantic's own, which a class keeps to wherever its validators run, and those that envtree itself reads."""
_ONE_NAME = "a variable has one name: the alias, where a field has one"
_FROM_LAYERS = "values come from the layers in `configs/` alone; remove it"
_REFUSED = {
    "env_nested_delimiter": "declare each variable as a field of its own, or one with `Json[...]`",
    "env_nested_max_split": "declare each variable as a field of its own, or one with `Json[...]`",
    "env_parse_none_str": "`!unset` in a layer removes a variable",
    "env_parse_enums": "a value is the text of a member, not its name",
    "env_file": _FROM_LAYERS,
    "env_file_encoding": _FROM_LAYERS,
    "secrets_dir": _FROM_LAYERS,
    "json_file": _FROM_LAYERS,
    "yaml_file": _FROM_LAYERS,
    "toml_file": _FROM_LAYERS,
}
_REFUSED_VALUES: dict[str, tuple[object, str]] = {
    "extra": ("forbid", "a variable that no class declares is always an error: declare it, or remove the option"),
    "case_sensitive": (True, "the names of variables are case-sensitive; write the field as the variable is written"),
    "populate_by_name": (False, _ONE_NAME),
    "validate_by_name": (False, _ONE_NAME),
    "validate_by_alias": (True, _ONE_NAME),
}
"""The one value of an option that has its meaning here, and the way out for others."""


def unusable_options(schema: Schema) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each option of a class that can't have its meaning."""
    model = schema.model
    for option, value in model.model_config.items():
        advice = _advice(option, value)
        if advice:
            shown = f"{option}={value!r}" if isinstance(value, (bool, str)) else option
            yield Diagnostic(
                "unusable-option",
                f"`{shown}` can't have its meaning for variables",
                _written_at(model, option, schema.texts) or schema.class_location(),
                help=advice,
                shown=True,
            )


def _advice(option: str, value: object) -> str:
    """Return the way out where an option can't be honoured; empty where it can."""
    if option in _REFUSED_VALUES:
        honoured, advice = _REFUSED_VALUES[option]
        return "" if value == honoured or value is None else advice
    if option in _REFUSED:
        return _REFUSED[option] if value else ""
    if option == "env_prefix":
        return "" if isinstance(value, str) else "write a text"
    if option in HONOURED:
        return ""
    return f"pydantic has no such option{did_you_mean(option, HONOURED)}" if value is not None else ""


def _written_at(model: type[Settings], option: str, texts: Mapping[str, str]) -> Span | None:
    """Return where a class, or one that it inherits from, sets an option."""
    for base, path, text in lineage(model, texts):
        spans = options_of(path, text).get(base.__name__, {})
        if option in spans:
            return spans[option]
    return None
