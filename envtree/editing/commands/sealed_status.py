"""`envtree secret status`: which layers are sealed, for whom, what is still in clear, and what opens here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.steps.sealed import keys_of_user
from envtree.commands.tree import compile_anyway, read_tree
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX
from envtree.core.model.diagnostic import errors
from envtree.core.model.source import CONFIGS
from envtree.core.sealed.candidates import candidates
from envtree.core.sealed.document import SealedFile, read_sealed

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SchemaUse, Source
    from envtree.core.model.tree import Layer


class LayerStatus(NamedTuple):
    """How the secrets of one layer are kept."""

    layer: str
    """The path of its clear file."""
    sealed: int
    clear: int
    recipients: tuple[str, ...] = ()
    changed: str = ""
    """When the sealed file was last changed (RFC 3339)."""
    opens: bool | None = None
    """Whether it can be opened here; None for a layer that is not sealed."""
    reason: str = ""
    """Why it doesn't open."""
    sound: bool = True
    """Whether the sealed file is as SOPS wrote it, as far as can be seen here."""


def sealed_status(folder: str, schemas: SchemaUse = "run") -> tuple[LayerStatus, ...]:
    """Return the layers that hold secrets, by path; raises EnvtreeError where there is no tree."""
    tree = read_tree(folder, schemas=schemas)
    compilation, _ = compile_anyway(tree)
    secret = frozenset[str]().union(*(each.secret for each in compilation.governed.values()))
    read = {
        layer_id: read_sealed(path, tree.source.files[path])
        for layer_id in compilation.layers
        if (path := f"{CONFIGS}{layer_id}{SEALED_SUFFIX}") in tree.source.files
    }
    files = {layer_id: sealed for layer_id, (sealed, _) in read.items() if sealed}
    broken = {layer_id: errors(problems)[0].message for layer_id, (sealed, problems) in read.items() if not sealed}
    reasons = _closed(tree.source, files, broken) if files else {}
    found = []
    for layer_id, layer in compilation.layers.items():
        status = _status(layer, len(candidates(layer.entries.values(), secret)[0]), files.get(layer_id), reasons)
        reason = broken.get(layer_id)
        found.append(status._replace(opens=False, reason=reason, sound=False) if reason else status)
    return tuple(sorted(each for each in found if each.sealed or each.clear or not each.sound))


def _closed(source: Source, files: dict[str, SealedFile], broken: dict[str, str]) -> dict[str, str]:
    """Return why files don't open, by path, and add those that were changed without their key to the broken ones."""
    from envtree.adapters.keys.opening import LockedFile
    from envtree.core.sealed.opening import open_values

    keys, problems = keys_of_user().open([LockedFile.of(each, source.files[each.path]) for each in files.values()])
    reasons = {each.span.file: _reason(each) for each in problems if each.span}
    for layer_id, sealed in files.items():
        for fault in errors(open_values(sealed, keys[sealed.path])[1]) if sealed.path in keys else ():
            if fault.code == "sealed-layer":  # the library is missing
                reasons[sealed.path] = fault.message
            else:
                broken[layer_id] = fault.message
    return reasons


def _reason(problem: Diagnostic) -> str:
    return problem.notes[-1] if problem.notes else problem.message


def _status(layer: Layer, clear: int, sealed: SealedFile | None, reasons: dict[str, str]) -> LayerStatus:
    path = f"{CONFIGS}{layer.layer_id}{SUFFIX}"
    if sealed is None:
        return LayerStatus(path, 0, clear)
    recipients = tuple(key.recipient for key in sealed.keys)
    reason = reasons.get(sealed.path, "")
    changed = sealed.metadata.last_modified.text
    return LayerStatus(path, len(sealed.values), clear, recipients, changed, not reason, reason)
