"""What one service may see: each variable of its processes, with the shape that fits all their schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from envtree.core.codegen.combining import fitting_all, fitting_any
from envtree.core.codegen.reading import TypeReader, fields_of
from envtree.core.codegen.records import Records, plain_default
from envtree.core.codegen.shapes import (
    BooleanShape,
    ChoiceShape,
    EitherShape,
    IntegerShape,
    NumberShape,
    PathShape,
    SecretShape,
    TextShape,
    UrlShape,
)
from envtree.core.render.mask import mask_passwords
from envtree.core.schema.declarations import FieldSource, as_text, field_sources
from envtree.core.schema.governance import govern
from envtree.core.schema.marks.deprecated import deprecation_text

if TYPE_CHECKING:
    from envtree.core.codegen.shapes import Record, Scalar, Shape
    from envtree.core.model.tree import Project, Target
    from envtree.core.schema.governance import Governance
    from envtree.core.schema.rules import Schema

DEFAULT = "its default"
FIRST = "its type, since a validator of its class sees it first"


@dataclass(frozen=True, slots=True)
class LoaderVariable:
    """One variable as a loader is to read it."""

    name: str
    shape: Shape
    required: bool
    default: Scalar | None
    """What a process gets that has no value for it; None for none."""
    ignores_empty: bool
    """Whether an empty text counts as none."""
    description: str
    deprecated: str
    """That it is deprecated, and what to do; empty where it is not."""
    scope: str
    """The processes that alone know it, in words; empty where all do."""
    notes: tuple[str, ...]
    """What a loader doesn't check."""


@dataclass(frozen=True, slots=True)
class ServiceVariables:
    """All that a loader for one service is made of."""

    service: str
    variables: tuple[LoaderVariable, ...]
    records: tuple[Record, ...]
    validators: tuple[str, ...]
    """The classes that have validators over several variables, which no loader has."""


def variables_of(project: Project, schemas: tuple[Schema, ...], service: str) -> ServiceVariables:
    """Return the variables that the classes of a service's processes declare, sorted by name."""
    targets = tuple(target for target in project.targets if target.service == service)
    governed = govern(targets, schemas)
    rules = [rule for schema in schemas for rule in schema.rules.values()]
    hidden = frozenset(rule.name for rule in rules if rule.secret and not rule.secret_inside)
    names = sorted(frozenset[str]().union(*(each.known for each in governed.values())))
    records = Records()
    variables = tuple(_variable(name, governed, records, is_secret=name in hidden) for name in names)
    classes = dict.fromkeys(schema for governance in governed.values() for schema in governance.schemas)
    together = (each.model.__name__ for each in classes if each.model.__pydantic_decorators__.model_validators)
    return ServiceVariables(service, variables, tuple(records.found.values()), tuple(dict.fromkeys(together)))


def _variable(name: str, governed: dict[Target, Governance], records: Records, *, is_secret: bool) -> LoaderVariable:
    knowing = {target: governance for target, governance in governed.items() if name in governance.known}
    classes = tuple(dict.fromkeys(each for governance in knowing.values() for each in governance.declaring[name]))
    notes: list[str] = []
    shapes = {schema: _shape(schema, name, records, notes, is_secret=is_secret) for schema in classes}
    each_process = []
    for governance in dict.fromkeys(knowing.values()):
        shape, left_out = fitting_all(shapes[schema] for schema in governance.declaring[name])
        each_process.append(shape)
        notes += left_out
    shape, left_out = fitting_any(each_process)
    notes += left_out
    rules = [schema.rules[name] for schema in classes]
    is_everywhere = len(knowing) == len(governed)
    default = _default(classes, name)
    if is_secret or not is_everywhere or any(rule.required for rule in rules) or not _is_of(shape, default):
        notes += [DEFAULT] if any(_has_default(schema, name) for schema in classes) else []
        default = None
    return LoaderVariable(
        name,
        shape,
        is_everywhere and all(name in governance.required for governance in knowing.values()),
        default,
        any(schema.ignores_empty for schema in classes),
        "\n\n".join(dict.fromkeys(filter(None, (_description(schema, name) for schema in classes)))),
        _deprecated(classes, name) if all(rule.deprecated for rule in rules) else "",
        "" if is_everywhere else _scope(tuple(knowing), tuple(governed)),
        tuple(dict.fromkeys(notes)),
    )


def _deprecated(classes: tuple[Schema, ...], name: str) -> str:
    marks = (schema.rules[name].deprecated for schema in classes)
    return "; ".join(dict.fromkeys(deprecation_text(mark) for mark in marks if mark))


def _shape(schema: Schema, name: str, records: Records, notes: list[str], *, is_secret: bool) -> Shape:
    """Return the shape of a variable in one class; what no loader can check is noted."""
    rule = schema.rules[name]
    fields, definitions, is_seen_first = fields_of(schema.model)
    shape: Shape = TextShape()
    if is_seen_first or rule.field not in fields:
        notes.append(FIRST)
    else:
        reader = TypeReader(definitions, records.content, hides=is_secret, notes=notes)
        shape = reader.text(fields[rule.field])
    inner = shape.value if isinstance(shape, SecretShape) else shape
    return SecretShape(inner) if is_secret else inner


def _default(classes: tuple[Schema, ...], name: str) -> Scalar | None:
    """Return the default that all classes agree on, if it is a plain one; None otherwise."""
    infos = [schema.model.model_fields[schema.rules[name].field] for schema in classes]
    defaults = [None if info.default_factory else plain_default(info.default) for info in infos]
    return defaults[0] if len({(type(each), each) for each in defaults}) == 1 else None


def _has_default(schema: Schema, name: str) -> bool:
    """Return whether a class has a default that is more than None."""
    info = schema.model.model_fields[schema.rules[name].field]
    return info.default_factory is not None or not (info.is_required() or info.default is None)


def _is_of(shape: Shape, default: Scalar | None) -> bool:
    """Return whether a default is what a shape gives."""
    if isinstance(shape, (TextShape, UrlShape, PathShape, ChoiceShape, EitherShape)):
        return isinstance(default, str)
    if isinstance(shape, BooleanShape):
        return isinstance(default, bool)
    kinds = (int,) if isinstance(shape, IntegerShape) else (int, float) if isinstance(shape, NumberShape) else ()
    return isinstance(default, kinds) and not isinstance(default, bool)


def _description(schema: Schema, name: str) -> str:
    """Return what an author says of a variable, as the JSON Schema for editors says it."""
    info, span = schema.model.model_fields[schema.rules[name].field], schema.location(name)
    source = field_sources(span.file, schema.texts[span.file]).get(span, FieldSource("", ""))
    return mask_passwords(as_text(info.description) or source.docstring)


def _scope(knowing: tuple[Target, ...], all_targets: tuple[Target, ...]) -> str:
    """Return which processes know a variable, in words."""
    processes = sorted({target.process for target in knowing})
    environments = sorted({target.environment for target in knowing})
    within = [each for each in all_targets if each.process in processes and each.environment in environments]
    if len(within) != len(knowing):
        return "some processes"
    words = [] if len(processes) == len({each.process for each in all_targets}) else [" and ".join(processes)]
    if len(environments) < len({each.environment for each in all_targets}):
        words.append(f"in {' and '.join(environments)}")
    return " ".join(words)
