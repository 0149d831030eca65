"""The files of a tree as an import changes them: layers, and where services run; what can't be changed is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import SUFFIX
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import CONFIGS, SETTINGS
from envtree.core.render.mask import one_line
from envtree.core.yaml.splice import CannotUpdate
from envtree.core.yaml.update import set_entries
from envtree.core.yaml.writer import layer_text
from envtree.migration.importing.fitting.environment_edit import with_environments
from envtree.migration.importing.fitting.layer_edit import without_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.model.tree import Project
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.merge import LayerChanges

    Files = dict[str, bytes | None]
    """Files as they will be, by path; None is one that is removed."""


def with_deployments(
    before: Mapping[str, bytes], project: Project, apps: Sequence[ImportedApp], new_environments: Sequence[str]
) -> Files:
    """Return the `service.yaml`s of services that run in more environments than before, or that ran in all of them."""
    files: Files = {}
    imported: dict[str, list[str]] = {}
    for each in apps:
        imported.setdefault(each.deployment.service, []).append(each.deployment.environment)
    for service in project.services:
        wanted = list(dict.fromkeys((*service.environments, *sorted(imported.get(service.name, [])))))
        path = f"{CONFIGS}{service.name}/service.yaml"
        runs_everywhere = set(service.environments) == {each.name for each in project.environments}
        if set(wanted) != set(service.environments) or (runs_everywhere and new_environments):
            try:
                files[path] = with_environments(path, before[path], wanted)
            except CannotUpdate as error:
                raise cannot_edit(path, error) from None
    return files


def with_layers(files_before: Mapping[str, bytes], changes: LayerChanges) -> Files:
    """Return the layers with what is set in them and removed from them; one that is left empty is gone."""
    files: Files = {}
    for layer_id in sorted({*changes.entries, *changes.removed}):
        path = f"{CONFIGS}{layer_id}{SUFFIX}"
        before = files_before.get(path)
        if before is None:
            files[path] = layer_text(changes.entries[layer_id]).encode()
            continue
        try:
            data = set_entries(path, before, changes.entries.get(layer_id, {}))
            if removed := changes.removed.get(layer_id):
                data = without_entries(path, data, removed)
        except CannotUpdate as error:
            raise cannot_edit(path, error) from None
        files[path] = data if data.strip() else None
    return files


def cannot_edit(path: str, error: CannotUpdate) -> EnvtreeError:
    """Return the error for a file that can't be changed, with what to do by hand."""
    what = f"`{one_line(error.name)}` in {path}" if error.name else f"`{path}`"
    message = f"{what} can't be changed: {error.reason}"
    advice = f"add {error.lines} by hand, then import again" if path == SETTINGS and error.lines else ""
    advice = advice or "change it by hand, then import again"
    return EnvtreeError(Diagnostic("import-failed", message, help=advice))
