"""Values that are no arguments: typed on a terminal without being shown, piped, or the content of a file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.adapters.files.plain_file import read_plain_file
from envtree.cli.argv import WrongUsage
from envtree.core.model.diagnostic import system_reason
from envtree.core.render.mask import from_outside
from envtree.core.runit.envdir import MAX_STRING
from envtree.editing.changes.refusals import cannot_edit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from envtree.editing.changes.new_values import NewValue

PIPE = "a pipe is read as standard input, with `NAME=-`"
WIDEST_PATH = 200


def asker(new_values: Sequence[NewValue], file: str | None) -> Callable[[str], str]:
    """Return what gives the text of a name that has none; raises WrongUsage where it is unclear which name gets it."""
    names = [each.name for each in new_values if each.text is None]
    if file is not None:
        if len(names) != 1:
            raise WrongUsage("`--file` is the value of one name: write that one as NAME, without `=`")
        return lambda _: _of_file(file)
    if sys.stdin.isatty():
        return _typed
    if len(names) > 1:
        raise WrongUsage("standard input is the value of one name; set the others in runs of their own")
    return lambda _: _piped()


def _typed(name: str) -> str:
    """Return what is typed at a terminal, which doesn't show it."""
    from getpass import getpass

    try:
        text = getpass(f"{name}: ")
    except EOFError:
        text = ""
    return _something(text, "nothing was typed")


def _piped() -> str:
    """Return what is on standard input, without the line end of an only line."""
    text = _decoded(sys.stdin.buffer.read(MAX_STRING + 2), "standard input")
    line = text.removesuffix("\n").removesuffix("\r")
    return _something(text if "\n" in line else line, "standard input is empty")


def _of_file(path: str) -> str:
    """Return the content of a plain file, exactly."""
    source = f"`{from_outside(path, WIDEST_PATH)}`"
    try:
        data = read_plain_file(path, MAX_STRING + 2).data
    except OSError as error:
        raise cannot_edit(f"{source} can't be read: {system_reason(error)}", PIPE) from None
    return _decoded(data, source)


def _decoded(data: bytes, source: str) -> str:
    if len(data) > MAX_STRING:
        raise cannot_edit(
            f"{source} is too large: Linux takes {MAX_STRING:,} bytes", "deliver it as a file, and its path"
        )
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise cannot_edit(
            f"{source} is not UTF-8", "a value is UTF-8 text; encode other bytes, as base64 does"
        ) from None


def _something(text: str, nothing: str) -> str:
    if not text:
        raise cannot_edit(nothing, "`NAME=` sets the empty text")
    return text
