"""An import with its secrets sealed: the plan that was proved, and again what every process gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.steps.sealing import IN_CLEAR, Sealing, cannot_seal, seal_layer
from envtree.commands.tree import Tree, compile_chosen, load_schemas
from envtree.core.compile import Parsed, read_project_of
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import CONFIGS, SETTINGS, Source
from envtree.core.model.tree import Layer
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
    surveyed = planned.surveyed
    sealing = Sealing(surveyed.root, clear.project.targets, surveyed.data_keys, IN_CLEAR)
    layer = clear.layers.get(layer_id, Layer(layer_id, {}))
    was_sealed = surveyed.sealed.get(layer_id)
    data, before = planned.source.files.get(path, b""), surveyed.on_disk.get(sealed_path)
    done = seal_layer(sealing, layer, data, before, names, was_sealed or ())
    kept = {path: _as_before(done.clear, surveyed.on_disk.get(path))}
    if done.sealed is None:
        return _Layer(kept if was_sealed is None else {**kept, sealed_path: None}, {})
    return _Layer({**kept, sealed_path: done.sealed}, done.parsed)


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
