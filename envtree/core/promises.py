"""Proves what schemas promise about a tree, by the chosen targets and by those that they are compared with.

Who chooses some targets has the others resolved beside them (`beside`), for nothing but this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.compile import compile_targets
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.schema.governance import govern
from envtree.core.schema.promises.marks import Differs, Same
from envtree.core.schema.promises.problems import broken_promises
from envtree.core.schema.promises.proof import compared
from envtree.core.schema.stated import StatedSchemas
from envtree.core.validity import unread_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from envtree.core.compile import Compilation, Parsed, Schemas
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project, Target
    from envtree.core.schema.rules import Schema


def compared_targets(
    project: Project, schemas: Schemas, chosen: Collection[Target], name: str | None = None
) -> tuple[Target, ...]:
    """Return the targets that promises about the chosen ones (and about a name) compare with them, besides these."""
    classes = _promising(schemas)
    return compared(govern(project.targets, classes), chosen, name) if classes else ()


def compare_services(schemas: tuple[Schema, ...]) -> bool:
    """Return whether a promise may compare processes of different services: one does unless its line is one service's.

    A line is one service's where no other schema file mentions the module, so that none can inherit it.
    """
    return any(
        (isinstance(promise, Differs) or promise == Same("service")) and not _is_own(schema, name)
        for schema in _promising(schemas)
        for name, rule in schema.rules.items()
        for promise in rule.promises
    )


def _is_own(schema: Schema, name: str) -> bool:
    """Return whether the line by which a class declares a name governs the class's own service alone."""
    stem = schema.path.removeprefix(SCHEMAS).removesuffix(".py")
    others = (text for path, text in schema.texts.items() if path != schema.path)
    return (
        schema.service is not None
        and schema.location(name).file == schema.path
        and all(stem not in text for text in others)
    )


def check_promises(
    source: Source,
    schemas: Schemas,
    compilation: Compilation,
    problems: Iterable[Diagnostic],
    parsed: Parsed | None = None,
    *,
    beside: tuple[Target, ...] = (),
    key: bytes | None = None,
) -> tuple[Diagnostic, ...]:
    """Return an error for each broken promise about compiled targets, and a warning for each that can't be proved.

    `problems` are those of the compilation. `key` makes the fingerprints of hidden values.
    """
    classes = _promising(schemas)
    if not classes:
        return ()
    others, faults = compile_targets(source, compilation.project, None, beside, parsed)
    unread = _unread(compilation, problems) | _unread(others, faults)
    governed = {**compilation.governed, **govern(beside, classes)}
    return tuple(broken_promises(compilation.own, others.own, governed, unread, key))


def _promising(schemas: Schemas) -> tuple[Schema, ...]:
    """Return all classes, if one of them promises something; none if none does, or they were not run."""
    if schemas is None or isinstance(schemas, StatedSchemas):
        return ()
    return schemas if any(rule.promises for schema in schemas for rule in schema.rules.values()) else ()


def _unread(compilation: Compilation, problems: Iterable[Diagnostic]) -> set[Target]:
    """Return the targets that see a layer which can't be read."""
    files = unread_files(problems, compilation)
    return {
        target
        for target in compilation.own
        if files
        and any(f"{CONFIGS}{each}{suffix}" in files for each in layer_ids(target) for suffix in (SUFFIX, SEALED_SUFFIX))
    }
