"""Processes added to the `service.yaml` of a service that a tree has; what a person wrote there stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.mask import one_line
from envtree.core.yaml.remove import split_mark
from envtree.core.yaml.splice import CannotUpdate, decoded
from envtree.core.yaml.tables import leaves, root_of, set_rows
from envtree.migration.importing.service_file import UNKNOWN_COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.model.tree import Service
    from envtree.core.yaml.tables import Path, Row, Rows

TABLE = ("processes",)


class ProcessEdit(NamedTuple):
    """A `service.yaml` with more processes, and notes on those that stay as they are."""

    data: bytes
    notes: tuple[str, ...]


def with_processes(path: str, data: bytes, service: Service, commands: Mapping[str, str]) -> ProcessEdit:
    """Return the file with the processes that it lacks; of one that it has, only an import's placeholder is replaced.

    Raises CannotUpdate where the file can't be changed with all else as it was.
    """
    there = {each.name: each for each in service.processes}
    notes = tuple(
        f"`{name}` stays as it is in {path}:{there[name].span.line}, which is another command"
        for name, command in commands.items()
        if name in there and there[name].command not in (command, UNKNOWN_COMMAND)
    )
    notes += tuple(
        f"`{one_line(name)}` has no command yet: say in {path} what it runs, or remove it"
        for name, each in there.items()
        if each.command == UNKNOWN_COMMAND and name not in commands
    )
    new = {
        name: command
        for name, command in commands.items()
        if name not in there or (there[name].command == UNKNOWN_COMMAND and command != UNKNOWN_COMMAND)
    }
    rows: Rows = {name: {"command": command} for name, command in new.items()}
    return ProcessEdit(with_tables(path, data, {TABLE: rows}), notes)


def with_tables(path: str, data: bytes, tables: Mapping[Path, Rows]) -> bytes:
    """Return the file with these rows in its tables; may raise CannotUpdate, as `with_processes` does."""
    tables = {table: rows for table, rows in tables.items() if rows}
    if not tables:
        return data
    mark, before = split_mark(decoded(data))
    after = before
    for table, rows in tables.items():
        after = set_rows(path, after, table, rows)
    wanted = {(*table, *at): text for table, rows in tables.items() for at, text in _texts(rows)}
    old, found = (dict(leaves(root_of(path, text))) for text in (before, after))
    is_kept = all(found.get(at) == leaf for at, leaf in old.items() if at not in wanted)
    added = {at: leaf[-1] for at, leaf in found.items() if at in wanted or at not in old}
    if not is_kept or added != wanted:
        raise CannotUpdate("its processes are not written in a way that more can be added to", "processes")
    return f"{mark}{after}".encode()


def _texts(row: Row) -> Iterator[tuple[Path, str]]:
    """Yield the texts of a row, by the keys that lead to each."""
    if isinstance(row, str):
        yield (), row
        return
    for key, inner in row.items():
        yield from (((key, *at), text) for at, text in _texts(inner))
