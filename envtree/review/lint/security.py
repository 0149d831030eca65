"""Dangerous entries: secrets in plain text, and variables by which programs load code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.source import SCHEMAS
from envtree.core.model.tree import COMMON
from envtree.core.secrets.addresses import find_passwords
from envtree.core.secrets.judgement import judge
from envtree.core.secrets.values import REFERENCE, is_empty_or_placeholder
from envtree.review.lint.loaders import loads
from envtree.review.lint.occurrences import Lint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Entry, Target
    from envtree.core.secrets.judgement import Judgement
    from envtree.review.lint.occurrences import EntryIndex, Occurrence

QUIET = "# envtree: not-secret, reason"
"""The comment that quiets a line that holds no secret."""
_CLEAR = "written in the clear"


def loader_variables(index: EntryIndex) -> Iterator[Lint]:
    """Yield the entries that make programs load code, whether they win or not; of a sealed entry, the name counts."""
    own = index.compilation.own
    for entry, occurrences in index.seen.items():
        if entry.text is None or (entry.opaque and not entry.sealed):
            continue
        winning = (target for entries, rank, targets in occurrences if rank == len(entries) - 1 for target in targets)
        if reason := loads(entry.name, (entry.text, *(own[target].values.get(entry.name) or "" for target in winning))):
            yield index.warning(
                "loader-variable",
                (entry,),
                f"`{entry.name}` changes which code programs run",
                reason,
                advice="set it in the `command` of the one process that needs it: `NAME=value exec program`",
            )


def judgement_of(entry: Entry) -> Judgement:
    """Return the judgement on the text of an entry, as it is written."""
    return judge(entry.name, _written(entry))


def _written(entry: Entry) -> str:
    """Return the text of an entry, each reference replaced by one character."""
    if entry.parts is None:
        return entry.text or ""
    return "".join(part if isinstance(part, str) else REFERENCE for part in entry.parts)


def find_suspected_secrets(
    compilation: Compilation, seen: Mapping[Entry, tuple[Occurrence, ...]]
) -> dict[Entry, Judgement]:
    """Return the entries that may be a secret in plain text, doubtful ones too, unless a governing class says `Secret`.

    The values of all of them are hidden; which are worth an alarm, the judgement says.
    """
    found = {}
    for entry, occurrences in seen.items():
        if entry.opaque or entry.sealed or not entry.text:
            continue
        judgement = judgement_of(entry)
        if judgement.certainty != "plain" and not is_declared_secret(entry.name, occurrences, compilation):
            found[entry] = judgement
    return found


def is_declared_secret(name: str, occurrences: tuple[Occurrence, ...], compilation: Compilation) -> bool:
    """Return whether a class that governs a target of these occurrences declares a name `Secret`."""
    targets = {target for each in occurrences for target in each.targets}
    governing = {schema for target in targets for schema in compilation.governed[target].schemas}
    if not any(each.schemas for each in compilation.governed.values()):  # schemas are only read: their text counts
        return any(name in compilation.governed[target].secret for target in targets)
    return any(name in schema.rules and schema.rules[name].secret for schema in governing)


def clear_secrets(index: EntryIndex) -> Iterator[Lint]:
    """Yield a warning for each entry that looks like a secret, without any part of its value."""
    for entry, judgement in index.suspected_secrets.items():
        if judgement.is_alarm:
            targets = index.targets(entry)
            location = declaration(entry.name, targets, index.compilation)
            yield Lint(clear_secret(entry, judgement, location, targets), entry)


def clear_secret(
    entry: Entry, judgement: Judgement, location: str = "a schema", targets: tuple[Target, ...] = ()
) -> Diagnostic:
    """Return the warning for an entry that looks like a secret and is not declared one."""
    return Diagnostic(
        "clear-secret",
        f"`{entry.name}` {judgement.reason}, and isn't declared `Secret`",
        entry.name_span,
        _CLEAR,
        help=f"declare it `Secret` in {location}, or write `{QUIET}`; if others could read it here, "
        "have a new one issued",
        targets=targets,
        severity="warning",
        variable=entry.name,
    )


def unsealed_secrets(index: EntryIndex) -> Iterator[Lint]:
    """Yield a warning for each declared secret in a plain layer."""
    secret = {name for governance in index.compilation.governed.values() for name in governance.secret}
    for entry, occurrences in index.seen.items():
        if entry.name not in secret or entry.opaque or entry.sealed:
            continue
        if holds_real_value(entry) and is_declared_secret(entry.name, occurrences, index.compilation):
            yield Lint(_unsealed(entry.file, [entry], index.targets(entry)), entry)


def by_layer(found: Iterable[Lint], index: EntryIndex) -> Iterator[Lint]:
    """Yield findings with one for each layer in place of its unsealed secrets: a team that seals nothing knows."""
    by_file: dict[str, list[Entry]] = {}
    for each in found:
        if each.diagnostic.code == "unsealed-secret":
            by_file.setdefault(each.entry.file, []).append(each.entry)
        else:
            yield each
    for file, entries in by_file.items():
        entries.sort(key=lambda each: each.span)
        yield Lint(_unsealed(file, entries, index.targets(*entries)), entries[0])


def unsealed_secret(entry: Entry) -> Diagnostic | None:
    """Return the warning for a declared secret in a plain layer; None where it holds no real value."""
    return _unsealed(entry.file, [entry], ()) if holds_real_value(entry) else None


def holds_real_value(entry: Entry) -> bool:
    """Return whether the text of an entry may be a secret, and is not empty, a reference or a placeholder."""
    text = _written(entry)
    return not is_empty_or_placeholder(text) or any(True for _ in find_passwords(text))


def _unsealed(file: str, entries: list[Entry], targets: tuple[Target, ...]) -> Diagnostic:
    first, *others = entries
    names = some(f"`{each.name}`" for each in entries)
    return Diagnostic(
        "unsealed-secret",
        f"`{file}` holds {len(entries)} secrets in the clear: {names}"
        if others
        else f"`{first.name}` is a secret in the clear",
        first.name_span,
        "declared `Secret`",
        help=f"seal {'them' if others else 'it'}: `envtree secret seal`; or write `{QUIET}` on a line that holds none",
        targets=targets,
        severity="warning",
        variable="" if others else first.name,
        involved=tuple(each.name for each in entries) if others else (),
    )


def declaration(name: str, targets: tuple[Target, ...], compilation: Compilation) -> str:
    """Return where a variable is declared, or the file where it should be declared."""
    schemas = (schema for target in targets for schema in compilation.governed[target].schemas)
    span = next((schema.location(name) for schema in schemas if name in schema.rules), None)
    services = sorted({target.service for target in targets})
    module = COMMON if len(services) > 1 else services[0].replace("-", "_")
    return f"{span.file}:{span.line}" if span else f"{SCHEMAS}{module}.py"
