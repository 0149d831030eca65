"""`envtree import heroku`: the fewest entries that give every process what its app has, proved, then written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.commands.tree import Tree, compile_anyway, compile_tree
from envtree.core.compile import read_project_of
from envtree.core.layers.layout import SUFFIX
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.source import CONFIGS, SCHEMAS, SETTINGS, Source, digest
from envtree.core.render.mask import one_line
from envtree.core.yaml.splice import CannotPut
from envtree.core.yaml.update import set_entries
from envtree.core.yaml.writer import layer
from envtree.migration.commands.read import (
    HerokuQuery,
    Listing,
    list_assigned,
    read_config_vars,
    read_formations,
    tree_at,
    unreadable,
)
from envtree.migration.importing.carried import ImportedApp, parts_of
from envtree.migration.importing.draft import draft, service_files
from envtree.migration.importing.factor import entries as count
from envtree.migration.importing.merge import Kept, Layers, merge, misplaced
from envtree.migration.importing.proof import as_diagnostic, delivered, unequal
from envtree.migration.importing.report import Changed
from envtree.migration.importing.schema_file import (
    Declared,
    declare,
    path_of,
    schema_file,
    secret_names,
    with_declarations,
)
from envtree.migration.importing.settings_file import add_to_settings, new_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Target


class Surveyed(NamedTuple):
    """The apps, each with its place, and the tree that they go into: None where there is none yet."""

    listing: Listing
    root: str
    tree: Tree | None

    @property
    def files(self) -> Mapping[str, bytes]:
        """What the tree holds so far, by path."""
        return self.tree.source.files if self.tree else {}

    @property
    def has_content(self) -> bool:
        """Whether the tree says something already that an import must respect."""
        return any(path.startswith(CONFIGS) for path in self.files)


class Planned(NamedTuple):
    """What an import would write, and has proved; nothing of it is written yet."""

    surveyed: Surveyed
    parts: tuple[ImportedApp, ...]
    source: Source
    """The tree as it will be."""
    entries: int
    """How many it adds to the layers."""
    changed: tuple[Changed, ...]
    """In a tree with content: the entries that are new or different."""
    kept: tuple[Kept, ...]
    secrets: frozenset[str]
    left: tuple[Diagnostic, ...]
    """What can't be carried."""
    unread: tuple[Diagnostic, ...]
    notes: tuple[str, ...]

    @property
    def created(self) -> frozenset[str]:
        """The files that are new, by path."""
        return frozenset(self.source.files.keys() - self.surveyed.files.keys())

    @property
    def files(self) -> dict[str, bytes]:
        """The files that are new or different, by path."""
        before = self.surveyed.files
        return {path: data for path, data in self.source.files.items() if before.get(path) != data}


def survey(folder: str, asked: HerokuQuery, progress: Callable[[str], None]) -> Surveyed:
    """List the apps and say where each belongs, before a value is read."""
    tree = tree_at(folder)
    if tree is None:
        _refuse_leftovers(folder)
    environments = tuple(each.name for each in read_project_of(tree.source)[0].environments) if tree else ()
    listing = list_assigned(tree, asked, progress, environments)
    return Surveyed(listing, tree.root if tree else os.path.realpath(folder), tree)


def _refuse_leftovers(folder: str) -> None:
    """Raise EnvtreeError where files stand that would become part of a tree without being looked at."""
    there = [each for each in (CONFIGS, SCHEMAS) if os.path.lexists(os.path.join(folder, each.rstrip("/")))]  # noqa: PTH118
    if there:
        message = f"`{folder}` has {' and '.join(f'`{each}`' for each in there)}, but no `{SETTINGS}`"
        raise EnvtreeError(Diagnostic("tree-not-empty", message, help="nothing was written; choose another folder"))


def plan(surveyed: Surveyed, progress: Callable[[str], None]) -> Planned:
    """Read the config vars, say what is to be written, and prove it; raises EnvtreeError where that can't be done."""
    listing = read_formations(read_config_vars(surveyed.listing, progress)[0], progress)
    surveyed = surveyed._replace(listing=listing)
    assigned = listing.assignment.assigned
    parts, left = parts_of((each.cell, each.app) for each in assigned)
    unread = unreadable(listing.fleet, [each.app.name for each in assigned])
    if unread or not parts:
        return Planned(surveyed, parts, _source(surveyed), 0, (), (), frozenset(), left, unread, ())
    secrets = secret_names({part.cell: part.values for part in parts})
    planned = (_merged if surveyed.has_content else _drafted)(surveyed, parts, secrets)
    return planned._replace(left=left)


def write(planned: Planned) -> None:
    """Write what was planned, and read it back; raises EnvtreeError where it is not what was proved."""
    from envtree.adapters.files.rewrite import FileEdit, rewrite
    from envtree.adapters.files.worktree import read, write_new

    root, files, before = planned.surveyed.root, planned.files, planned.surveyed.files
    new = {path: data.decode() for path, data in files.items() if path not in before}
    edits = [FileEdit(path, before[path], data) for path, data in files.items() if path in before]
    write_new(root, new, mode=0o600)
    rewrite(root, edits)
    if digest(read(root)) != digest(planned.source):
        message = f"`{root}` doesn't hold what was written: something else wrote to it"
        raise EnvtreeError(Diagnostic("import-failed", message, help="`envtree diff heroku` says what differs"))


def _drafted(surveyed: Surveyed, parts: Sequence[ImportedApp], secrets: frozenset[str]) -> Planned:
    """A tree that holds nothing yet."""
    drafted = draft(parts, secrets)
    environments = sorted({part.cell.environment for part in parts})
    files = {**drafted.files, SETTINGS: _settings(surveyed, parts, environments)}
    source = _source(surveyed, files)
    _prove(*compile_anyway(_at(surveyed, source)), parts, ())
    return Planned(surveyed, tuple(parts), source, drafted.entries, (), (), secrets, (), (), drafted.notes)


def _merged(surveyed: Surveyed, parts: Sequence[ImportedApp], secrets: frozenset[str]) -> Planned:
    """A tree with content: what it has is kept, but for what its processes would get otherwise than on Heroku."""
    before = _valid(surveyed)
    if faults := misplaced(parts, before.project):
        raise EnvtreeError(*faults)
    known = {service.name for service in before.project.services}
    services, notes = service_files([part for part in parts if part.cell.service not in known])
    files = {path: text.encode() for path, text in services.items()}
    if files:  # the services that are new have nodes, too
        before, _ = compile_anyway(_at(surveyed, _source(surveyed, files)))
    files[SETTINGS] = _settings(surveyed, parts, ())
    layers, kept = merge(parts, before, known, secrets, surveyed.listing.settings.expect)
    for place, found in layers.items():
        files[f"{CONFIGS}{place}{SUFFIX}"] = _with_entries(surveyed, f"{CONFIGS}{place}{SUFFIX}", found)
    source = _source(surveyed, files)
    after, problems = compile_anyway(_at(surveyed, source))
    if declared := _declared(source, after, parts, secrets):
        source = _source(surveyed, {**files, **declared})
        after, problems = compile_anyway(_at(surveyed, source))
    _prove(after, problems, parts, kept)
    return Planned(
        surveyed, tuple(parts), source, count(layers), _changes(before, layers), kept, secrets, (), (), notes
    )


def _changes(before: Compilation, layers: Layers) -> tuple[Changed, ...]:
    """What entries do in layers that may hold others of the same names."""
    found = []
    for place, entries in layers.items():
        held = before.layers[place].entries if place in before.layers else {}
        for name, text in entries.items():
            does: Literal["set", "unset"] = "unset" if text is None else "set"
            found.append(Changed(name, f"{CONFIGS}{place}{SUFFIX}", "replaced" if name in held else does))
    return tuple(found)


def _valid(surveyed: Surveyed) -> Compilation:
    """The tree before the import; raises EnvtreeError where it is wrong already."""
    compilation, problems = compile_tree(_at(surveyed, _source(surveyed)))
    if compilation is None or errors(problems):
        message = "only a tree without errors can be imported into"
        raise EnvtreeError(Diagnostic("import-failed", message, help="`envtree validate` shows them"))
    return compilation


def _settings(surveyed: Surveyed, parts: Sequence[ImportedApp], environments: Sequence[str]) -> bytes:
    """The settings with the mapping, and what each app's config vars were when they were read."""
    links = {part.cell: (part.app.name, part.app.release) for part in parts}
    linked = {link.app for link in surveyed.listing.settings.apps.values()}  # what the table says stays
    skip = {app: "left out of the import" for app in surveyed.listing.asked.skip if app not in linked}
    if surveyed.tree is None:
        return new_settings(environments, links, skip).encode()
    try:
        return add_to_settings(surveyed.files[SETTINGS], environments, links, skip)
    except CannotPut as error:
        raise _cannot_edit(SETTINGS, error) from None


def _with_entries(surveyed: Surveyed, path: str, entries: Mapping[str, str | None]) -> bytes:
    before = surveyed.files.get(path)
    if before is None:
        return layer(entries).encode()
    try:
        return set_entries(path, before, entries)
    except CannotPut as error:
        raise _cannot_edit(path, error) from None


def _declared(
    source: Source, compilation: Compilation, parts: Sequence[ImportedApp], secrets: frozenset[str]
) -> dict[str, bytes]:
    """The schema files with what no schema knows yet; a tree without schemas stays without."""
    if not any(path.startswith(SCHEMAS) for path in source.files):
        return {}
    files = {}
    for service in sorted({part.cell.service for part in parts}):
        own = {target: node for target, node in compilation.own.items() if target.service == service}
        having = {target: delivered(node) for target, node in own.items()}
        unknown = {name for target in own for name in having[target].keys() - compilation.governed[target].known}
        if unknown:
            path = path_of(service)
            declared = [_declare(name, having, secrets) for name in sorted(unknown)]
            files[path] = _with_declared(path, source.files.get(path), declared)
    return files


def _declare(name: str, having: Mapping[Target, Mapping[str, str]], secrets: frozenset[str]) -> Declared:
    texts = [values[name] for values in having.values() if name in values]
    return declare(name, texts, secrets, is_optional=len(texts) < len(having))


def _with_declared(path: str, before: bytes | None, declared: Sequence[Declared]) -> bytes:
    if before is None:
        return schema_file(path, declared).encode()
    return with_declarations(path, before.decode(), declared).encode()


def _prove(
    compilation: Compilation, problems: Sequence[Diagnostic], parts: Sequence[ImportedApp], kept: Sequence[Kept]
) -> None:
    """Hold every value of every app against what is to be written, compiled; one that differs ends it."""
    if found := errors(problems):
        raise EnvtreeError(*found)
    wrong = tuple(unequal(parts, compilation.own, {(each.target, each.name) for each in kept}))
    if wrong:
        raise EnvtreeError(*map(as_diagnostic, wrong))


def _at(surveyed: Surveyed, source: Source) -> Tree:
    return Tree(surveyed.root, source, surveyed.tree.unsafe if surveyed.tree else tuple)


def _source(surveyed: Surveyed, files: Mapping[str, bytes] | None = None) -> Source:
    """The tree as it is, with some files as they will be."""
    if surveyed.tree is None:
        return Source(dict(files or {}))
    return Source({**surveyed.files, **(files or {})}, surveyed.tree.source.refused)


def _cannot_edit(path: str, error: CannotPut) -> EnvtreeError:
    what = f"`{one_line(error.name)}` in {path}" if error.name else f"`{path}`"
    message = f"{what} can't be changed: {error.reason}"
    advice = f"add {error.lines} by hand, then import again" if path == SETTINGS and error.lines else ""
    advice = advice or "change it by hand, then import again"
    return EnvtreeError(Diagnostic("import-failed", message, help=advice))
