"""`envtree import dotenv`, `procfile` and `app-json`: what a team has in files, into the same tree as Heroku's apps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.steps.sealed import keys_of_user
from envtree.core.compile import read_project_of
from envtree.core.layers.layout import SUFFIX
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.source import SETTINGS, Source
from envtree.core.render.mask import one_line
from envtree.core.settings.heroku import Deployment, HerokuSettings
from envtree.core.settings.reader import is_name
from envtree.migration.apps.fleet import App, Fleet
from envtree.migration.commands.imports.import_plan import ImportPlan, ImportSurvey
from envtree.migration.commands.imports.importing import plan_apps, refuse_leftovers
from envtree.migration.commands.imports.unsealed import unsealed
from envtree.migration.commands.read import HerokuQuery, Listing, tree_at
from envtree.migration.importing.carried import imported_apps
from envtree.migration.importing.fitting.declared import NOTHING_DECLARED
from envtree.migration.importing.schemas.classes import secret_names
from envtree.migration.mapping.assignment import Assignment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.model.source import SchemaUse
    from envtree.core.model.tree import Project
from envtree.migration.importing.fitting.declared import Declared
from envtree.migration.importing.fitting.origin import ValueOrigin

DEFAULT_ENVIRONMENT = "production"
_BY_HAND = "write the variable into the tree by hand, as the process is to get it"


class FilePlacement(NamedTuple):
    """Where files belong, as the command line says; what it doesn't say is empty."""

    service: str = ""
    environments: tuple[str, ...] = ()


class ImportedFile(NamedTuple):
    """A file, a deployment that it is for, and how many variables it has."""

    path: str
    deployment: Deployment
    variables: int


class FileImport(NamedTuple):
    """What an import of files would write, and what it leaves to a person."""

    planned: ImportPlan
    files: tuple[ImportedFile, ...]
    to_set: tuple[str, ...] = ()
    """Variables that are required, and that nothing gives a value."""
    to_generate: tuple[str, ...] = ()
    """The same, where any secret will do that nobody else has."""
    remarks: tuple[str, ...] = ()
    """What is no configuration, but part of a move."""


class RefusedFiles(NamedTuple):
    """What is wrong with files, and their text, of which no line may be shown."""

    problems: tuple[Diagnostic, ...]
    source: Source


class FileSurvey(NamedTuple):
    """The tree that files go into, and the part of it that they are for."""

    surveyed: ImportSurvey
    project: Project | None
    service: str

    @property
    def is_known(self) -> bool:
        """Whether the tree has the service already."""
        return self.project is not None and any(each.name == self.service for each in self.project.services)

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments of the tree."""
        return tuple(each.name for each in self.project.environments) if self.project else ()


def survey_files(folder: str, placement: FilePlacement, origin: ValueOrigin, schemas: SchemaUse) -> FileSurvey:
    """Return the tree and the service that files are for; raises EnvtreeError where that isn't clear."""
    tree = tree_at(folder, schemas)
    if tree is None:
        refuse_leftovers(folder)
    project = read_project_of(tree.source)[0] if tree else None
    services = [each.name for each in project.services] if project else []
    service = placement.service or (services[0] if len(services) == 1 else "")
    if not service:
        why = f": the tree has {some(services, 6)}" if services else ""
        raise _unmapped(f"nothing says which service these files are for{why}", "name it: `--service NAME`")
    for what, name in (("a service", service), *(("an environment", each) for each in placement.environments)):
        if not is_name(name):
            advice = "a name has small letters, digits and `-`, a letter first, and at most 63 of them"
            raise _unmapped(f"`{one_line(name)}` can't name {what}", advice)
    listing = Listing(HerokuQuery(), Fleet(()), None, HerokuSettings(), Assignment((), (), ()))
    root = tree.root if tree else os.path.realpath(folder)
    data_keys = keys_of_user()
    opened, sealed = unsealed(tree, data_keys) if tree else (None, {})
    surveyed = ImportSurvey(listing, root, opened, data_keys, schemas, origin, sealed=sealed, disk=tree)
    return FileSurvey(surveyed, project, service)


def refused(problems: Sequence[Diagnostic], texts: Mapping[str, str]) -> RefusedFiles:
    """Return problems with the texts that they are about, by path; what looks like YAML would be shown in part."""
    return RefusedFiles(
        tuple(problems), Source({path: text.encode() for path, text in texts.items() if not path.endswith(SUFFIX)})
    )


def environments_of(found: FileSurvey, placement: FilePlacement) -> tuple[str, ...]:
    """Return the environments that a file without any of its own is for."""
    if placement.environments:
        return placement.environments
    known = [
        each.environments for each in (found.project.services if found.project else ()) if each.name == found.service
    ]
    return (known[0] if known else found.environments) or (DEFAULT_ENVIRONMENT,)


def plan_values(found: FileSurvey, files: Sequence[App], declared: Declared = NOTHING_DECLARED) -> ImportPlan:
    """Return what to write for files as apps, each for the environment that its stage names; raises EnvtreeError."""
    pairs = [(Deployment(each.stage, found.service), each) for each in files]
    _refuse_unknown(found, pairs)
    apps, uncarried = imported_apps(pairs)
    secrets = secret_names({each.deployment: each.values for each in apps})
    secrets |= {each.name for each in declared.valueless if each.is_secret}
    planned = plan_apps(found.surveyed, apps, secrets, declared)
    return planned._replace(uncarried=tuple(_by_hand(each) for each in uncarried))


def _by_hand(each: Diagnostic) -> Diagnostic:
    return Diagnostic(each.code, each.message, help=_BY_HAND)


def _refuse_unknown(found: FileSurvey, pairs: Sequence[tuple[Deployment, App]]) -> None:
    """Raise EnvtreeError for an environment that a tree with content, or the service in it, doesn't have."""
    if not found.surveyed.has_content or found.project is None:
        return
    own = next((each.environments for each in found.project.services if each.name == found.service), found.environments)
    problems = []
    for deployment, app in pairs:
        if deployment.environment not in found.environments:
            message = (
                f"`{SETTINGS}` has no environment `{deployment.environment}`, where `{one_line(app.name)}` belongs"
            )
            advice = "add it, and say in each service.yaml under `environments` whether it runs there"
        elif deployment.environment not in own:
            message = (
                f"`{found.service}` doesn't run in `{deployment.environment}`, where `{one_line(app.name)}` belongs"
            )
            advice = f"add it to `environments` in configs/{found.service}/service.yaml"
        else:
            continue
        problems.append(Diagnostic("import-failed", message, help=advice))
    if problems:
        raise EnvtreeError(*problems)


def _unmapped(message: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("unmapped-file", message, help=advice))
