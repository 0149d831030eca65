"""The files of a tree that says what the apps have: nothing twice, nothing that a process didn't have on Heroku."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SUFFIX
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON
from envtree.core.yaml.writer import layer
from envtree.migration.apps.ownership import attachment_of
from envtree.migration.importing.factor import factor
from envtree.migration.importing.schema_file import declarations, schema_file
from envtree.migration.importing.service_file import processes_of, service_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envtree.migration.importing.carried import ImportedApp


class Draft(NamedTuple):
    """Files that are new or changed, by path; how many entries they add; and what is to be said of them."""

    files: Mapping[str, bytes]
    entries: int
    notes: tuple[str, ...] = ()


def draft(parts: Sequence[ImportedApp], secrets: Collection[str]) -> Draft:
    """All files below `configs/` and `schemas/` of a tree that holds nothing yet."""
    cells = {part.cell: part.values for part in parts}
    layers = factor(cells, secrets)
    files = {
        f"{CONFIGS}{place}{SUFFIX}": layer(entries, notes=_notes(place, entries, parts))
        for place, entries in layers.items()
    }
    files |= {path: schema_file(path, declared) for path, declared in declarations(cells, secrets).items()}
    services, notes = service_files(parts)
    files |= services
    return Draft(_encoded(files), sum(map(len, layers.values())), notes)


def service_files(parts: Sequence[ImportedApp]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The `service.yaml` of each service, by path; production's commands are taken where there are several."""
    files: dict[str, str] = {}
    notes: list[str] = []
    for service, own in _by_service(parts):
        formations = [(part.app.name, part.app.formation) for part in sorted(own, key=_production_first)]
        processes = processes_of(service, formations)
        files[f"{CONFIGS}{service}/service.yaml"] = service_file(
            service, processes, [part.cell.environment for part in own]
        )
        notes += processes.notes
    return files, tuple(notes)


def _by_service(parts: Iterable[ImportedApp]) -> Iterator[tuple[str, list[ImportedApp]]]:
    services: dict[str, list[ImportedApp]] = {}
    for part in sorted(parts, key=lambda part: part.cell):
        services.setdefault(part.cell.service, []).append(part)
    return iter(sorted(services.items()))


def _production_first(part: ImportedApp) -> tuple[bool, str]:
    return part.cell.environment != "production", part.cell.environment


def _notes(place: str, entries: Iterable[str], parts: Iterable[ImportedApp]) -> dict[str, str]:
    """A comment above what add-ons set on Heroku."""
    folder, _, file = place.rpartition("/")
    seeing = [
        part
        for part in parts
        if (not folder or part.cell.service == folder) and (file == COMMON or part.cell.environment == file)
    ]
    notes = {}
    for name in entries:
        found = (attachment_of(part.app, name) for part in seeing)
        addons = sorted({each.plan or each.addon for each in found if each})
        if addons:
            notes[name] = f"set by {', '.join(addons)} on Heroku"
    return notes


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: files[path].encode() for path in sorted(files)}
