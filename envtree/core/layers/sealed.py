"""The entries of a sealed layer file: its names, with their values where it was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import SEALED_SUFFIX
from envtree.core.layers.parse import invalid_name, parse
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Entry
from envtree.core.runit.envdir import is_plain_name, value_fault
from envtree.core.sealed.document import read_sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.layers.parse import Entries
    from envtree.core.model.source import Source
    from envtree.core.sealed.document import SealedFile


def read_entries(path: str, source: Source) -> tuple[Entries, tuple[Diagnostic, ...]]:
    """Return the entries of a file that is not opened, opaque if it is sealed, and all that is wrong with its form.

    Of a file whose form is wrong the names are returned as far as they can be read, so that nothing else is missing.
    """
    if not path.endswith(SEALED_SUFFIX):
        entries, _, problems = parse(path, source)
        return entries, problems
    sealed, problems = read_sealed(path, source.files[path])
    if sealed is None:
        entries, _, _ = parse(path, source, sealed=True)
        return entries, problems
    entries, found = entries_of(sealed)
    return entries, (*problems, *found)


def entries_of(sealed: SealedFile, values: Mapping[str, str] | None = None) -> tuple[Entries, tuple[Diagnostic, ...]]:
    """Return the entries of a sealed file, opaque without its values, and the names and values no envdir can hold."""
    entries: Entries = {}
    problems: list[Diagnostic] = []
    for each in sealed.values:
        opaque = values is None
        text = "" if values is None else values[each.name]
        entry = Entry(
            each.name,
            text,
            sealed.path,
            each.line,
            each.column,
            each.name_column,
            each.name_line,
            each.length,
            opaque=opaque,
            sealed=True,
        )
        if not is_plain_name(each.name) and (problem := invalid_name(each.name, entry.name_span)):
            problems.append(problem)
            continue
        if not opaque and (fault := value_fault(each.name, text)):
            message = f"`{each.name}` {fault.message}"
            problems.append(
                Diagnostic("unencodable-value", message, entry.name_span, help=fault.help, variable=each.name)
            )
            entry = entry._replace(opaque=True)
        entries[each.name] = entry
    return entries, tuple(problems)
