"""Entries that are a danger by what they are: secrets in the clear, and variables by which programs load code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.source import SCHEMAS
from envtree.core.model.tree import COMMON
from envtree.core.render.secrets import REFERENCE, secret_look
from envtree.review.lint.loaders import loads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Entry, Target
    from envtree.review.lint.occurrences import EntryIndex, Lint, Occurrence


def loader_variables(views: EntryIndex) -> Iterator[Lint]:
    """The entries that make programs load code, wherever they stand in line; of a sealed one the name is known."""
    own = views.compilation.own
    for entry, sighted in views.seen.items():
        if entry.text is None or (entry.opaque and not entry.sealed):
            continue
        winning = (target for line, at, targets in sighted if at == len(line) - 1 for target in targets)
        if words := loads(entry.name, (entry.text, *(own[target].values.get(entry.name) or "" for target in winning))):
            yield views.warning(
                "loader-variable",
                (entry,),
                f"`{entry.name}` changes which code programs run",
                words,
                advice="set it in the `command` of the one process that needs it: `NAME=value exec program`",
            )


def secret_looks(compilation: Compilation, seen: Mapping[Entry, tuple[Occurrence, ...]]) -> dict[Entry, str]:
    """The entries that look like a secret in the clear, and how, where no class that governs them says `Secret`."""
    found = {}
    for entry, sighted in seen.items():
        if entry.opaque or not entry.text:
            continue
        text = entry.text
        if entry.parts is not None:
            text = "".join(part if isinstance(part, str) else REFERENCE for part in entry.parts)
        words = secret_look(entry.name, text)
        if words and not _is_declared_secret(entry.name, sighted, compilation):
            found[entry] = words
    return found


def _is_declared_secret(name: str, sighted: tuple[Occurrence, ...], compilation: Compilation) -> bool:
    targets = {target for each in sighted for target in each.targets}
    governing = {schema for target in targets for schema in compilation.governed[target].schemas}
    return any(name in schema.rules and schema.rules[name].secret for schema in governing)


def clear_secrets(views: EntryIndex) -> Iterator[Lint]:
    """The entries that look like secrets; the value is not told, nor any part of it."""
    for entry, words in views.looks.items():
        where = _declaration(entry.name, views.targets(entry), views.compilation)
        yield views.warning(
            "clear-secret",
            (entry,),
            f"`{entry.name}` {words}, and isn't declared `Secret`",
            "written in the clear",
            advice=f"declare it `Secret` in {where}; if others could read it here, have a new one issued",
        )


def _declaration(name: str, targets: tuple[Target, ...], compilation: Compilation) -> str:
    """Where a variable is declared, or the file where it should be."""
    schemas = (schema for target in targets for schema in compilation.governed[target].schemas)
    span = next((schema.location(name) for schema in schemas if name in schema.rules), None)
    services = sorted({target.service for target in targets})
    module = COMMON if len(services) > 1 else services[0].replace("-", "_")
    return f"{span.file}:{span.line}" if span else f"{SCHEMAS}{module}.py"
