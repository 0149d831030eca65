"""`envtree import app-json`: the variables that an `app.json` declares, with or without a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.tree import Tree, compile_anyway
from envtree.core.model.source import SCHEMAS
from envtree.core.secrets.names import name_kind
from envtree.core.settings.heroku import Deployment
from envtree.migration.apps.fleet import App, ProcessType
from envtree.migration.commands.imports.import_files import (
    FileImport,
    ImportedFile,
    environments_of,
    plan_values,
    refused,
    survey_files,
)
from envtree.migration.importing.fitting.declared import Declared
from envtree.migration.importing.fitting.origin import APP_JSON
from envtree.migration.importing.proof import delivered
from envtree.migration.importing.schemas.schema_file import FieldDeclaration
from envtree.migration.importing.service_file import UNKNOWN_COMMAND
from envtree.migration.source_file import read_source_file
from envtree.migration.sources.app_json import read_app_json

if TYPE_CHECKING:
    from envtree.core.layers.resolve import Node
    from envtree.core.model.source import SchemaUse
    from envtree.migration.commands.imports.import_files import FilePlacement, RefusedFiles
    from envtree.migration.commands.imports.import_plan import ImportPlan
    from envtree.migration.sources.app_json import AppJson

NO_SCHEMAS = "the tree has no schemas, so descriptions, and which variables are required, are not written down"
NO_COMMANDS = "`app.json` says no commands: import the Procfile, too, or say in service.yaml what the processes run"


def plan_app_json(folder: str, path: str, placement: FilePlacement, schemas: SchemaUse) -> FileImport | RefusedFiles:
    """Return what to write for an `app.json`, or all in it that can't be understood; raises EnvtreeError."""
    found = survey_files(folder, placement, APP_JSON, schemas)
    text = read_source_file(path)
    read, problems = read_app_json(path, text)
    if problems:
        return refused(problems, {path: text})
    environments = environments_of(found, placement)
    values = {each.name: each.value for each in read.variables if each.value is not None and not each.is_generated}
    formation = tuple(ProcessType(name, UNKNOWN_COMMAND, 1) for name, _ in read.formation) or None
    files = [App(path, stage=each, values=values, formation=formation) for each in environments]
    declared = _declared(found.service, read)
    planned = plan_values(found, files, declared)
    planned = planned._replace(
        kept=tuple(each for each in planned.kept if each.name in values),
        notes=(*planned.notes, *_notes(planned, read, is_known=found.is_known)),
    )
    deployments = [Deployment(each, found.service) for each in environments]
    missing = _without_value(planned, deployments, declared)
    generated = {each.name for each in read.variables if each.is_generated}
    return FileImport(
        planned,
        tuple(ImportedFile(path, each, len(read.variables)) for each in deployments),
        tuple(name for name in missing if name not in generated),
        tuple(name for name in missing if name in generated),
        read.remarks,
    )


def _declared(service: str, read: AppJson) -> Declared:
    valueless = [each for each in read.variables if each.value is None or each.is_generated]
    fields = tuple(
        FieldDeclaration(
            each.name,
            "str",
            is_pydantic_type=False,
            is_secret=each.is_generated or name_kind(each.name) not in ("about", "id", "plain", "public"),
            is_optional=not each.is_required,
        )
        for each in valueless
    )
    comments = [f"{name}: {quantity} on Heroku, by app.json" for name, quantity in read.formation]
    return Declared(
        service,
        {each.name: each.description for each in read.variables},
        frozenset(each.name for each in read.variables if not each.is_required),
        fields,
        tuple(comments),
    )


def _notes(planned: ImportPlan, read: AppJson, *, is_known: bool) -> tuple[str, ...]:
    notes = (NO_COMMANDS,) if read.formation and not is_known else ()
    has_schemas = any(each.startswith(SCHEMAS) for each in planned.source.files)
    return notes if has_schemas or not read.variables else (*notes, NO_SCHEMAS)


def _without_value(planned: ImportPlan, deployments: list[Deployment], declared: Declared) -> tuple[str, ...]:
    """Return the variables that are required and that a process of these deployments won't have."""
    surveyed = planned.surveyed
    unsafe = surveyed.tree.unsafe if surveyed.tree else tuple
    compilation, _ = compile_anyway(Tree(surveyed.root, planned.source, unsafe, schemas="read"))
    own = [
        _names(node)
        for target, node in compilation.own.items()
        if Deployment(target.environment, target.service) in deployments
    ]
    return tuple(sorted(name for name in declared.required if not all(name in names for names in own)))


def _names(node: Node) -> set[str]:
    """Return the variables that a process gets, sealed ones among them."""
    sealed = {name for name, entries in node.provenance.items() if entries[-1].is_closed}
    return sealed | delivered(node).keys()
