"""`envtree secret seal`: moves clear secrets into the sealed files beside them, and proves that no process notices."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.lock import locked_tree
from envtree.adapters.files.rewrite import FileEdit, linked_files, rewrite
from envtree.commands.steps.root import root_of
from envtree.commands.steps.sealed import keys_of_user, open_sealed
from envtree.commands.steps.sealing import SealedLayers, Sealing, cannot_seal, seal_layers
from envtree.commands.tree import compile_chosen, load_schemas, tree_of_files
from envtree.core.compile import check_files, read_project_of
from envtree.core.layers.scope import read_scope
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, errors, some
from envtree.core.model.source import Source
from envtree.core.yaml.splice import CannotUpdate
from envtree.editing.changes.refusals import cannot_edit, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from envtree.adapters.keys.opening import DataKeys
    from envtree.commands.tree import Tree
    from envtree.core.compile import Compilation, Parsed, Schemas
    from envtree.core.model.tree import Project


class Sealed(NamedTuple):
    """What was sealed, or would be."""

    layers: SealedLayers
    source: Source
    """The tree as it was."""
    is_written: bool


class _Read(NamedTuple):
    """A tree with what every compilation of it needs."""

    tree: Tree
    project: Project
    schemas: Schemas
    parsed: Parsed
    data_keys: DataKeys

    def compiled(self, source: Source, parsed: Parsed) -> Compilation:
        known = {**self.parsed, **parsed}
        return compile_chosen(self.tree.having(source), self.project, self.schemas, self.project.targets, known)[0]


def seal(
    folder: str, selector: str | None, also: Sequence[str], *, dry_run: bool, on_wait: Callable[[], None]
) -> Sealed:
    """Seal the clear secrets of a scope (None: of all): what a schema declares `Secret`, and the names in `also`.

    Raises EnvtreeError where that can't be done, or a process would get something else; then nothing is written.
    """
    root = root_of(folder)
    with locked_tree(root, on_wait) if not dry_run else contextlib.nullcontext():
        read = _read(root)
        before = read.compiled(read.tree.source, {})
        _check_files(read, before)
        layers = _chosen(before, read.project, selector)
        secret = frozenset(also).union(*(each.secret for each in before.governed.values()))
        _check_names(also, before, layers)
        try:
            sealing = Sealing(root, read.project.targets, read.data_keys)
            sealed = seal_layers(sealing, read.tree.source, [before.layers[each] for each in layers], secret)
        except CannotUpdate as error:
            raise cannot_seal("a layer", error) from None
        _check_links(root, read.tree.source, sealed.files)
        _prove(read, before, sealed)
        if sealed.files and not dry_run:
            files = read.tree.source.files
            rewrite(root, [FileEdit(path, files.get(path), data) for path, data in sealed.files.items()])
    return Sealed(sealed, read.tree.source, is_written=not dry_run)


def _read(root: str) -> _Read:
    tree = tree_of_files(root)
    project, problems = read_project_of(tree.source)
    schemas, faults = load_schemas(tree, project)
    data_keys = keys_of_user()
    parsed, closed = open_sealed(tree.source, project.targets, "open", data_keys)
    if wrong := errors((*problems, *faults, *closed)):
        raise EnvtreeError(*wrong)
    return _Read(tree, project, schemas, parsed, data_keys)


def _check_files(read: _Read, before: Compilation) -> None:
    """Raise EnvtreeError for a file that can't be read: what is in clear there would not be found.

    What is wrong with one line of a clear file is no reason; that line stays, and is named.
    """
    known = {entry.file for layer in before.layers.values() for entry in layer.entries.values() if not entry.sealed}
    wrong = errors(check_files(read.tree.source, read.project))
    if unread := [each for each in wrong if each.span and each.span.file not in known]:
        raise EnvtreeError(*unread)


def _chosen(before: Compilation, project: Project, selector: str | None) -> tuple[str, ...]:
    if selector is None:
        return tuple(before.layers)
    layer_id = read_scope(project, selector).layer_id
    return (layer_id,) if layer_id in before.layers else ()


def _check_names(also: Sequence[str], before: Compilation, layers: Sequence[str]) -> None:
    """Raise EnvtreeError for a name that no chosen layer sets."""
    known = {name for layer_id in layers for name in before.layers[layer_id].entries}
    unknown = [name for name in also if name not in known]
    if unknown:
        message = f"no layer sets {some(map(shown, unknown))}{did_you_mean(unknown[0], known)}"
        raise EnvtreeError(Diagnostic("unknown-name", message, help="name variables as the layers have them"))


def _check_links(root: str, source: Source, files: Mapping[str, bytes]) -> None:
    links = linked_files(root, source.files)
    for path in files:
        if path in links:
            raise cannot_edit(f"`{path}` can't be changed: {links[path]}", "put a file of its own in its place")


def _prove(read: _Read, before: Compilation, sealed: SealedLayers) -> None:
    """Raise EnvtreeError where a process would not get exactly what it got."""
    source = Source({**read.tree.source.files, **sealed.files}, read.tree.source.refused)
    after = read.compiled(source, sealed.parsed)
    for target, node in before.own.items():
        other = after.own[target]
        if (node.values, node.failed.keys()) != (other.values, other.failed.keys()):
            raise cannot_edit(
                f"{target} would get something else", "nothing was written; seal by hand, with `envtree set`"
            )
