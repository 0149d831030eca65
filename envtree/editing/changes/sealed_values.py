"""The values of a sealed file during an edit: known for a moment, so that they are compared and checked like others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import errors
from envtree.core.model.source import Source
from envtree.core.yaml.remove import remove_entries
from envtree.editing.changes.layer import with_entries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Entry, Target
    from envtree.review.diff.comparison import ProcessView


def with_texts(views: Mapping[Target, ProcessView], path: str, texts: Mapping[str, str]) -> dict[Target, ProcessView]:
    """Return the views in which these values of a sealed file are known; they stay sealed, and so are not shown."""
    found = {}
    for target, view in views.items():
        known = {name: text for name, text in texts.items() if _is_from(view.winner(name), path)}
        found[target] = view._replace(values={**view.values, **known}, unknown=view.unknown - known.keys())
    return found


def as_if_clear(source: Source, path: str, sealed_path: str, texts: Mapping[str, str]) -> Source:
    """Return a source whose layer has these sealed values in its clear file: it is compiled, and never written."""
    files = dict(source.files)
    if sealed_path in files:
        files[sealed_path], _ = remove_entries(sealed_path, files[sealed_path], tuple(texts))
    files[path] = with_entries(path, files.get(path), texts)
    return Source(files, source.refused)


def problems_of_values(
    found: Iterable[Diagnostic], as_if: Collection[Entry], sealed: Mapping[str, Entry]
) -> Iterator[Diagnostic]:
    """Yield the errors of values that were compiled as if they were clear, at their lines in the sealed file.

    Their notes are left out: one may show a value.
    """
    names = {(each.file, line): each.name for each in as_if for line in (each.name_line, each.line)}
    for each in errors(found):
        name = names.get((each.span.file, each.span.line)) if each.span else None
        if name is not None and name in sealed:
            yield replace(each, span=sealed[name].name_span, label="", notes=(), shown=False)


def _is_from(entry: Entry | None, path: str) -> bool:
    return entry is not None and entry.file == path
