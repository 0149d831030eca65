"""Options of `model_config` that have no meaning for variables: refused with the way out, and none is passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.schema.authoring.raised import defined_at
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
_SOURCES = "settings_customise_sources"
_ONE_NAME = "a variable has one name: the alias, where a field has one"
_FROM_LAYERS = "values come from the layers in `configs/` alone; remove it"
_REFUSED = {
    **dict.fromkeys(
        ("env_nested_delimiter", "env_nested_max_split", "nested_model_default_partial_update"),
        "declare each variable as a field of its own, or one with `Json[...]`",
    ),
    "env_parse_none_str": "`!unset` in a layer removes a variable",
    "env_parse_enums": "a value is the text of a member, not its name",
}
_PREFIXES = {
    "cli_": "the arguments of a program are its own; remove it",
    **dict.fromkeys(
        ("env_file", "dotenv_", "secrets_", "json_file", "yaml_", "toml_", "pyproject_toml_"),
        _FROM_LAYERS,
    ),
}
"""The ways out for options of pydantic-settings, by how their names begin."""
_REFUSED_VALUES: dict[str, tuple[object, str]] = {
    "extra": ("forbid", "a variable that no class declares is always an error: declare it, or remove the option"),
    "case_sensitive": (True, "the names of variables are case-sensitive; write the field as the variable is written"),
    "populate_by_name": (False, _ONE_NAME),
    "validate_by_name": (False, _ONE_NAME),
    "validate_by_alias": (True, _ONE_NAME),
    "env_prefix_target": ("variable", "`env_prefix` comes before the names of fields without an alias; remove it"),
    "enable_decoding": (True, "`Json[...]` says what is read from JSON, and `str` what is not; remove it"),
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


def unusable_methods(schema: Schema) -> Iterator[Diagnostic]:
    """Yield a diagnostic where a class says which sources its values come from."""
    if hasattr(schema.model, _SOURCES):
        yield Diagnostic(
            "unusable-option",
            f"`{_SOURCES}` can't have its meaning for variables",
            defined_at(getattr(schema.model, _SOURCES), schema.texts) or schema.class_location(),
            help=_FROM_LAYERS,
            shown=True,
        )


def _advice(option: str, value: object) -> str:
    """Return the way out where an option can't be honoured; empty where it can."""
    if option in _REFUSED_VALUES:
        honoured, advice = _REFUSED_VALUES[option]
        return "" if value == honoured or value is None else advice
    advice = _REFUSED.get(option) or next((each for start, each in _PREFIXES.items() if option.startswith(start)), "")
    if advice:
        return advice if value else ""
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
