"""An answer of AWS's own tools that the user gives: in a file, or on standard input."""

from __future__ import annotations

import sys

from envtree.adapters.files.plain_file import read_plain_file
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.render.mask import one_line

STDIN = "-"


def source_name(path: str) -> str:
    """Return what messages call the file, or (`-`) stdin."""
    return "stdin" if path == STDIN else f"`{one_line(path)}`"


def read_answer(path: str, limit: int, option: str, shape: str) -> str:
    """Return the text of a plain file, or of stdin, which may be a pipe, and is waited for.

    At most one byte more than `limit` is read. Raises EnvtreeError: `option` is what names the file on the command
    line, and `shape` what to give.
    """
    source = source_name(path)
    try:
        data = sys.stdin.buffer.read(limit + 1) if path == STDIN else read_plain_file(path, limit + 1).data
    except (OSError, ValueError) as error:  # ValueError: stdin is closed
        reason = system_reason(error) if isinstance(error, OSError) else "there is nothing"
        raise _unreadable(f"{source} can't be read: {reason}", f"`{option} -` reads stdin") from None
    if len(data) > limit:
        raise _unreadable(f"{source} is larger than {limit >> 20} MiB", shape)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(f"{source} is not UTF-8", shape) from None


def _unreadable(message: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("unreadable-tags", message, help=advice))
