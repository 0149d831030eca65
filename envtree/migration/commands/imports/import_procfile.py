"""`envtree import procfile`: the processes of a service, into its `service.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import CONFIGS
from envtree.core.render.mask import from_outside
from envtree.core.settings.heroku import Deployment
from envtree.core.yaml.splice import CannotUpdate
from envtree.migration.apps.fleet import App
from envtree.migration.commands.imports.import_files import (
    FileImport,
    ImportedFile,
    environments_of,
    plan_values,
    refused,
    survey_files,
)
from envtree.migration.commands.imports.importing import plan_files
from envtree.migration.importing.fitting.origin import PROCFILE
from envtree.migration.importing.fitting.process_edit import with_processes
from envtree.migration.importing.service_file import ONE_OFF, RELEASE, name_in, processes_of
from envtree.migration.source_file import read_source_file
from envtree.migration.sources.procfile import read_procfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.model.source import SchemaUse
    from envtree.migration.apps.fleet import ProcessType
    from envtree.migration.commands.imports.import_files import FilePlacement, FileSurvey, RefusedFiles
    from envtree.migration.commands.imports.import_plan import ImportPlan

LONGEST = 60


def plan_procfile(folder: str, path: str, placement: FilePlacement, schemas: SchemaUse) -> FileImport | RefusedFiles:
    """Return what to write for a Procfile, or every line that is no process; raises EnvtreeError."""
    found = survey_files(folder, placement, PROCFILE, schemas)
    text = read_source_file(path)
    processes, problems = read_procfile(path, text)
    if problems:
        return refused(problems, {path: text})
    environments = environments_of(found, placement)
    if found.is_known:
        planned = _added(found, path, processes)
    else:
        kept = tuple(each for each in processes if each.name != RELEASE)  # noted, as for a service that is there
        files = [App(path, stage=each, values={}, formation=kept) for each in environments]
        planned = plan_values(found, files)
    planned = planned._replace(kept=(), notes=tuple(dict.fromkeys((*planned.notes, *_releases(processes)))))
    return FileImport(planned, tuple(ImportedFile(path, Deployment(each, found.service), 0) for each in environments))


def _added(found: FileSurvey, path: str, processes: tuple[ProcessType, ...]) -> ImportPlan:
    """Plan an edit of the `service.yaml` of a service that the tree has."""
    assert found.project is not None
    (service,) = (each for each in found.project.services if each.name == found.service)
    file = f"{CONFIGS}{found.service}/service.yaml"
    wanted = processes_of(found.service, [(path, processes)])
    there = [each.name for each in service.processes]
    commands = {name_in(there, name): command for name, command in wanted.commands.items()}
    has_any = any(each.name not in ONE_OFF for each in processes)
    try:
        edit = with_processes(file, found.surveyed.files[file], service, commands if has_any else {})
    except CannotUpdate as error:
        message = f"`{file}` can't be changed: {error.reason}"
        raise EnvtreeError(Diagnostic("import-failed", message, help="add the processes by hand")) from None
    notes = wanted.notes if has_any else ()
    return plan_files(found.surveyed, {file: edit.data}, (*notes, *edit.notes))


def _releases(processes: tuple[ProcessType, ...]) -> Iterator[str]:
    for each in processes:
        if each.name == "release":
            command = from_outside(each.command, LONGEST)
            yield f"Heroku runs `{command}` at each release: run it yourself where you deploy, by `envtree exec`"
