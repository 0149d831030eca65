"""What an import adds to envtree.yaml: environments, which app is which deployment, and apps that stay on Heroku.

All else stays as it was, to the byte. The result is parsed again as a proof: all that was added is there, and all that
was there before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.source import SETTINGS
from envtree.core.yaml.remove import NOT_ALONE, split_mark
from envtree.core.yaml.splice import SET_TWICE, CannotUpdate, decoded
from envtree.core.yaml.tables import leaves, root_of, set_rows, table_lines
from envtree.core.yaml.writer import key_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.settings.heroku import Deployment
    from envtree.core.yaml.tables import Leaf, Path, Row, Rows

    Links = Mapping[Deployment, tuple[str, int | None] | tuple[str, int | None, str]]
    """The app of each deployment, the release of it that was imported, and its id where that is known."""
    Leaves = dict[Path, Leaf]

TOGETHER = frozenset(("review",))
"""Environments in which one machine usually runs every service."""
ENVIRONMENTS = ("environments",)
APPS = ("heroku", "apps")
SKIP = ("heroku", "skip")

_NOTES = {
    APPS: f"{'#':>42} which app is which part of the tree, and the release that was imported last",
    SKIP: f"{'#':>42} apps that stay on Heroku, and why",
}


def new_settings(environments: Sequence[str], links: Links, skip: Mapping[str, str]) -> str:
    """Return a settings file that holds just these."""
    return "# The settings of this tree; its presence marks the root.\n" + _text(_tables(environments, links, skip))


def add_to_settings(data: bytes, environments: Sequence[str], links: Links, skip: Mapping[str, str]) -> bytes:
    """Return a settings file with these in it, too: what is missing is added, and links are brought up to date.

    The kind of an environment, or a reason, that is there stays. Raises CannotUpdate, with the lines to write by hand.
    """
    tables = _tables(environments, links, skip)
    try:
        mark, before = split_mark(decoded(data))
        text = before
        old = _leaves(before)
        tables = {table: _missing(old, table, rows) for table, rows in tables.items()}
        for table, rows in tables.items():
            text = set_rows(SETTINGS, text, table, rows) if rows else text
        if not _is_proved(old, _leaves(text), tables):
            raise CannotUpdate(NOT_ALONE)
    except CannotUpdate as error:
        raise CannotUpdate(error.reason, error.name, _text(tables).lstrip("\n")) from None
    return f"{mark}{text}".encode()


def _tables(environments: Sequence[str], links: Links, skip: Mapping[str, str]) -> dict[Path, Rows]:
    kinds = {each: {"instance": "together" if each in TOGETHER else "service"} for each in environments}
    apps: dict[str, Row] = {str(deployment): _link(*link) for deployment, link in links.items()}
    return {ENVIRONMENTS: kinds, APPS: apps, SKIP: skip}


def _link(app: str, release: int | None, identity: str = "") -> Row:
    more = {"release": "" if release is None else str(release), "id": identity}
    known = {key: text for key, text in more.items() if text}
    return {"app": app, **known} if known else app


def _text(tables: Mapping[Path, Rows]) -> str:
    """Return tables as a person would begin a file with them."""
    text = ""
    if kinds := tables[ENVIRONMENTS]:
        text += table_lines(ENVIRONMENTS, kinds, width=max(len(key_text(each)) for each in kinds) + 1)
    named = {table[-1:]: (rows, _NOTES[table]) for table, rows in tables.items() if rows and table in _NOTES}
    text += "\nheroku:\n" if named else ""
    return text + "".join(table_lines(name, rows, indent=2, note=note) for name, (rows, note) in named.items())


def _leaves(text: str) -> Leaves:
    """Return what a file says, by the keys that lead there; raises CannotUpdate where one is set twice."""
    found: Leaves = {}
    for path, leaf in leaves(root_of(SETTINGS, text)):
        if path in found:
            raise CannotUpdate(SET_TWICE, path[-1])
        found[path] = leaf
    return found


def _missing(old: Leaves, table: Path, rows: Rows) -> Rows:
    """Return the rows that aren't there, and the links that say something else."""
    there = {path[: len(table) + 1] for path in old}
    return {
        key: row
        for key, row in rows.items()
        if (*table, key) not in there or (table == APPS and not _is_linked(old, (*table, key), row))
    }


def _is_linked(old: Leaves, path: Path, row: Row) -> bool:
    """Return whether a line of the table names this app and release already; a row without a release fits any."""
    if isinstance(row, str):
        return row in (old.get(each, ("",))[-1] for each in (path, (*path, "app")))
    return all(old.get((*path, key), ("",))[-1] == text for key, text in row.items())


def _is_proved(old: Leaves, new: Leaves, tables: Mapping[Path, Rows]) -> bool:
    """Return whether all that was to be added is there, and all that was, but for links that were to change."""
    wanted: dict[Path, str] = {}
    for table, rows in tables.items():
        for key, row in rows.items():
            fields = {(): row} if isinstance(row, str) else {(name,): text for name, text in row.items()}
            wanted |= {(*table, key, *name): text for name, text in fields.items()}
    links = {(*APPS, key, *name) for key in tables[APPS] for name in ((), ("app",), ("release",), ("id",))}
    above = {path[:length] for path in wanted for length in range(len(path))}
    kept = {path: leaf for path, leaf in old.items() if path not in links | above}
    added = {path: leaf[-1] for path, leaf in new.items() if path not in kept}
    return added == wanted and all(new.get(path) == leaf for path, leaf in kept.items())
