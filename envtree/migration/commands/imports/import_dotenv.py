"""`envtree import dotenv`: the variables of `.env` files, each for one environment of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.render.mask import one_line
from envtree.migration.apps.fleet import App
from envtree.migration.commands.imports.import_files import FileImport, ImportedFile, plan_values, refused, survey_files
from envtree.migration.importing.fitting.origin import DOTENV
from envtree.migration.source_file import read_source_file
from envtree.migration.sources.dotenv import read_dotenv
from envtree.migration.sources.naming import environment_of_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.core.model.source import SchemaUse
    from envtree.migration.commands.imports.import_files import FilePlacement, FileSurvey, RefusedFiles
    from envtree.migration.sources.dotenv import DotenvReader


def plan_dotenv(
    folder: str, paths: Sequence[str], placement: FilePlacement, reader: DotenvReader, schemas: SchemaUse
) -> FileImport | RefusedFiles:
    """Return what to write for some files, or every line that readers would differ about; raises EnvtreeError."""
    found = survey_files(folder, placement, DOTENV, schemas)
    placed = _placed(paths, placement, found)
    texts = {path: read_source_file(path) for path in paths}
    read = {path: read_dotenv(path, text, reader) for path, text in texts.items()}
    if problems := [fault for each in read.values() for fault in each.problems]:
        return refused(problems, texts)
    files = [App(path, stage=environment, values=read[path].values) for environment, path in placed.items()]
    planned = plan_values(found, files)
    places = [
        ImportedFile(each.app.name, each.deployment, len(each.app.values or ()))
        for each in sorted(planned.apps, key=lambda each: each.deployment)
    ]
    return FileImport(planned, tuple(places))


def _placed(paths: Sequence[str], placement: FilePlacement, found: FileSurvey) -> dict[str, str]:
    """Return the path for each environment; raises EnvtreeError where a file is for none, or two are for one."""
    if placement.environments and len(paths) + len(placement.environments) > 2:
        message = "a file is for one environment, and `--environment` doesn't say which is for which"
        advice = "import one file at a time for one `--environment`, or name them `.env.production` and so on"
        raise EnvtreeError(Diagnostic("unmapped-file", message, help=advice))
    placed: dict[str, str] = {}
    problems = []
    for path in paths:
        environment = "".join(placement.environments) or environment_of_file(path, found.environments)
        if not environment:
            message = f"the name of `{one_line(path)}` says no environment"
            problems.append(Diagnostic("unmapped-file", message, help="name it: `--environment production`"))
        elif environment in placed:
            message = f"`{one_line(placed[environment])}` and `{one_line(path)}` are both for {environment}"
            problems.append(Diagnostic("unmapped-file", message, help="leave out one, or import one after the other"))
        else:
            placed[environment] = path
    if problems:
        raise EnvtreeError(*problems)
    return placed
