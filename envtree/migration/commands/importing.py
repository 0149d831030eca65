"""What every import does: the fewest entries that give each process what its app has, proved, then written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from envtree.commands.tree import Tree, compile_anyway, compile_tree
from envtree.core.layers.layout import SUFFIX
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.source import CONFIGS, SCHEMAS, SETTINGS, Source, digest
from envtree.core.render.mask import one_line
from envtree.core.yaml.splice import CannotUpdate
from envtree.core.yaml.update import set_entries
from envtree.core.yaml.writer import layer_text
from envtree.migration.commands.import_plan import ImportPlan, ImportSurvey
from envtree.migration.importing.carried import ImportedApp
from envtree.migration.importing.draft import draft, service_files
from envtree.migration.importing.factor import count_entries
from envtree.migration.importing.fitting.declared import NOTHING_DECLARED, Declared
from envtree.migration.importing.fitting.fill import fitted, hoisted
from envtree.migration.importing.fitting.origin import HEROKU
from envtree.migration.importing.merge import KeptVariable, Layers, merge, misplaced
from envtree.migration.importing.proof import as_diagnostic, delivered, mismatches
from envtree.migration.importing.report import ChangedEntry
from envtree.migration.importing.schema_file import (
    FieldDeclaration,
    declare,
    path_of,
    schema_file,
    with_declarations,
)
from envtree.migration.importing.settings_file import add_to_settings, new_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Target


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
    missing = _prove(after, problems, (), (), lacking)
    lost = [target for target, node in before.own.items() if delivered(node) != delivered(after.own[target])]
    assert not lost, "a process gets other variables for another command"
    return ImportPlan(surveyed, (), source, 0, (), (), frozenset(), (), (), notes, missing)


def write(planned: ImportPlan) -> None:
    """Write what was planned, and read it back; raises EnvtreeError where it is not what was proved."""
    from envtree.adapters.files.lock import locked_tree
    from envtree.adapters.files.rewrite import FileEdit, rewrite
    from envtree.adapters.files.worktree import read, write_new

    root, files, before = planned.surveyed.root, planned.files, planned.surveyed.files
    new = {path: data.decode() for path, data in files.items() if path not in before}
    edits = [FileEdit(path, before[path], data) for path, data in files.items() if path in before]
    write_new(root, new, mode=0o600)
    with locked_tree(root):
        rewrite(root, edits)
    if digest(read(root)) != digest(planned.source):
        message = f"`{root}` doesn't hold what was written: something else wrote to it"
        raise EnvtreeError(Diagnostic("import-failed", message, help="import again, which says what is left"))


def _drafted(
    surveyed: ImportSurvey, apps: Sequence[ImportedApp], secrets: frozenset[str], declared: Declared
) -> ImportPlan:
    """Plan an import into a tree that holds nothing yet."""
    drafted = draft(apps, secrets, surveyed.origin.had, declared)
    environments = sorted({each.deployment.environment for each in apps})
    files = {**drafted.files, SETTINGS: _settings(surveyed, apps, environments)}
    source = _source(surveyed, files)
    missing = _prove(*compile_anyway(_at(surveyed, source)), apps, (), declared.required)
    return ImportPlan(surveyed, tuple(apps), source, drafted.entries, (), (), secrets, (), (), drafted.notes, missing)


def _merged(
    surveyed: ImportSurvey, apps: Sequence[ImportedApp], secrets: frozenset[str], declared: Declared
) -> ImportPlan:
    """Plan an import into a tree with content, which stays unless its processes would differ from Heroku."""
    before, lacking = _valid(surveyed)
    if faults := misplaced(apps, before.project):
        raise EnvtreeError(*faults)
    known = {service.name for service in before.project.services}
    services, notes = service_files([each for each in apps if each.deployment.service not in known], declared)
    files = {path: text.encode() for path, text in services.items()}
    if files:  # the services that are new have nodes, too
        before, _ = compile_anyway(_at(surveyed, _source(surveyed, files)))
    files[SETTINGS] = _settings(surveyed, apps, ())
    wanted = fitted(apps, before, known, surveyed.origin)
    layers, kept = merge(wanted, before, known, secrets, surveyed.listing.settings.expect, surveyed.origin.lacking)
    if not surveyed.origin.is_exact:
        layers = hoisted(layers, before, secrets)
    for layer_id, found in layers.items():
        files[f"{CONFIGS}{layer_id}{SUFFIX}"] = _with_entries(surveyed, f"{CONFIGS}{layer_id}{SUFFIX}", found)
    source = _source(surveyed, files)
    after, problems = compile_anyway(_at(surveyed, source))
    if surveyed.schemas == "run" and (schemas := _declared(surveyed, source, after, wanted, secrets, declared)):
        source = _source(surveyed, {**files, **schemas})
        after, problems = compile_anyway(_at(surveyed, source))
    missing = _prove(after, problems, wanted, kept, {*declared.required, *lacking})
    changed = _changes(before, layers)
    entries = count_entries(layers)
    return ImportPlan(surveyed, tuple(apps), source, entries, changed, kept, secrets, (), (), notes, missing)


def _changes(before: Compilation, layers: Layers) -> tuple[ChangedEntry, ...]:
    """Return what entries do in layers that may have others of the same names."""
    found = []
    for layer_id, entries in layers.items():
        existing = before.layers[layer_id].entries if layer_id in before.layers else {}
        for name, text in entries.items():
            action: Literal["set", "unset"] = "unset" if text is None else "set"
            found.append(ChangedEntry(name, f"{CONFIGS}{layer_id}{SUFFIX}", "replaced" if name in existing else action))
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
    links = {each.deployment: (each.app.name, each.app.release) for each in apps if is_linked}
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
    surveyed: ImportSurvey,
    source: Source,
    compilation: Compilation,
    apps: Sequence[ImportedApp],
    secrets: frozenset[str],
    given: Declared,
) -> dict[str, bytes]:
    """Return the schema files with what no schema knows yet; none for a tree with variables and without schemas."""
    has_schemas = any(path.startswith(SCHEMAS) for path in source.files)
    if not has_schemas and (surveyed.origin.is_exact or surveyed.has_variables):
        return {}
    by_service: dict[str, dict[Target, dict[str, str]]] = {each.deployment.service: {} for each in apps}
    for target, node in compilation.own.items():
        if target.service in by_service:
            by_service[target.service][target] = delivered(node)
    files = {}
    for service, values_by_target in sorted(by_service.items()):
        unknown = {
            name
            for target, values in values_by_target.items()
            for name in values.keys() - compilation.governed[target].known
        }
        known = frozenset.union(frozenset(), *(compilation.governed[target].known for target in values_by_target))
        declared = [_declare(name, values_by_target, secrets) for name in sorted(unknown)]
        if declared := given.completed(service, declared, known):
            path = path_of(service)
            files[path] = _with_declared(path, source.files.get(path), declared, surveyed.origin.had)
    return files


def _declare(
    name: str, values_by_target: Mapping[Target, Mapping[str, str]], secrets: frozenset[str]
) -> FieldDeclaration:
    texts = [values[name] for values in values_by_target.values() if name in values]
    return declare(name, texts, secrets, is_optional=len(texts) < len(values_by_target))


def _with_declared(path: str, before: bytes | None, declared: Sequence[FieldDeclaration], had: str) -> bytes:
    if before is None:
        return schema_file(path, declared, had).encode()
    return with_declarations(path, before.decode(), declared).encode()


def _prove(
    compilation: Compilation,
    problems: Sequence[Diagnostic],
    apps: Sequence[ImportedApp],
    kept: Sequence[KeptVariable],
    may_lack: Collection[str] = (),
) -> tuple[str, ...]:
    """Compare every value of every app with what is to be written, compiled; raise EnvtreeError if one differs.

    Returns the variables that are required and have no value, which must be among `may_lack`.
    """
    found = errors(problems)
    missing = [each for each in found if each.code == "missing-variable" and each.variable in may_lack]
    if len(missing) < len(found):
        raise EnvtreeError(*(each for each in found if each not in missing))
    wrong = tuple(mismatches(apps, compilation.own, {(each.target, each.name) for each in kept}))
    if wrong:
        raise EnvtreeError(*map(as_diagnostic, wrong))
    return tuple(sorted({each.variable for each in missing}))


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
