"""`envtree secret status`: which layers are sealed, for whom, what is still in clear, and what opens here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.sealed import keys_of_user
from envtree.commands.tree import compile_anyway, read_tree
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX
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
    """Whether a key is here; None for a layer that is not sealed, or not as SOPS writes it."""
    reason: str = ""
    """Why it doesn't open."""


def sealed_status(folder: str, schemas: SchemaUse = "run") -> tuple[LayerStatus, ...]:
    """Return the layers that hold secrets, by path; raises EnvtreeError where there is no tree."""
    tree = read_tree(folder, schemas=schemas)
    compilation, _ = compile_anyway(tree)
    secret = frozenset[str]().union(*(each.secret for each in compilation.governed.values()))
    files = {
        layer_id: sealed
        for layer_id in compilation.layers
        if (path := f"{CONFIGS}{layer_id}{SEALED_SUFFIX}") in tree.source.files
        and (sealed := read_sealed(path, tree.source.files[path])[0])
    }
    reasons = _closed(tree.source, files) if files else {}
    found = (
        _status(layer, len(candidates(layer.entries.values(), secret)[0]), files.get(layer_id), reasons)
        for layer_id, layer in compilation.layers.items()
    )
    return tuple(sorted(each for each in found if each.sealed or each.clear))


def _closed(source: Source, files: dict[str, SealedFile]) -> dict[str, str]:
    """Return why files don't open, by path."""
    from envtree.adapters.keys.opening import LockedFile

    _, problems = keys_of_user().open([LockedFile.of(each, source.files[each.path]) for each in files.values()])
    return {each.span.file: _reason(each) for each in problems if each.span}


def _reason(problem: Diagnostic) -> str:
    return problem.notes[-1] if problem.notes else problem.message


def _status(layer: Layer, clear: int, sealed: SealedFile | None, reasons: dict[str, str]) -> LayerStatus:
    path = f"{CONFIGS}{layer.layer_id}{SUFFIX}"
    if sealed is None:
        return LayerStatus(path, sum(each.sealed for each in layer.entries.values()), clear)
    recipients = tuple(key.recipient for group in sealed.metadata.groups for key in group)
    reason = reasons.get(sealed.path, "")
    changed = sealed.metadata.last_modified.text
    return LayerStatus(path, len(sealed.values), clear, recipients, changed, not reason, reason)
