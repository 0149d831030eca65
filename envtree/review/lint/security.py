"""Dangerous entries: secrets in plain text, and variables by which programs load code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.source import SCHEMAS
from envtree.core.model.tree import COMMON
from envtree.core.render.secrets import REFERENCE, secret_evidence
from envtree.review.lint.loaders import loads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Entry, Target
    from envtree.review.lint.occurrences import EntryIndex, Lint, Occurrence


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


def find_suspected_secrets(compilation: Compilation, seen: Mapping[Entry, tuple[Occurrence, ...]]) -> dict[Entry, str]:
    """Return the entries that look like a secret in plain text, and why, unless a governing class says `Secret`."""
    found = {}
    for entry, occurrences in seen.items():
        if entry.opaque or not entry.text:
            continue
        text = entry.text
        if entry.parts is not None:
            text = "".join(part if isinstance(part, str) else REFERENCE for part in entry.parts)
        reason = secret_evidence(entry.name, text)
        if reason and not _is_declared_secret(entry.name, occurrences, compilation):
            found[entry] = reason
    return found


def _is_declared_secret(name: str, occurrences: tuple[Occurrence, ...], compilation: Compilation) -> bool:
    targets = {target for each in occurrences for target in each.targets}
    governing = {schema for target in targets for schema in compilation.governed[target].schemas}
    if not any(each.schemas for each in compilation.governed.values()):  # schemas are only read: their text counts
        return any(name in compilation.governed[target].secret for target in targets)
    return any(name in schema.rules and schema.rules[name].secret for schema in governing)


def clear_secrets(index: EntryIndex) -> Iterator[Lint]:
    """Yield a warning for each entry that looks like a secret, without any part of its value."""
    for entry, reason in index.suspected_secrets.items():
        location = _declaration(entry.name, index.targets(entry), index.compilation)
        yield index.warning(
            "clear-secret",
            (entry,),
            f"`{entry.name}` {reason}, and isn't declared `Secret`",
            "written in the clear",
            advice=f"declare it `Secret` in {location}; if others could read it here, have a new one issued",
        )


def _declaration(name: str, targets: tuple[Target, ...], compilation: Compilation) -> str:
    """Return where a variable is declared, or the file where it should be declared."""
    schemas = (schema for target in targets for schema in compilation.governed[target].schemas)
    span = next((schema.location(name) for schema in schemas if name in schema.rules), None)
    services = sorted({target.service for target in targets})
    module = COMMON if len(services) > 1 else services[0].replace("-", "_")
    return f"{span.file}:{span.line}" if span else f"{SCHEMAS}{module}.py"
