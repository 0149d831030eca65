"""The `service.yaml`s of an import into a tree with content, and the ports of web processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.yaml.remove import split_mark
from envtree.core.yaml.splice import CannotUpdate
from envtree.core.yaml.update import set_entries
from envtree.core.yaml.writer import layer_text
from envtree.migration.commands.imports.import_edits import cannot_edit, with_deployments
from envtree.migration.importing.draft import service_files
from envtree.migration.importing.fitting.origin import HEROKU
from envtree.migration.importing.fitting.process_edit import with_tables
from envtree.migration.importing.fitting.process_growth import grown
from envtree.migration.importing.ports import PORT, WEB, port_class, port_layers, portless, ports_of
from envtree.migration.importing.schemas.schema_edit import with_class
from envtree.migration.importing.schemas.schema_file import class_name, path_of, schema_file

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Project
    from envtree.migration.commands.imports.import_edits import Files
    from envtree.migration.commands.imports.import_plan import ImportSurvey
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.fitting.declared import Declared


class ServiceEdits(NamedTuple):
    """The files that are new or different, the services that have a web process since, and notes for the user."""

    files: Files
    with_new_web: frozenset[str]
    notes: tuple[str, ...]


def service_edits(
    surveyed: ImportSurvey,
    project: Project,
    apps: Sequence[ImportedApp],
    new_environments: Sequence[str],
    declared: Declared,
) -> ServiceEdits:
    """Return the `service.yaml`s of services that are new, run in more environments, or run more on Heroku."""
    there = {service.name for service in project.services}
    fresh = [each for each in apps if each.deployment.service not in there]
    made, notes = service_files(fresh, declared)
    files: Files = {path: text.encode() for path, text in made.items()}
    files |= with_deployments(surveyed.files, project, apps, new_environments)
    with_new_web = {each.deployment.service for each in fresh}
    by_service: dict[str, list[ImportedApp]] = {}
    for each in apps:
        by_service.setdefault(each.deployment.service, []).append(each)
    imported_before = surveyed.imported_before
    for service in project.services if surveyed.origin is HEROKU else ():
        own = by_service.get(service.name, [])
        first = [each.deployment.environment for each in own if each.deployment not in imported_before]
        growth = grown(service, own, first)
        path = f"{CONFIGS}{service.name}/service.yaml"
        before = files.get(path) or surveyed.files[path]
        try:
            after = with_tables(path, before, growth.tables)
        except CannotUpdate as error:
            raise cannot_edit(path, error) from None
        files |= {path: after} if after != before else {}
        notes += growth.notes
        is_first = own and len(first) == len(own)
        with_new_web |= {service.name} if WEB in growth.added or is_first else set()
    return ServiceEdits(files, frozenset(with_new_web), notes)


def port_edits(
    surveyed: ImportSurvey, compilation: Compilation, apps: Sequence[ImportedApp], new: Collection[str]
) -> tuple[Files, Mapping[str, int]]:
    """Return the layers and schemas that give web processes a port, and the port of each service.

    `new` has the services that nothing was imported for, or whose web process is new.
    """
    if surveyed.origin is not HEROKU:
        return {}, {}
    nodes: dict[str, list[Node]] = {}
    for target, node in compilation.own.items():
        if target.process == WEB:
            nodes.setdefault(target.service, []).append(node)
    services = compilation.project.services
    lacking = {each.name for each in services if portless(each, nodes.get(each.name, ()), is_new=each.name in new)}
    ports = ports_of([each for each in apps if each.deployment.service in lacking], _ports_in(compilation))
    files: Files = {}
    for path, entries in port_layers(ports).items():
        before = surveyed.files.get(path)
        try:
            files[path] = layer_text(entries).encode() if before is None else set_entries(path, before, entries)
        except CannotUpdate as error:
            raise cannot_edit(path, error) from None
    if not surveyed.has_variables or any(path.startswith(SCHEMAS) for path in surveyed.files):
        knowing = _knowing_port(compilation)
        for service in ports:
            path = path_of(service)
            if service not in knowing:
                files[path] = _with_port(path, surveyed.files.get(path), surveyed.origin.had)
    return files, ports


def _with_port(path: str, before: bytes | None, had: str) -> bytes:
    """Return a schema file that has the class of a web process, too."""
    if before is None:
        return schema_file(path, (port_class(),), had).encode()
    mark, text = split_mark(before.decode())
    return f"{mark}{with_class(text, class_name(path), port_class())}".encode()


def _knowing_port(compilation: Compilation) -> set[str]:
    """Return the services whose schemas declare the port of their web process."""
    governed = compilation.governed.items()
    return {target.service for target, each in governed if target.process == WEB and PORT in each.known}


def _ports_in(compilation: Compilation) -> list[int]:
    """Return the numbers that variables called `PORT` have anywhere."""
    found = [node.values.get(PORT) for node in compilation.own.values()]
    return [int(text) for text in found if text and text.isdecimal()]
