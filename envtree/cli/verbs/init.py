"""`init`: what was written."""

from __future__ import annotations

import os

from envtree.cli.terminal import tell
from envtree.cli.verbs import OK


def run(folder: str, *, quiet: bool = False) -> int:
    """Start a tree in a folder, and tell editors of its files."""
    from envtree.cli.verbs.schema import run as write_schemas
    from envtree.commands.init import init as start
    from envtree.core.starter import FILES, OPTIONAL

    started = start(folder)
    if not quiet:
        for path in started.written:
            tell(f"wrote {_named(folder, path)}")
        for path in started.kept:
            tell(f"kept {_named(folder, path)}: it was there")
    for path in OPTIONAL:
        if path in started.kept:
            tell(f"for your editor to know the tags, add this to {_named(folder, path)}:")
            tell(FILES[path].rstrip())
    if started.hook:
        tell(f"to validate before each commit, add this to `repos:` in {_named(folder, started.hooks)}:")
        tell(started.hook.rstrip())
    code = write_schemas(folder, quiet=quiet)
    if not quiet:
        tell(f"try: envtree validate{'' if folder == '.' else f' -C {folder}'}")
    return code


def run_boot(folder: str, out: str, *, quiet: bool = False) -> int:
    """Write what starts and stops the processes of a machine with it."""
    from envtree.commands.init import init_boot

    for path in init_boot(folder, out):
        if not quiet:
            tell(f"wrote {_named(folder, path)}")
    return OK


def _named(folder: str, path: str) -> str:
    """As the shell would name it; what is not below the folder, from here."""
    if os.path.isabs(path) and not os.path.isabs(folder):  # noqa: PTH117
        return os.path.relpath(path)
    return os.path.normpath(os.path.join(folder, path))  # noqa: PTH118
