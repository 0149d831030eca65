"""Instance tags from a file or stdin."""

from __future__ import annotations

import sys

from envtree.adapters.files.plain_file import read_plain_file
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.render.mask import one_line
from envtree.machine.role.tags import SHAPES, parse_tags

LARGEST = 1 << 20
STDIN = "-"


def read_tags(path: str) -> dict[str, str]:
    """Return the tags of one machine by key, from a file or (`-`) stdin. Raises EnvtreeError if it gives none."""
    source = "stdin" if path == STDIN else f"`{one_line(path)}`"
    try:
        data = _read(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name, or stdin closed
        reason = system_reason(error) if isinstance(error, OSError) else "there is nothing"
        raise _unreadable(f"{source} can't be read: {reason}", "`--tags -` reads stdin") from None
    if len(data) > LARGEST:
        raise _unreadable(f"{source} is larger than {LARGEST >> 20} MiB", SHAPES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(f"{source} is not UTF-8", SHAPES) from None
    return parse_tags(text, source)


def _read(path: str) -> bytes:
    """Read one byte more than is allowed, and no more; only stdin may be a pipe, and is waited for."""
    if path == STDIN:
        return sys.stdin.buffer.read(LARGEST + 1)
    return read_plain_file(path, LARGEST + 1).data


def _unreadable(message: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("unreadable-tags", message, help=advice))
