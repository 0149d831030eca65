"""A scope of a tree, opened for an edit: what its processes get now, and which names are secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.rewrite import linked_files
from envtree.commands.steps.promises import beside_targets
from envtree.commands.steps.sealed import keys_of_user, open_sealed
from envtree.commands.tree import Tree, compile_chosen, load_schemas, tree_of_files
from envtree.core.compile import read_project_of
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, sealed_files
from envtree.core.layers.scope import Scope, read_scope
from envtree.core.layers.sealed import read_entries
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.source import CONFIGS, SCHEMAS, Source, refused_help
from envtree.core.schema.ports import neighbours
from envtree.editing.changes.refusals import cannot_edit
from envtree.editing.changes.removal import ScopeState
from envtree.review.commands.diff_sides import Side, compiled_side
from envtree.review.diff.scope import affected_layers, affected_targets, ports_of

if TYPE_CHECKING:
    from envtree.adapters.keys.opening import DataKeys
    from envtree.core.compile import Compilation, Parsed, Schemas
    from envtree.core.model.source import SealedUse
    from envtree.core.model.tree import Entry, Project, Target


class OpenedScope(NamedTuple):
    """A scope with its tree, and that tree compiled as far as the scope matters."""

    tree: Tree
    project: Project
    problems: tuple[Diagnostic, ...]
    """What is wrong with the settings."""
    schemas: Schemas
    faults: tuple[Diagnostic, ...]
    """What is wrong with the schemas, and with the values that are sealed."""
    scope: Scope
    affected: tuple[Target, ...]
    """The targets that an edit of this scope's files can affect."""
    before: Side
    parsed: Parsed
    """The entries of files by path and bytes; those of sealed files with their values, as far as they open."""
    data_keys: DataKeys | None
    """What opens the sealed files that these targets see; None where there are none."""
    sealed_names: frozenset[str]
    """The names in the scope's sealed file; its clear file may have them too, by mistake."""

    @property
    def path(self) -> str:
        """The path of the scope's clear file, which may not be there yet."""
        return _paths(self.scope)[0]

    @property
    def sealed_path(self) -> str:
        """The path of the sealed file beside it, likewise."""
        return _paths(self.scope)[1]

    @property
    def secret(self) -> frozenset[str]:
        """The names that a schema declares `Secret`, or that a layer of these targets has sealed."""
        layers = self._compilation.layers.values()
        sealed = (name for layer in layers for name, entry in layer.entries.items() if entry.sealed)
        declared = (each.secret for each in self._compilation.governed.values())
        return frozenset(sealed).union(self.sealed_names, *declared)

    @property
    def state(self) -> ScopeState:
        """What the scope has, for what decides by it."""
        own = self._compilation.own
        return ScopeState(
            self.scope,
            self.path,
            own_entries(self.before, self.scope),
            self.sealed_names,
            {each: own[each] for each in self.scope.targets},
        )

    @property
    def _compilation(self) -> Compilation:
        assert self.before.compilation is not None
        return self.before.compilation


def own_entries(side: Side, scope: Scope) -> dict[str, Entry]:
    """Return the entries that the layer of a scope has on a side."""
    assert side.compilation is not None
    layer = side.compilation.layers.get(scope.layer_id)
    return dict(layer.entries) if layer else {}


def open_scope(root: str, selector: str, sealed: SealedUse = "open") -> OpenedScope:
    """Read a tree and compile what a scope's files affect; raises EnvtreeError where that can't be done for sure."""
    tree = tree_of_files(root)
    project, problems = read_project_of(tree.source)
    scope = read_scope(project, selector)
    schemas, faults = load_schemas(tree, project)
    if schemas is None:
        raise EnvtreeError(*(errors(faults) or _unread_schemas(tree.source)))
    paths = _paths(scope)
    affected = affected_targets(project.targets, affected_layers(paths, (tree.source,), project.targets))
    data_keys = keys_of_user() if sealed_files(tree.source, affected) and sealed != "skip" else None
    beside = beside_targets(project, schemas, affected)
    parsed, closed = open_sealed(tree.source, affected, sealed, data_keys, beside)
    faults = (*faults, *errors(closed))
    names = _names_in(paths[1], tree.source, parsed)
    opened = OpenedScope(tree, project, problems, schemas, faults, scope, affected, Side({}), parsed, data_keys, names)
    return opened._replace(before=compile_side(opened, tree.source, affected))


def _names_in(path: str, source: Source, parsed: Parsed) -> frozenset[str]:
    """Return the names in a sealed file; none where it is not there."""
    if path not in source.files:
        return frozenset()
    known = parsed.get((path, source.files[path]))
    return frozenset(read_entries(path, source)[0] if known is None else known)


def _paths(scope: Scope) -> tuple[str, str]:
    """Return the paths of the clear and the sealed file of a scope's layer."""
    return f"{CONFIGS}{scope.layer_id}{SUFFIX}", f"{CONFIGS}{scope.layer_id}{SEALED_SUFFIX}"


def compile_side(opened: OpenedScope, source: Source, targets: tuple[Target, ...]) -> Side:
    """Compile some targets of an opened tree, with other content."""
    tree = opened.tree.having(source)
    beside = beside_targets(opened.project, opened.schemas, targets)
    compilation, found = compile_chosen(tree, opened.project, opened.schemas, targets, opened.parsed, beside=beside)
    return compiled_side(tree, compilation, opened.problems, (*opened.faults, *found))


def compile_both(opened: OpenedScope, source: Source) -> tuple[Side, Side]:
    """Return the tree before an edit and after it; where a port changes, with all that may have the new one."""
    after = compile_side(opened, source, opened.affected)
    moved = [each for each in opened.affected if ports_of(opened.before.views[each]) != ports_of(after.views[each])]
    if not moved:
        return opened.before, after
    targets = tuple(sorted({*opened.affected, *neighbours(opened.project, moved)}))
    return compile_side(opened, opened.tree.source, targets), compile_side(opened, source, targets)


def check_links(opened: OpenedScope, paths: tuple[str, ...]) -> None:
    """Raise EnvtreeError where a file to edit is a link, or where a link leads to it."""
    links = linked_files(opened.tree.root, opened.tree.source.files)
    for path in paths:
        if path in links:
            raise cannot_edit(
                f"`{path}` can't be changed: {links[path]}, so that an edit would change another layer, too",
                "put a file of its own in the place of the link",
            )
        if path in opened.tree.source.refused:
            code, message = opened.tree.source.refused[path]
            raise EnvtreeError(Diagnostic(code, message, help=refused_help(code)))


def _unread_schemas(source: Source) -> tuple[Diagnostic, ...]:
    refused = [(code, message) for path, (code, message) in source.refused.items() if f"{path}/".startswith(SCHEMAS)]
    return tuple(Diagnostic(code, message, help=refused_help(code)) for code, message in refused)
