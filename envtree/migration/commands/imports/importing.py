"""What every import does: the fewest entries that give each process what its app has, proved, then written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from envtree.commands.tree import Tree, compile_anyway, compile_tree
from envtree.core.layers.layout import SUFFIX
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.source import CONFIGS, SCHEMAS, SETTINGS, Source, digest
from envtree.core.settings.heroku import Deployment, ExpectationIndex
from envtree.core.yaml.splice import CannotUpdate
from envtree.migration.commands.imports.import_edits import cannot_edit, with_layers
from envtree.migration.commands.imports.import_plan import ImportPlan, ImportSurvey
from envtree.migration.commands.imports.service_edits import port_edits, service_edits
from envtree.migration.importing.carried import ImportedApp
from envtree.migration.importing.decision import Rules, decide
from envtree.migration.importing.draft import draft
from envtree.migration.importing.factor import count_entries
from envtree.migration.importing.fitting.declared import NOTHING_DECLARED, Declared
from envtree.migration.importing.fitting.fill import fitted
from envtree.migration.importing.fitting.origin import HEROKU
from envtree.migration.importing.merge import fixed_names, merge
from envtree.migration.importing.ports import as_kept
from envtree.migration.importing.proof import as_diagnostic, delivered, mismatches
from envtree.migration.importing.report import ChangedEntry
from envtree.migration.importing.schemas.growth import (
    Growth,
    extended_schemas,
    loosened_schemas,
    narrowed_schemas,
    widened_schemas,
)
from envtree.migration.importing.settings_file import add_to_settings, new_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Project
    from envtree.migration.importing.decision import KeptVariable
    from envtree.migration.importing.merge import LayerChanges


def refuse_leftovers(folder: str) -> None:
    """Raise EnvtreeError where there are files that would become part of a tree without being checked."""
    there = [each for each in (CONFIGS, SCHEMAS) if os.path.lexists(os.path.join(folder, each.rstrip("/")))]  # noqa: PTH118
    if there:
        message = f"`{folder}` has {' and '.join(f'`{each}`' for each in there)}, but no `{SETTINGS}`"
        raise EnvtreeError(Diagnostic("tree-not-empty", message, help="nothing was written; choose another folder"))


def plan_apps(
    surveyed: ImportSurvey,
    apps: Sequence[ImportedApp],
    secrets: frozenset[str],
    declared: Declared = NOTHING_DECLARED,
) -> ImportPlan:
    """Compute what gives these apps' processes what they have, and prove it; raises EnvtreeError where it can't be."""
    return (_merged if surveyed.has_content else _drafted)(surveyed, apps, secrets, declared)


def plan_files(surveyed: ImportSurvey, files: Mapping[str, bytes], notes: tuple[str, ...]) -> ImportPlan:
    """Plan new content for files that no variable comes from, and prove that each process keeps what it gets."""
    before, lacking = _valid(surveyed)
    source = _source(surveyed, files)
    after, problems = compile_anyway(_at(surveyed, source))
    _prove(after, problems, (), (), lacking)
    lost = [target for target, node in before.own.items() if delivered(node) != delivered(after.own[target])]
    assert not lost, "a process gets other variables for another command"
    return ImportPlan(surveyed, (), source, 0, (), (), frozenset(), (), (), notes)


def write(planned: ImportPlan) -> None:
    """Write what was planned, and read it back; raises EnvtreeError where it is not what was proved."""
    from envtree.adapters.files.lock import locked_tree
    from envtree.adapters.files.rewrite import FileEdit, remove, rewrite
    from envtree.adapters.files.worktree import read, write_new

    root, files, before = planned.surveyed.root, planned.files, planned.surveyed.on_disk
    new = {path: data.decode() for path, data in files.items() if path not in before}
    edits = [FileEdit(path, before[path], data) for path, data in files.items() if path in before]
    write_new(root, new, mode=0o600)
    with locked_tree(root):
        rewrite(root, edits)
        remove(root, planned.deleted)
    if digest(read(root)) != digest(planned.source):
        message = f"`{root}` doesn't hold what was written: something else wrote to it"
        raise EnvtreeError(Diagnostic("import-failed", message, help="import again, which says what is left"))


def _drafted(
    surveyed: ImportSurvey, apps: Sequence[ImportedApp], secrets: frozenset[str], declared: Declared
) -> ImportPlan:
    """Plan an import into a tree that holds nothing yet, or just the example that `envtree init` wrote."""
    drafted = draft(apps, secrets, surveyed.origin, declared)
    environments = sorted({each.deployment.environment for each in apps})
    files = {**drafted.files, SETTINGS: _settings(surveyed, apps, environments)}
    sample = [path for path in surveyed.files if path.startswith((CONFIGS, SCHEMAS))] if surveyed.is_sample else []
    source = _source(surveyed, {**dict.fromkeys(sample), **files})
    _prove(*compile_anyway(_at(surveyed, source)), apps, drafted.kept, declared.required)
    return ImportPlan(surveyed, tuple(apps), source, drafted.entries, (), (), secrets, (), (), drafted.notes)


def _merged(
    surveyed: ImportSurvey, apps: Sequence[ImportedApp], secrets: frozenset[str], declared: Declared
) -> ImportPlan:
    """Plan an import into a tree with content, of which what the team changed stays."""
    before, lacking = _valid(surveyed)
    services = {service.name for service in before.project.services}
    known = {Deployment(each.environment, each.service) for each in before.own}
    new_environments = _new_environments(before.project, apps)
    edits = service_edits(surveyed, before.project, apps, new_environments, declared)
    files = dict(edits.files)
    if files or new_environments:
        files[SETTINGS] = _settings(surveyed, (), new_environments)
        before, _ = compile_anyway(_at(surveyed, _source(surveyed, files)))  # what is new has nodes, too
    port_files, ports = port_edits(surveyed, before, apps, edits.with_new_web)
    wanted = fitted(apps, before, services, surveyed.origin)
    expect, lacks = ExpectationIndex(surveyed.listing.settings.expect), surveyed.origin.lacking
    decision = decide(wanted, before, known, Rules(expect, lacks, surveyed.bases, surveyed.choices))
    files[SETTINGS] = _settings(
        surveyed, [each for each in apps if each.deployment not in decision.undecided], new_environments
    )
    new = {each.deployment for each in apps} - known
    changes = merge(before, decision.changes, new, fixed_names(surveyed.files, before), secrets)
    files |= with_layers(surveyed.files, changes) | port_files
    source = _source(surveyed, files)
    after, problems = compile_anyway(_at(surveyed, source))
    if surveyed.schemas == "run":
        source, after, problems = _with_schemas(surveyed, source, (after, problems), wanted, secrets, declared)
    kept = (*decision.kept, *as_kept(apps, ports))
    _prove(after, problems, wanted, kept, {*declared.required, *lacking})
    changed, entries = _changes(before, changes), count_entries(changes.entries)
    return ImportPlan(
        surveyed,
        tuple(apps),
        source,
        entries,
        changed,
        decision.kept,
        secrets,
        (),
        (),
        edits.notes,
        decision.conflicts,
    )


def _new_environments(project: Project, apps: Sequence[ImportedApp]) -> list[str]:
    known = {each.name for each in project.environments}
    return sorted({each.deployment.environment for each in apps} - known)


def _with_schemas(
    surveyed: ImportSurvey,
    source: Source,
    compiled: tuple[Compilation, tuple[Diagnostic, ...]],
    apps: Sequence[ImportedApp],
    secrets: frozenset[str],
    given: Declared,
) -> tuple[Source, Compilation, tuple[Diagnostic, ...]]:
    """Return the tree with schemas that know what it has, and require no more than that of what is imported."""
    has_schemas = any(path.startswith(SCHEMAS) for path in source.files)
    imported = {each.deployment for each in apps}
    steps: list[Callable[[Growth], Mapping[str, str]]]
    if not has_schemas and surveyed.has_variables:
        steps = []  # a team that has none gets none
    elif surveyed.origin.is_exact:
        steps = [narrowed_schemas, lambda growth: extended_schemas(growth, given), widened_schemas, loosened_schemas]
    else:
        steps = [lambda growth: extended_schemas(growth, given)]
    for step in steps:
        growth = Growth(source.files, *compiled, imported, secrets, surveyed.origin.had)
        if texts := step(growth):
            source = _changed(source, growth.edited(texts))
            compiled = compile_anyway(_at(surveyed, source))
    return source, *compiled


def _changes(before: Compilation, changes: LayerChanges) -> tuple[ChangedEntry, ...]:
    """Return what entries do in layers that may have others of the same names."""
    found = []
    for layer_id, entries in changes.entries.items():
        existing = before.layers[layer_id].entries if layer_id in before.layers else {}
        for name, text in entries.items():
            action: Literal["set", "unset"] = "unset" if text is None else "set"
            found.append(ChangedEntry(name, f"{CONFIGS}{layer_id}{SUFFIX}", "replaced" if name in existing else action))
    for layer_id, names in changes.removed.items():
        found += [ChangedEntry(name, f"{CONFIGS}{layer_id}{SUFFIX}", "removed") for name in names]
    return tuple(found)


def _valid(surveyed: ImportSurvey) -> tuple[Compilation, frozenset[str]]:
    """Return the tree before the import, compiled, and the variables that it lacks.

    Raises EnvtreeError where it is wrong already; files may bring what it lacks.
    """
    compilation, problems = compile_tree(_at(surveyed, _source(surveyed)))
    lacking = [each for each in errors(problems) if each.code == "missing-variable"]
    others = len(errors(problems)) - (0 if surveyed.origin.is_exact else len(lacking))
    if compilation is None or others:
        message = "only a tree without errors can be imported into"
        raise EnvtreeError(Diagnostic("import-failed", message, help="`envtree validate` shows them"))
    return compilation, frozenset(each.variable for each in lacking)


def _settings(surveyed: ImportSurvey, apps: Sequence[ImportedApp], environments: Sequence[str]) -> bytes:
    """Return the settings with the mapping, and the release of each app's config vars when they were read."""
    is_linked = surveyed.origin is HEROKU
    links = {each.deployment: (each.app.name, _release(surveyed, each), _identity(each)) for each in apps if is_linked}
    linked = {link.app for link in surveyed.listing.settings.apps.values()}  # what the table says stays
    skip = {app: "left out of the import" for app in surveyed.listing.query.skip if app not in linked}
    if surveyed.tree is None:
        return new_settings(environments, links, skip).encode()
    try:
        return add_to_settings(surveyed.files[SETTINGS], environments, links, skip)
    except CannotUpdate as error:
        raise cannot_edit(SETTINGS, error) from None


def _release(surveyed: ImportSurvey, imported: ImportedApp) -> int | None:
    """Return the release to record: the one that is recorded, where it has the same config vars."""
    link = surveyed.listing.settings.apps.get(imported.deployment)
    base = surveyed.bases.values.get(imported.app.name)
    is_same = link is not None and base is not None and base == imported.app.values
    return link.release if link is not None and is_same else imported.app.release


def _identity(imported: ImportedApp) -> str:
    return "" if imported.app.is_review_stage else imported.app.id


def _prove(
    compilation: Compilation,
    problems: Sequence[Diagnostic],
    apps: Sequence[ImportedApp],
    kept: Sequence[KeptVariable],
    may_lack: Collection[str] = (),
) -> None:
    """Compare every value of every app with what is to be written, compiled; raise EnvtreeError if one differs.

    A variable that is required may be without a value where `may_lack` has it.
    """
    found = errors(problems)
    if wrong := [each for each in found if each.code != "missing-variable" or each.variable not in may_lack]:
        raise EnvtreeError(*wrong)
    differing = tuple(mismatches(apps, compilation.own, {(each.target, each.name) for each in kept}))
    if differing:
        raise EnvtreeError(*map(as_diagnostic, differing))


def _at(surveyed: ImportSurvey, source: Source) -> Tree:
    unsafe = surveyed.tree.unsafe if surveyed.tree else tuple
    return Tree(surveyed.root, source, unsafe, schemas=surveyed.schemas)


def _source(surveyed: ImportSurvey, files: Mapping[str, bytes | None] | None = None) -> Source:
    """Return the tree as it is, with some files as they will be."""
    source = surveyed.tree.source if surveyed.tree else Source({})
    return _changed(source, files or {})


def _changed(source: Source, files: Mapping[str, bytes | None]) -> Source:
    """Return a source with other files; those that are None are gone."""
    changed = {**source.files, **files}
    return Source({path: data for path, data in changed.items() if data is not None}, source.refused)
