"""An import with its secrets sealed: the plan that was proved, and again what every process gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.steps.sealed import keys_of_user
from envtree.commands.steps.sealing import cannot_seal, change_sealed_file, entries_with, new_sealed_file
from envtree.commands.tree import Tree, compile_chosen, load_schemas
from envtree.core.compile import Parsed, read_project_of
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import CONFIGS, SETTINGS, Source
from envtree.core.sealed.candidates import candidates
from envtree.core.yaml.remove import remove_entries
from envtree.core.yaml.splice import CannotUpdate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.compile import Compilation
    from envtree.migration.commands.imports.import_plan import ImportPlan, ImportSurvey


class _Layer(NamedTuple):
    """The files of one layer as they are to be, None for one that goes; and the entries of the sealed one."""

    files: Mapping[str, bytes | None]
    parsed: Parsed


def with_sealed_secrets(planned: ImportPlan, secrets: frozenset[str]) -> ImportPlan:
    """Return a plan with these secrets sealed, and what was sealed before; other layers are as they were planned.

    Raises EnvtreeError without a rule for a new file, or where a process would get something else.
    """
    surveyed = planned.surveyed
    clear = _compiled(surveyed, planned.source, {})
    secret = secrets.union(*(each.secret for each in clear.governed.values())) if secrets else secrets
    files, parsed = dict(planned.source.files), Parsed()
    try:
        for layer_id in {**dict.fromkeys(clear.layers), **dict.fromkeys(surveyed.sealed)}:
            if f"{CONFIGS}{layer_id}{SUFFIX}" in planned.files or layer_id in surveyed.sealed:
                names = secret | surveyed.sealed.get(layer_id, frozenset())
                layer = _sealed_layer(planned, clear, layer_id, names)
                files |= {path: data for path, data in layer.files.items() if data is not None}
                files = {path: data for path, data in files.items() if layer.files.get(path, b"") is not None}
                parsed |= layer.parsed
    except CannotUpdate as error:
        raise cannot_seal("a layer", error) from None
    source = Source({path: files[path] for path in sorted(files, key=_settings_last)}, planned.source.refused)
    after = _compiled(surveyed, source, parsed)
    if any(node.values != after.own[target].values for target, node in clear.own.items()):
        message = "what is sealed would give a process something else"
        raise EnvtreeError(Diagnostic("import-failed", message, help="nothing was written; please report it"))
    return planned._replace(source=source)


def _sealed_layer(planned: ImportPlan, clear: Compilation, layer_id: str, names: frozenset[str]) -> _Layer:
    """Return the files of a layer with these names in the sealed one; what can't be sealed stays in the clear one."""
    path, sealed_path = f"{CONFIGS}{layer_id}{SUFFIX}", f"{CONFIGS}{layer_id}{SEALED_SUFFIX}"
    layer, disk = clear.layers.get(layer_id), planned.surveyed.on_disk
    moving, _ = candidates(layer.entries.values() if layer else (), names)
    data = planned.source.files.get(path, b"")
    shorter, left = remove_entries(path, data, tuple(each.name for each in moving)) if moving else (data, {})
    values = {each.name: each.text or "" for each in moving if each.name not in left}
    before = disk.get(sealed_path)
    kept = {path: _as_before(shorter, disk.get(path))}
    if not values:
        return _Layer({**kept, sealed_path: None} if layer_id in planned.surveyed.sealed else kept, {})
    if before is None:
        environments = {each.environment for each in clear.project.targets if layer_id in layer_ids(each)}
        sealed = new_sealed_file(planned.surveyed.root, sealed_path, sorted(environments), values)
    else:
        gone = dict.fromkeys(planned.surveyed.sealed.get(layer_id, frozenset()) - values.keys())
        sealed, _ = change_sealed_file(sealed_path, before, {**gone, **values}, keys_of_user())
    parsed = {(sealed_path, sealed): entries_with(sealed_path, sealed, values)}
    return _Layer({**kept, sealed_path: sealed}, parsed)


def _as_before(data: bytes, before: bytes | None) -> bytes | None:
    """Return a clear file, as it was where only line ends at its end differ; None for a new one that holds nothing."""
    if before is None:
        return data if data.strip() else None
    return before if data.rstrip(b"\r\n") == before.rstrip(b"\r\n") else data


def _settings_last(path: str) -> tuple[bool, str]:
    return path == SETTINGS, path


def _compiled(surveyed: ImportSurvey, source: Source, parsed: Parsed) -> Compilation:
    tree = Tree(surveyed.root, source, surveyed.tree.unsafe if surveyed.tree else tuple, schemas=surveyed.schemas)
    project, _ = read_project_of(source)
    return compile_chosen(tree, project, load_schemas(tree, project)[0], project.targets, dict(parsed))[0]
