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
from envtree.core.yaml.splice import CannotUpdate
from envtree.core.yaml.update import set_entries
from envtree.core.yaml.writer import layer_text
from envtree.migration.commands.read import (
    HerokuQuery,
    Listing,
    list_assigned,
    read_config_vars,
    read_formations,
    tree_at,
    unreadable,
)
from envtree.migration.importing.carried import ImportedApp, imported_apps
from envtree.migration.importing.draft import draft, service_files
from envtree.migration.importing.factor import count_entries
from envtree.migration.importing.merge import KeptVariable, Layers, merge, misplaced
from envtree.migration.importing.proof import as_diagnostic, delivered, mismatches
from envtree.migration.importing.report import ChangedEntry
from envtree.migration.importing.schema_file import (
    FieldDeclaration,
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
    from envtree.core.model.source import SchemaUse
    from envtree.core.model.tree import Target


class ImportSurvey(NamedTuple):
    """The apps, each with its deployment, and the tree that they go into: None where there is none yet."""

    listing: Listing
    root: str
    tree: Tree | None
    schemas: SchemaUse = "run"

    @property
    def files(self) -> Mapping[str, bytes]:
        """What the tree has so far, by path."""
        return self.tree.source.files if self.tree else {}

    @property
    def has_content(self) -> bool:
        """Whether the tree has something already that an import must respect."""
        return any(path.startswith(CONFIGS) for path in self.files)


class ImportPlan(NamedTuple):
    """What an import would write, and has proved; nothing of it is written yet."""

    surveyed: ImportSurvey
    apps: tuple[ImportedApp, ...]
    source: Source
    """The tree as it will be."""
    entries: int
    """How many the import adds to the layers."""
    changed: tuple[ChangedEntry, ...]
    """In a tree with content: the entries that are new or different."""
    kept: tuple[KeptVariable, ...]
    secrets: frozenset[str]
    uncarried: tuple[Diagnostic, ...]
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


def survey(
    folder: str, query: HerokuQuery, progress: Callable[[str], None], schemas: SchemaUse = "run"
) -> ImportSurvey:
    """List the apps and find where each belongs, before a value is read."""
    tree = tree_at(folder, schemas)
    if tree is None:
        _refuse_leftovers(folder)
    environments = tuple(each.name for each in read_project_of(tree.source)[0].environments) if tree else ()
    listing = list_assigned(tree, query, progress, environments)
    return ImportSurvey(listing, tree.root if tree else os.path.realpath(folder), tree, schemas)


def _refuse_leftovers(folder: str) -> None:
    """Raise EnvtreeError where there are files that would become part of a tree without being checked."""
    there = [each for each in (CONFIGS, SCHEMAS) if os.path.lexists(os.path.join(folder, each.rstrip("/")))]  # noqa: PTH118
    if there:
        message = f"`{folder}` has {' and '.join(f'`{each}`' for each in there)}, but no `{SETTINGS}`"
        raise EnvtreeError(Diagnostic("tree-not-empty", message, help="nothing was written; choose another folder"))


def plan(surveyed: ImportSurvey, progress: Callable[[str], None]) -> ImportPlan:
    """Read the config vars, compute what to write, and prove it; raises EnvtreeError where that can't be done."""
    listing = read_formations(read_config_vars(surveyed.listing, progress)[0], progress)
    surveyed = surveyed._replace(listing=listing)
    assigned = listing.assignment.assigned
    apps, uncarried = imported_apps((each.deployment, each.app) for each in assigned)
    unread = unreadable(listing.fleet, [each.app.name for each in assigned])
    if unread or not apps:
        return ImportPlan(surveyed, apps, _source(surveyed), 0, (), (), frozenset(), uncarried, unread, ())
    secrets = secret_names({each.deployment: each.values for each in apps})
    planned = (_merged if surveyed.has_content else _drafted)(surveyed, apps, secrets)
    return planned._replace(uncarried=uncarried)


def write(planned: ImportPlan) -> None:
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


def _drafted(surveyed: ImportSurvey, apps: Sequence[ImportedApp], secrets: frozenset[str]) -> ImportPlan:
    """Plan an import into a tree that holds nothing yet."""
    drafted = draft(apps, secrets)
    environments = sorted({each.deployment.environment for each in apps})
    files = {**drafted.files, SETTINGS: _settings(surveyed, apps, environments)}
    source = _source(surveyed, files)
    _prove(*compile_anyway(_at(surveyed, source)), apps, ())
    return ImportPlan(surveyed, tuple(apps), source, drafted.entries, (), (), secrets, (), (), drafted.notes)


def _merged(surveyed: ImportSurvey, apps: Sequence[ImportedApp], secrets: frozenset[str]) -> ImportPlan:
    """Plan an import into a tree with content, which stays unless its processes would differ from Heroku."""
    before = _valid(surveyed)
    if faults := misplaced(apps, before.project):
        raise EnvtreeError(*faults)
    known = {service.name for service in before.project.services}
    services, notes = service_files([each for each in apps if each.deployment.service not in known])
    files = {path: text.encode() for path, text in services.items()}
    if files:  # the services that are new have nodes, too
        before, _ = compile_anyway(_at(surveyed, _source(surveyed, files)))
    files[SETTINGS] = _settings(surveyed, apps, ())
    layers, kept = merge(apps, before, known, secrets, surveyed.listing.settings.expect)
    for layer_id, found in layers.items():
        files[f"{CONFIGS}{layer_id}{SUFFIX}"] = _with_entries(surveyed, f"{CONFIGS}{layer_id}{SUFFIX}", found)
    source = _source(surveyed, files)
    after, problems = compile_anyway(_at(surveyed, source))
    if surveyed.schemas == "run" and (declared := _declared(source, after, apps, secrets)):
        source = _source(surveyed, {**files, **declared})
        after, problems = compile_anyway(_at(surveyed, source))
    _prove(after, problems, apps, kept)
    return ImportPlan(
        surveyed, tuple(apps), source, count_entries(layers), _changes(before, layers), kept, secrets, (), (), notes
    )


def _changes(before: Compilation, layers: Layers) -> tuple[ChangedEntry, ...]:
    """Return what entries do in layers that may have others of the same names."""
    found = []
    for layer_id, entries in layers.items():
        existing = before.layers[layer_id].entries if layer_id in before.layers else {}
        for name, text in entries.items():
            action: Literal["set", "unset"] = "unset" if text is None else "set"
            found.append(ChangedEntry(name, f"{CONFIGS}{layer_id}{SUFFIX}", "replaced" if name in existing else action))
    return tuple(found)


def _valid(surveyed: ImportSurvey) -> Compilation:
    """Return the tree before the import, compiled; raises EnvtreeError where it is wrong already."""
    compilation, problems = compile_tree(_at(surveyed, _source(surveyed)))
    if compilation is None or errors(problems):
        message = "only a tree without errors can be imported into"
        raise EnvtreeError(Diagnostic("import-failed", message, help="`envtree validate` shows them"))
    return compilation


def _settings(surveyed: ImportSurvey, apps: Sequence[ImportedApp], environments: Sequence[str]) -> bytes:
    """Return the settings with the mapping, and the release of each app's config vars when they were read."""
    links = {each.deployment: (each.app.name, each.app.release) for each in apps}
    linked = {link.app for link in surveyed.listing.settings.apps.values()}  # what the table says stays
    skip = {app: "left out of the import" for app in surveyed.listing.query.skip if app not in linked}
    if surveyed.tree is None:
        return new_settings(environments, links, skip).encode()
    try:
        return add_to_settings(surveyed.files[SETTINGS], environments, links, skip)
    except CannotUpdate as error:
        raise _cannot_edit(SETTINGS, error) from None


def _with_entries(surveyed: ImportSurvey, path: str, entries: Mapping[str, str | None]) -> bytes:
    before = surveyed.files.get(path)
    if before is None:
        return layer_text(entries).encode()
    try:
        return set_entries(path, before, entries)
    except CannotUpdate as error:
        raise _cannot_edit(path, error) from None


def _declared(
    source: Source, compilation: Compilation, apps: Sequence[ImportedApp], secrets: frozenset[str]
) -> dict[str, bytes]:
    """Return the schema files with what no schema knows yet; none for a tree without, or whose are not run."""
    if not any(path.startswith(SCHEMAS) for path in source.files):
        return {}
    files = {}
    for service in sorted({each.deployment.service for each in apps}):
        own = {target: node for target, node in compilation.own.items() if target.service == service}
        values_by_target = {target: delivered(node) for target, node in own.items()}
        unknown = {
            name for target in own for name in values_by_target[target].keys() - compilation.governed[target].known
        }
        if unknown:
            path = path_of(service)
            declared = [_declare(name, values_by_target, secrets) for name in sorted(unknown)]
            files[path] = _with_declared(path, source.files.get(path), declared)
    return files


def _declare(
    name: str, values_by_target: Mapping[Target, Mapping[str, str]], secrets: frozenset[str]
) -> FieldDeclaration:
    texts = [values[name] for values in values_by_target.values() if name in values]
    return declare(name, texts, secrets, is_optional=len(texts) < len(values_by_target))


def _with_declared(path: str, before: bytes | None, declared: Sequence[FieldDeclaration]) -> bytes:
    if before is None:
        return schema_file(path, declared).encode()
    return with_declarations(path, before.decode(), declared).encode()


def _prove(
    compilation: Compilation, problems: Sequence[Diagnostic], apps: Sequence[ImportedApp], kept: Sequence[KeptVariable]
) -> None:
    """Compare every value of every app with what is to be written, compiled; raise EnvtreeError if one differs."""
    if found := errors(problems):
        raise EnvtreeError(*found)
    wrong = tuple(mismatches(apps, compilation.own, {(each.target, each.name) for each in kept}))
    if wrong:
        raise EnvtreeError(*map(as_diagnostic, wrong))


def _at(surveyed: ImportSurvey, source: Source) -> Tree:
    unsafe = surveyed.tree.unsafe if surveyed.tree else tuple
    return Tree(surveyed.root, source, unsafe, schemas=surveyed.schemas)


def _source(surveyed: ImportSurvey, files: Mapping[str, bytes] | None = None) -> Source:
    """Return the tree as it is, with some files as they will be."""
    if surveyed.tree is None:
        return Source(dict(files or {}))
    return Source({**surveyed.files, **(files or {})}, surveyed.tree.source.refused)


def _cannot_edit(path: str, error: CannotUpdate) -> EnvtreeError:
    what = f"`{one_line(error.name)}` in {path}" if error.name else f"`{path}`"
    message = f"{what} can't be changed: {error.reason}"
    advice = f"add {error.lines} by hand, then import again" if path == SETTINGS and error.lines else ""
    advice = advice or "change it by hand, then import again"
    return EnvtreeError(Diagnostic("import-failed", message, help=advice))
