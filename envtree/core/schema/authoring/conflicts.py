"""What is wrong with schema files and classes beside one another: their names, scopes and shared variables."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.model.tree import COMMON, Span
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.schema.declarations import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic.fields import FieldInfo

    from envtree.core.model.tree import Project
    from envtree.core.schema.rules import Schema


def misnamed(texts: Mapping[str, str], project: Project) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each schema file whose name is no service."""
    by_stem = {service.name.replace("-", "_"): service.name for service in project.services}
    vocabulary = Vocabulary((COMMON, *by_stem))
    for path in texts:
        stem = path.removeprefix(SCHEMAS).removesuffix(".py")
        if stem == COMMON or stem.startswith("_") or stem in by_stem:
            continue
        yield Diagnostic(
            "unknown-schema",
            f"`{path}` is named for no service{vocabulary.did_you_mean_name(stem)}",
            Span(path, 1, 1),
            help="name it for a service (`reports_api.py` for `reports-api`), "
            f"add {CONFIGS}{stem.replace('_', '-')}/service.yaml, or start its name with `_` if it only helps others",
            shown=True,
        )


def repeated_fields(path: str, text: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each field that a class declares twice."""
    for name, first, second in repeated(path, text):
        yield Diagnostic(
            "conflicting-declaration",
            f"`{name}` is declared twice in one class",
            second,
            label="declared again here",
            notes=(f"first declared at {first}; Python would keep the last without a word",),
            help="keep one of the two",
            shown=True,
        )


def conflicts(schemas: list[Schema]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each variable of different types in classes of one scope: few values satisfy both."""
    first: dict[tuple[str | None, str | None, str | None, str], Schema] = {}
    for schema in schemas:
        for name, rule in schema.rules.items():
            other = first.setdefault((schema.service, schema.process, schema.environment, name), schema)
            if other is schema or issubclass(schema.model, other.model):
                continue
            own, others = schema.model.model_fields[rule.field], other.model.model_fields[other.rules[name].field]
            if not _same_type(own, others):
                yield Diagnostic(
                    "conflicting-declaration",
                    f"`{name}` is declared with two types for the same processes",
                    schema.location(name),
                    label="declared again here",
                    notes=(f"first declared at {other.location(name)}",),
                    help="keep one of the two, or narrow a class with `process=` or `environment=`",
                    shown=True,
                    variable=name,
                )


def _same_type(one: FieldInfo, other: FieldInfo) -> bool:
    """Return whether two fields have one type; what the author's own marks raise when compared makes them differ."""
    try:
        return bool((one.annotation, one.metadata) == (other.annotation, other.metadata))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - a mark is an object of the author's
        return False


def scope_faults(schemas: Iterable[Schema], project: Project) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each class whose process or environment does not exist."""
    processes: dict[str | None, frozenset[str]] = {
        service.name: frozenset(process.name for process in service.processes) for service in project.services
    }
    processes[None] = frozenset[str]().union(*processes.values())
    environments = frozenset(each.name for each in project.environments)
    vocabulary = functools.cache(lambda names: Vocabulary(sorted(names)))
    for schema in schemas:
        for what, name, known in (
            ("process", schema.process, processes.get(schema.service, frozenset[str]())),
            ("environment", schema.environment, environments),
        ):
            if name is not None and name not in known:
                yield _unknown_scope(schema, what, name, vocabulary(known))


def _unknown_scope(schema: Schema, what: str, name: str, vocabulary: Vocabulary) -> Diagnostic:
    owner = f"`{schema.service}` has" if schema.service and what == "process" else "there is"
    near = vocabulary.did_you_mean_name(name)
    plural = "processes" if what == "process" else "environments"
    return Diagnostic(
        "unknown-scope",
        f"`{schema.model.__name__}` is for the {what} `{name}`, and {owner} no such {what}{near}",
        schema.class_location(),
        help=f"the {plural} are {vocabulary.listed}" if vocabulary.listed else "",
        shown=True,
    )
