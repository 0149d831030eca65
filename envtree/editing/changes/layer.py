"""The new bytes of a layer file: entries set or removed, and every other byte as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.yaml.remove import NAMES_A_FILE, remove_entries
from envtree.core.yaml.splice import NOT_READ, CannotUpdate
from envtree.core.yaml.update import BRACES, set_entries
from envtree.core.yaml.writer import layer_text
from envtree.editing.changes.refusals import cannot_edit, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.model.diagnostic import EnvtreeError

BY_HAND = "change it by hand"
ADVICE = {
    BRACES: "write each entry on a line of its own, without braces",
    NOT_READ: "`envtree validate` shows why; mend the file first",
    NAMES_A_FILE: "write into that file; or remove the line, and the file, by hand",
}


def with_entries(path: str, data: bytes | None, entries: Mapping[str, str | None]) -> bytes:
    """Return a layer file (None: there is none yet) with these entries; None as a text removes the variable.

    Raises EnvtreeError where the file can't be changed exactly so.
    """
    try:
        return layer_text(entries).encode() if data is None else set_entries(path, data, entries, quoting="kept")
    except CannotUpdate as error:
        raise cannot_change(path, error.name, error.reason) from None
    except ValueError:
        raise cannot_change(path, "", "these entries can't be written there") from None


def without_entries(path: str, data: bytes, names: tuple[str, ...]) -> bytes:
    """Return a layer file without the lines of these names; raises EnvtreeError where one can't be removed exactly."""
    try:
        shorter, left = remove_entries(path, data, names)
    except ValueError:
        raise cannot_change(path, "", NOT_READ) from None
    for name, reason in left.items():
        raise cannot_change(path, name, reason)
    return shorter


def cannot_change(path: str, name: str, reason: str) -> EnvtreeError:
    """Return the error for a file, or an entry of it, that can't be changed exactly as asked."""
    what = f"{shown(name)} in {path}" if name else f"`{path}`"
    return cannot_edit(f"{what} can't be changed: {reason}", ADVICE.get(reason, BY_HAND))
