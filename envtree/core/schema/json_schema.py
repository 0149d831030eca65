"""What an editor is told of each layer file: a JSON Schema, of draft 7, which the YAML language server reads best.

An editor sees one file at a time. Only winning values are judged, and one that a process could not take may be
overridden for it: a value is refused here where no process that sees the file could take it. `validate` says the rest.
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
from envtree.core.schema.allowed_values import AllowedValues, both, either, forms_of
from envtree.core.schema.declarations import Wording, wordings
from envtree.core.schema.governance import govern
from envtree.core.yaml.json_value import plain_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envtree.core.model.tree import Project
    from envtree.core.schema.governance import Governance
    from envtree.core.schema.rules import Schema

    Scalar = str | int | float | bool
    Ways = tuple[tuple[Schema, ...], ...]

FOLDER = ".envtree"
"""What is made for this checkout alone, below the tree's root."""
SCHEMA_FOLDER = f"{FOLDER}/schema"
MARK = '{\n  "$comment": "written by `envtree schema`",\n'
"""How each JSON Schema begins."""

_HEAD = f"""{MARK}\
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "envtree",
  "type": "object",
"""
_PLAIN_NAMES = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": MAX_NAME}
_SCALARS = ("string", "number", "boolean", "null")
_NESTED = "a variable is text: write `!json` before a list or a mapping"
_FROM_TAG = r"^$|\$"
"""What may come from a tag, to a language server that tags don't tell: `!unset` leaves nothing, `!expand` has a `$`."""
_MAX_NUMBER = 300
"""Digits that any JSON reader takes."""


class FieldDescription(NamedTuple):
    """What one class tells of one variable, as far as it helps whoever writes a value."""

    form: AllowedValues
    declared: str
    title: str
    description: str
    deprecated: bool
    default: Scalar | None
    examples: tuple[Scalar, ...]


def editor_schemas(project: Project, schemas: tuple[Schema, ...]) -> dict[str, str]:
    """The JSON Schema of every layer file that there can be, by its path below the folder of them."""
    governed = govern(project.targets, schemas)
    seen: dict[str, dict[Governance, None]] = {}
    for target in project.targets:
        for layer_id in layer_ids(target):
            seen.setdefault(layer_id, {})[governed[target]] = None
    secret = frozenset(rule.name for schema in schemas for rule in schema.rules.values() if rule.secret)
    told = {schema: _tellings(schema, secret) for schema in schemas}

    @cache
    def property_text(name: str, ways: Ways) -> str:
        tellings = tuple(tuple(told[schema][name] for schema in way) for way in ways)
        return json.dumps(_property(tellings, secret=name in secret))

    text = cache(lambda governances: _text(governances, property_text))
    return {f"{layer_id}.json": text(tuple(seen[layer_id])) for layer_id in sorted(seen)}


def _text(governances: tuple[Governance, ...], property_text: Callable[[str, Ways], str]) -> str:
    """The schema of a layer file whose processes these classes govern, a line for each variable."""
    names = _names(governances)
    if names is None:
        default = json.dumps(_values(AllowedValues()))
        rest = f'"propertyNames": {json.dumps(_PLAIN_NAMES)},\n  "additionalProperties": {default}'
    else:
        lines = (f"    {json.dumps(name)}: {property_text(name, _ways(name, governances))}" for name in names)
        rest = '"properties": {\n' + ",\n".join(lines) + '\n  },\n  "additionalProperties": false'
    return f"{_HEAD}  {rest}\n}}\n"


def _ways(name: str, governances: tuple[Governance, ...]) -> Ways:
    """For each process that sees a file, the classes that declare a variable; the same ones count once."""
    return tuple(
        dict.fromkeys(
            tuple(schema for schema in governance.schemas if name in schema.rules) for governance in governances
        )
    )


def _names(governances: tuple[Governance, ...]) -> tuple[str, ...] | None:
    """The names that are known to every governed process; None where none is governed, and any plain name will do."""
    known = [governance.known for governance in governances if governance.schemas]
    if not known:
        return None
    usable = is_plain_name if len(known) < len(governances) else lambda name: name_fault(name) is None
    return tuple(sorted(filter(usable, frozenset.intersection(*known))))


def _property(ways: tuple[tuple[FieldDescription, ...], ...], *, secret: bool) -> dict[str, object]:
    """What may stand after a name: what pleases all classes of one of the ways."""
    every = tuple(dict.fromkeys(telling for way in ways for telling in way))
    choices = either(both(telling.form.choices for telling in way) for way in ways)
    structured = any(all(telling.form.structured for telling in way) for way in ways)
    titles = _distinct(telling.title for telling in every)
    declared = some(_distinct(telling.declared for telling in every), 3)
    defaults = {(type(telling.default), telling.default) for telling in every}
    default = every[0].default if len(defaults) == 1 else None
    examples = tuple(dict.fromkeys(example for telling in every for example in telling.examples))
    return {
        **({"title": ", ".join(titles)} if titles else {}),
        "description": "\n\n".join((*_distinct(telling.description for telling in every), declared)),
        **({"deprecated": True} if all(telling.deprecated for telling in every) else {}),
        **({"writeOnly": True} if secret else {}),
        **_values(AllowedValues(choices, structured)),
        **({} if default is None else {"default": default}),
        **({"examples": examples} if examples else {}),
    }


def _values(form: AllowedValues) -> dict[str, object]:
    """Any scalar that YAML writes, or the listed texts in any form that YAML reads so; `null` always removes."""
    readings = [_readings(text) for text in form.choices or ()]
    if not readings or None in readings:
        return {"type": [*_SCALARS, *(("array", "object") if form.structured else ())], "errorMessage": _NESTED}
    listed = {(type(value), value): value for values in readings for value in values or ()}
    tagged = {"type": "string", "pattern": _FROM_TAG}
    return {"anyOf": [{"enum": [*listed.values()]}, {"type": "null"}, tagged]}


def _readings(text: str) -> tuple[Scalar, ...] | None:
    """What a reader of YAML 1.2 makes of a text, in quotes and without; None where no JSON can say it."""
    plain = plain_scalar(text)
    if plain is None or len(text) > _MAX_NUMBER or has_password(text):
        return None
    value = json.loads(plain)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return (text,) if value is None or isinstance(value, str) else (text, value)


def _tellings(schema: Schema, secret: frozenset[str]) -> dict[str, FieldDescription]:
    """What a class tells of each of its variables: of a secret, no value that it could have."""
    forms = forms_of(schema.model)
    return {
        name: _telling(schema, name, forms.get(rule.field, AllowedValues()), hidden=name in secret)
        for name, rule in schema.rules.items()
    }


def _telling(schema: Schema, name: str, form: AllowedValues, *, hidden: bool) -> FieldDescription:
    info = schema.model.model_fields[schema.rules[name].field]
    location = schema.location(name)
    wording = wordings(location.file, schema.texts[location.file]).get(location, Wording("", ""))
    kind = "Secret" if hidden else mask_passwords(wording.annotation)
    description = info.description or wording.docstring
    if info.deprecation_message:
        description = f"Deprecated: {info.deprecation_message}\n\n{description}".rstrip()
    return FieldDescription(
        form._replace(choices=None) if hidden else form,
        f"{kind} in {location.file}" if kind else location.file,
        mask_passwords(info.title or ""),
        mask_passwords(description),
        info.deprecated not in (None, False),
        None if hidden else _scalar(info.default),
        () if hidden else tuple(each for each in map(_scalar, info.examples or ()) if each is not None),
    )


def _scalar(value: object) -> Scalar | None:
    """A value of a schema as JSON, if it is a plain one and no password is in it."""
    value = value.value if isinstance(value, Enum) else value
    if isinstance(value, str):
        return None if has_password(value) else str.__str__(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (bool, int, float)) else None


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
