"""`init`: what was written."""

from __future__ import annotations

import os

from envtree.cli.terminal import tell
from envtree.cli.verbs import OK


def run(folder: str, *, quiet: bool = False) -> int:
    """Start a tree in a folder."""
    from envtree.commands.init import init as start

    written = start(folder)
    if not quiet:
        for path in written:
            tell(f"wrote {os.path.normpath(os.path.join(folder, path))}")  # noqa: PTH118 - as the shell would name it
        tell(f"try: envtree validate{'' if folder == '.' else f' -C {folder}'}")
    return OK
