"""The schemas of a tree that apps are added to: what a new one lacks isn't required of it, and what it has is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import errors
from envtree.core.model.source import SCHEMAS
from envtree.core.settings.heroku import Deployment
from envtree.core.yaml.remove import split_mark
from envtree.migration.importing.proof import delivered
from envtree.migration.importing.schemas.classes import MAX_LACKING, declare_from, service_classes
from envtree.migration.importing.schemas.schema_edit import (
    governs_all,
    has_class,
    loosened,
    moved_file,
    narrowed,
    widened,
    with_class,
    with_moved,
    without_fields,
)
from envtree.migration.importing.schemas.schema_file import (
    COMMON,
    SchemaClass,
    class_name,
    path_of,
    schema_file,
    with_declarations,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from envtree.core.compile import Compilation
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.importing.fitting.declared import Declared

    Texts = dict[str, str]
    """The schema files that change, by path."""


class Growth(NamedTuple):
    """A tree with its new layers and its old schemas, and what is imported into it."""

    files: Mapping[str, bytes]
    compilation: Compilation
    problems: Sequence[Diagnostic]
    imported: Collection[Deployment]
    secrets: Collection[str]
    had: str

    def text(self, path: str) -> str:
        """Return a schema file as it is, but for a byte order mark; empty where there is none."""
        return split_mark(self.files[path].decode())[1] if path in self.files else ""

    def edited(self, texts: Mapping[str, str]) -> dict[str, bytes | None]:
        """Return the files that have these texts, each with the mark that it had; None for one that is empty."""
        marks = {path: split_mark(self.files.get(path, b"").decode())[0] for path in texts}
        return {path: f"{marks[path]}{text}".encode() if text else None for path, text in texts.items()}

    def lacking(self) -> dict[tuple[str, int], set[Deployment]]:
        """Return the imported deployments that lack what a field requires, by the field's file and line."""
        found: dict[tuple[str, int], set[Deployment]] = {}
        for each in errors(self.problems):
            if each.code != "missing-variable" or each.span is None or not each.span.file.startswith(SCHEMAS):
                continue
            own = {Deployment(target.environment, target.service) for target in each.targets}
            if own <= set(self.imported):
                found.setdefault((each.span.file, each.span.line), set()).update(own)
        return found

    def deployments(self, service: str) -> set[Deployment]:
        """Return all deployments of a service."""
        own = self.compilation.own
        return {Deployment(each.environment, each.service) for each in own if each.service == service}


def narrowed_schemas(growth: Growth) -> Texts:
    """Return schemas in which what a service lacks isn't common, and what an odd app lacks isn't required of it."""
    lacking = growth.lacking()
    files: Texts = {}
    in_common = {line: found for (path, line), found in lacking.items() if path == COMMON}
    common = [line for line, found in in_common.items() if _is_of_whole_services(growth, found)]
    if common:
        files |= _with_less_in_common(growth, common, lacking)
    by_file: dict[str, dict[Deployment, list[int]]] = {}
    for (path, line), found in lacking.items():
        for each in found if path != COMMON else ():
            by_file.setdefault(path, {}).setdefault(each, []).append(line)
    for path, rows in by_file.items():
        odd = {each for each, lines in rows.items() if len(lines) > MAX_LACKING}
        others = sorted(each.environment for each in growth.deployments(next(iter(rows)).service) - odd)
        if odd and others:
            text = narrowed(growth.text(path), min(line for each in odd for line in rows[each]), others)
            files |= {path: text} if text != growth.text(path) else {}
    return files


def _is_of_whole_services(growth: Growth, found: Collection[Deployment]) -> bool:
    return all(growth.deployments(each.service) <= set(found) for each in found)


def _with_less_in_common(
    growth: Growth, numbers: Sequence[int], lacking: Mapping[tuple[str, int], Collection[Deployment]]
) -> Texts:
    """Return schemas with fields moved from the common one to those of the services that have the variables."""
    text, moved = without_fields(growth.text(COMMON), numbers)
    if not moved:
        return {}
    files = {COMMON: text if has_class(text) else ""}
    lacks = {service for line in numbers for service in {each.service for each in lacking[COMMON, line]}}
    for service in sorted({each.service for each in growth.compilation.own}):
        own = [each for each in moved if service not in lacks or _has(growth, service, each.name)]
        if not own:
            continue
        path = path_of(service)
        before = growth.text(path)
        with_fields = with_moved(before, own) if before else None
        if with_fields is None and before:
            return {}  # a class of its own is needed, whose fields can't be written down here: they are loosened
        head = f"What the processes of {service} {growth.had}."
        files[path] = with_fields or moved_file(head, class_name(path), own)
    return files


def _has(growth: Growth, service: str, name: str) -> bool:
    return any(name in delivered(node) for target, node in growth.compilation.own.items() if target.service == service)


def loosened_schemas(growth: Growth) -> Texts:
    """Return schemas in which the fields that imported apps lack are optional, each with a comment."""
    by_file: dict[str, dict[int, list[str]]] = {}
    for (path, line), found in growth.lacking().items():
        by_file.setdefault(path, {})[line] = sorted(map(str, found))
    return {path: loosened(growth.text(path), lines) for path, lines in by_file.items()}


def widened_schemas(growth: Growth) -> Texts:
    """Return schemas in which a type that was guessed from fewer values gives way to what imported apps have."""
    by_file: dict[str, dict[int, bool]] = {}
    for each in errors(growth.problems):
        for target in each.targets if each.code == "invalid-value" else ():
            if Deployment(target.environment, target.service) not in growth.imported:
                continue
            for schema in growth.compilation.governed[target].schemas:
                if each.variable in schema.rules:
                    span = schema.location(each.variable)
                    by_file.setdefault(span.file, {})[span.line] = each.variable in growth.secrets
    return {path: widened(growth.text(path), lines) for path, lines in by_file.items()}


def extended_schemas(growth: Growth, given: Declared) -> Texts:
    """Return schemas with the variables of imported apps that no class knows yet."""
    files: Texts = {}
    for service in sorted({each.service for each in growth.imported}):
        path = path_of(service)
        text = _extended(growth, service, growth.text(path), given)
        if text != growth.text(path):
            files[path] = text
    return files


def _extended(growth: Growth, service: str, text: str, given: Declared) -> str:
    rows = _rows(growth, service)
    unknown, known = _unknown(growth, service)
    names = sorted(set.union(*unknown.values()))
    path = path_of(service)
    if not text:
        own = {each: {name: row[name] for name in names if name in row} for each, row in rows.items()}
        first, *others = service_classes(own, growth.secrets, unknown) or (SchemaClass(()),)
        first = first._replace(fields=tuple(given.completed(service, first.fields, known)))
        return schema_file(path, (first, *others), growth.had) if first.fields else ""
    is_for_all = governs_all(text)
    everywhere = [
        name
        for name in names
        if all(name in unknown[each] if name in row else is_for_all for each, row in rows.items())
    ]
    fields = [declare_from(rows, name, growth.secrets) for name in everywhere]
    if fields := given.completed(service, fields, known):
        text = with_declarations(path, text, fields)
    for environment, found in sorted(unknown.items()):
        if own_names := sorted(found - set(everywhere)):
            own_rows = {environment: rows[environment]}
            own_fields = [declare_from(own_rows, name, growth.secrets) for name in own_names]
            text = with_class(text, class_name(path), SchemaClass(tuple(own_fields), (environment,)))
    return text


def _rows(growth: Growth, service: str) -> dict[str, dict[str, str]]:
    """Return by environment what the processes of a service get, together."""
    rows: dict[str, dict[str, str]] = {}
    for target, node in growth.compilation.own.items():
        if target.service == service:
            rows.setdefault(target.environment, {}).update(delivered(node))
    return rows


def _unknown(growth: Growth, service: str) -> tuple[dict[str, set[str]], frozenset[str]]:
    """Return by environment what a process has or a layer removes and no class knows, and all that is known."""
    unknown: dict[str, set[str]] = {}
    known: frozenset[str] = frozenset()
    for target, node in growth.compilation.own.items():
        if target.service == service:
            of_target = growth.compilation.governed[target].known
            unknown.setdefault(target.environment, set()).update(node.provenance.keys() - of_target)
            known |= of_target
    return unknown, known
