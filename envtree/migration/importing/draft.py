"""The files of a new tree: nothing is written twice, and no process gets what it didn't have on Heroku."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SUFFIX
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON
from envtree.core.yaml.writer import layer_text
from envtree.migration.apps.buildpacks import runtimes_of
from envtree.migration.apps.ownership import attachment_of
from envtree.migration.importing.factor import factor
from envtree.migration.importing.fitting.declared import NOTHING_DECLARED, Declared
from envtree.migration.importing.fitting.origin import HEROKU
from envtree.migration.importing.ports import as_kept, port_class, port_layers, ports_of
from envtree.migration.importing.scale import formations_of, scales_of
from envtree.migration.importing.schemas.classes import classes_by_path
from envtree.migration.importing.schemas.schema_file import SchemaClass, path_of, schema_file
from envtree.migration.importing.service_file import processes_of, production_first, service_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.decision import KeptVariable
    from envtree.migration.importing.fitting.origin import ValueOrigin


class Draft(NamedTuple):
    """The files that are new or changed, by path; how many entries they add; and notes for the user."""

    files: Mapping[str, bytes]
    entries: int
    notes: tuple[str, ...] = ()
    kept: tuple[KeptVariable, ...] = ()
    """What the processes get that is no config var: their ports."""


def draft(
    apps: Sequence[ImportedApp],
    secrets: Collection[str],
    origin: ValueOrigin = HEROKU,
    declared: Declared = NOTHING_DECLARED,
) -> Draft:
    """Return all files below `configs/` and `schemas/` of a tree that holds nothing yet.

    `origin` says where the values come from, `declared` what is said of them besides.
    """
    deployments = {each.deployment: each.values for each in apps}
    layers = factor(deployments, secrets)
    apps_of = _apps_by_layer(apps)
    files = {
        f"{CONFIGS}{layer_id}{SUFFIX}": layer_text(entries, notes=_notes(entries, apps_of[layer_id]))
        for layer_id, entries in layers.items()
    }
    classes = classes_by_path(deployments, secrets, layers)
    if declared.service:
        own = path_of(declared.service)
        first, *others = classes.get(own, ()) or (SchemaClass(()),)
        classes[own] = (first._replace(fields=tuple(declared.completed(declared.service, first.fields))), *others)
    ports = ports_of(apps) if origin is HEROKU else {}
    for service in ports:
        path = path_of(service)
        classes[path] = (*(each for each in classes.get(path, ()) if each.fields), port_class())
    files |= {path: schema_file(path, found, origin.had) for path, found in classes.items() if found[0].fields}
    services, notes = service_files(apps, declared)
    files |= services | {path: layer_text(entries) for path, entries in port_layers(ports).items()}
    return Draft(_encoded(files), sum(map(len, layers.values())) + len(ports), notes, tuple(as_kept(apps, ports)))


def service_files(
    apps: Sequence[ImportedApp], declared: Declared = NOTHING_DECLARED
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return each service's `service.yaml` by path, and notes; of different commands, production's win."""
    files: dict[str, str] = {}
    notes: list[str] = []
    for service, own in _by_service(apps):
        formations = [(each.app.name, each.app.formation) for each in sorted(own, key=production_first)]
        processes = processes_of(service, formations)
        files[f"{CONFIGS}{service}/service.yaml"] = service_file(
            service,
            processes,
            [each.deployment.environment for each in own],
            scales_of(processes.names, formations_of(own)),
            runtimes_of(each.app for each in own),
        )
        if service == declared.service:
            files[f"{CONFIGS}{service}/service.yaml"] += "".join(f"# {line}\n" for line in declared.comments)
        notes += processes.notes
    return files, tuple(notes)


def _by_service(apps: Iterable[ImportedApp]) -> Iterator[tuple[str, list[ImportedApp]]]:
    services: dict[str, list[ImportedApp]] = {}
    for each in sorted(apps, key=lambda each: each.deployment):
        services.setdefault(each.deployment.service, []).append(each)
    return iter(sorted(services.items()))


def _apps_by_layer(apps: Iterable[ImportedApp]) -> dict[str, list[ImportedApp]]:
    """Return the apps that each layer is for."""
    found: dict[str, list[ImportedApp]] = {}
    for each in apps:
        environment, service = each.deployment
        for layer_id in (COMMON, environment, f"{service}/{COMMON}", f"{service}/{environment}"):
            found.setdefault(layer_id, []).append(each)
    return found


def _notes(entries: Iterable[str], apps: Sequence[ImportedApp]) -> dict[str, str]:
    """Return a comment for each entry that add-ons set on Heroku, by name; `apps` are those that the layer is for."""
    notes = {}
    for name in entries:
        found = (attachment_of(each.app, name) for each in apps)
        addons = sorted({each.plan or each.addon for each in found if each})
        if addons:
            notes[name] = f"set by {', '.join(addons)} on Heroku"
    return notes


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: files[path].encode() for path in sorted(files)}
