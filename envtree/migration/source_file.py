"""Files to be imported, read from disk: plain ones of text, in the place where their team has them."""

from __future__ import annotations

import contextlib

from envtree.adapters.files.plain_file import read_plain_file
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.model.source import MAX_FILE
from envtree.core.render.mask import one_line


def read_source_file(path: str) -> str:
    """Return the text of a plain file, line ends as they are; raises EnvtreeError where it can't be read."""
    try:
        data = read_plain_file(path, MAX_FILE + 1).data
    except OSError as error:
        raise _unusable(path, system_reason(error)) from None
    if len(data) > MAX_FILE:
        raise _unusable(path, f"it is larger than {MAX_FILE >> 20} MiB")
    with contextlib.suppress(UnicodeDecodeError):  # the error holds all of it
        return data.decode()
    raise _unusable(path, "it is not UTF-8")


def _unusable(path: str, reason: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("unusable-file", f"`{one_line(path)}` can't be read: {reason}"))
