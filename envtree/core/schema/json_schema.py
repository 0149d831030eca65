"""The JSON Schema of each layer file, for editors: draft 7, which the YAML language server supports best.

An editor sees one file at a time. envtree checks only the values that win, and a narrower layer may override a value
that a process could not take. So a schema refuses a value only where no process that sees the file could take it.
`validate` reports the rest.
"""

from __future__ import annotations

import json
import math
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import layer_ids
from envtree.core.model.diagnostic import some
from envtree.core.render.mask import has_password, mask_passwords
from envtree.core.runit.envdir import MAX_NAME, is_plain_name, name_fault
from envtree.core.schema.allowed_values import AllowedValues, allowed_values, intersection, union
from envtree.core.schema.declarations import FieldSource, as_text, field_sources
from envtree.core.schema.governance import govern
from envtree.core.schema.marks.deprecated import deprecation_text
from envtree.core.yaml.json_value import plain_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envtree.core.model.tree import Project
    from envtree.core.schema.governance import Governance
    from envtree.core.schema.rules import Schema

    Scalar = str | int | float | bool
    Declaring = tuple[tuple[Schema, ...], ...]

FOLDER = ".envtree"
"""The folder below the tree's root for files that are generated for one checkout."""
SCHEMA_FOLDER = f"{FOLDER}/schema"
MARK = '{\n  "$comment": "written by `envtree schema`",\n'
"""The text that each JSON Schema begins with."""

_HEAD = f"""{MARK}\
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "envtree",
  "type": "object",
"""
_PLAIN_NAMES = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": MAX_NAME}
_SCALARS = ("string", "number", "boolean", "null")
_NESTED = "a variable is text: write `!json` before a list or a mapping"
_FROM_TAG = r"^$|\$"
"""The texts that may come from a tag.

A language server does not see tags: `!unset` leaves an empty text, and the text of an `!expand` has a `$`.
"""
_MAX_NUMBER = 300
"""Digits of a number that every JSON reader accepts."""


class FieldDescription(NamedTuple):
    """What one class declares of one variable, as far as that helps the author of a value."""

    allowed: AllowedValues
    declared: str
    title: str
    description: str
    deprecated: bool
    default: Scalar | None
    examples: tuple[Scalar, ...]


def editor_schemas(project: Project, schemas: tuple[Schema, ...]) -> dict[str, str]:
    """Return the JSON Schema of every layer file that is possible in a project, by its path below the schema folder."""
    governed = govern(project.targets, schemas)
    seen: dict[str, dict[Governance, None]] = {}
    for target in project.targets:
        for layer_id in layer_ids(target):
            seen.setdefault(layer_id, {})[governed[target]] = None
    secret = frozenset(rule.name for schema in schemas for rule in schema.rules.values() if rule.secret)
    descriptions = {schema: _descriptions(schema, secret) for schema in schemas}

    @cache
    def property_text(name: str, declaring: Declaring) -> str:
        alternatives = tuple(tuple(descriptions[schema][name] for schema in classes) for classes in declaring)
        return json.dumps(_property(alternatives, secret=name in secret))

    text = cache(lambda governances: _text(governances, property_text))
    return {f"{layer_id}.json": text(tuple(seen[layer_id])) for layer_id in sorted(seen)}


def _text(governances: tuple[Governance, ...], property_text: Callable[[str, Declaring], str]) -> str:
    """Return the schema of a layer file whose processes these classes govern, with a line for each variable."""
    names = _names(governances)
    if names is None:
        default = json.dumps(_values(AllowedValues()))
        rest = f'"propertyNames": {json.dumps(_PLAIN_NAMES)},\n  "additionalProperties": {default}'
    else:
        lines = (f"    {json.dumps(name)}: {property_text(name, _declaring(name, governances))}" for name in names)
        rest = '"properties": {\n' + ",\n".join(lines) + '\n  },\n  "additionalProperties": false'
    return f"{_HEAD}  {rest}\n}}\n"


def _declaring(name: str, governances: tuple[Governance, ...]) -> Declaring:
    """Return, for each process that sees a file, the classes that declare a variable; equal ones once."""
    return tuple(dict.fromkeys(tuple(governance.declaring.get(name, ())) for governance in governances))


def _names(governances: tuple[Governance, ...]) -> tuple[str, ...] | None:
    """Return the names that every governed process knows; None where none is governed, so any plain name is allowed."""
    known = [governance.known for governance in governances if governance.schemas]
    if not known:
        return None
    usable = is_plain_name if len(known) < len(governances) else lambda name: name_fault(name) is None
    return tuple(sorted(filter(usable, frozenset.intersection(*known))))


def _property(alternatives: tuple[tuple[FieldDescription, ...], ...], *, secret: bool) -> dict[str, object]:
    """Return the schema of a variable's value: it must suit all classes of at least one alternative."""
    every = tuple(dict.fromkeys(each for alternative in alternatives for each in alternative))
    choices = union(intersection(each.allowed.choices for each in alternative) for alternative in alternatives)
    structured = any(all(each.allowed.structured for each in alternative) for alternative in alternatives)
    titles = _distinct(each.title for each in every)
    declared = some(_distinct(each.declared for each in every), 3)
    defaults = {(type(each.default), each.default) for each in every}
    default = every[0].default if len(defaults) == 1 else None
    examples = tuple(dict.fromkeys(example for each in every for example in each.examples))
    return {
        **({"title": ", ".join(titles)} if titles else {}),
        "description": "\n\n".join((*_distinct(each.description for each in every), declared)),
        **({"deprecated": True} if all(each.deprecated for each in every) else {}),
        **({"writeOnly": True} if secret else {}),
        **_values(AllowedValues(choices, structured)),
        **({} if default is None else {"default": default}),
        **({"examples": examples} if examples else {}),
    }


def _values(allowed: AllowedValues) -> dict[str, object]:
    """Return the schema of the allowed values.

    These are any scalar of YAML, or every YAML form of the listed texts; `null` is always allowed, since it removes the
    variable.
    """
    yaml_values = [_yaml_values(text) for text in allowed.choices or ()]
    if not yaml_values or None in yaml_values:
        return {"type": [*_SCALARS, *(("array", "object") if allowed.structured else ())], "errorMessage": _NESTED}
    listed = {(type(value), value): value for values in yaml_values for value in values or ()}
    tagged = {"type": "string", "pattern": _FROM_TAG}
    return {"anyOf": [{"enum": [*listed.values()]}, {"type": "null"}, tagged]}


def _yaml_values(text: str) -> tuple[Scalar, ...] | None:
    """Return the values that YAML 1.2 reads from a text, quoted and plain; None where JSON can't express one."""
    plain = plain_scalar(text)
    if plain is None or len(text) > _MAX_NUMBER or has_password(text):
        return None
    value = json.loads(plain)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return (text,) if value is None or isinstance(value, str) else (text, value)


def _descriptions(schema: Schema, secret: frozenset[str]) -> dict[str, FieldDescription]:
    """Return the description of each variable of a class; the description of a secret contains no possible value."""
    allowed = allowed_values(schema.model)
    return {
        name: _description(schema, name, allowed.get(rule.field, AllowedValues()), hidden=name in secret)
        for name, rule in schema.rules.items()
    }


def _description(schema: Schema, name: str, allowed: AllowedValues, *, hidden: bool) -> FieldDescription:
    """Return the description of one variable."""
    rule = schema.rules[name]
    info = schema.model.model_fields[rule.field]
    location = schema.location(name)
    field_source = field_sources(location.file, schema.texts[location.file]).get(location, FieldSource("", ""))
    kind = "Secret" if hidden else mask_passwords(field_source.annotation)
    description = as_text(info.description) or field_source.docstring
    for promise in rule.promises:
        description = f"{description}\n\n{promise.words[0].upper()}{promise.words[1:]}.".lstrip()
    if rule.deprecated:
        description = f"{deprecation_text(rule.deprecated)}\n\n{description}".rstrip()
    return FieldDescription(
        allowed._replace(choices=None) if hidden else allowed,
        f"{kind} in {location.file}" if kind else location.file,
        mask_passwords(as_text(info.title)),
        mask_passwords(description),
        rule.deprecated is not None,
        None if hidden else _scalar(info.default),
        () if hidden or not isinstance(info.examples, list | tuple) else _scalars(info.examples),
    )


def _scalar(value: object) -> Scalar | None:
    """Return a value of a schema as JSON; None unless it is a plain one without a password in it."""
    value = value.value if isinstance(value, Enum) else value
    if isinstance(value, str):
        return None if has_password(value) else str.__str__(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (bool, int, float)) else None


def _scalars(values: Iterable[object]) -> tuple[Scalar, ...]:
    return tuple(each for each in map(_scalar, values) if each is not None)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
