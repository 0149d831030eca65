"""`schema`: what was written for editors, or what is not up to date."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, NO, OK, status
from envtree.core.model.source import WORKTREE
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.commands.schema import Generated


def run(
    folder: str,
    out: str | None = None,
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
) -> int:
    """Write what editors are told."""
    from envtree.commands.schema import schema

    generated, source, diagnostics = schema(folder, out, revision)
    show_diagnostics(diagnostics, source, color, maximum)
    if generated is None:
        return status(diagnostics)
    if not quiet:
        tell(_words(generated))
    return OK


def check(
    folder: str,
    out: str | None = None,
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
) -> int:
    """Show what is not up to date."""
    from envtree.commands.schema import check_schema

    generated, source, diagnostics = check_schema(folder, out, revision)
    show_diagnostics(diagnostics, source, color, maximum)
    if generated is None:
        return status(diagnostics)
    missing, different, stale = generated.outdated
    signs = {**dict.fromkeys(missing, "+"), **dict.fromkeys(different, "~"), **dict.fromkeys(stale, "-")}
    sys.stdout.write("".join(f"{signs[path]} {path}\n" for path in sorted(signs)))
    if not signs and not quiet:
        tell(_words(generated))
    if signs and not quiet:
        tell(f"{len(signs)} to bring up to date in {os.path.relpath(generated.folder)}")
    return NO if signs else OK


def _words(generated: Generated) -> str:
    missing, different, stale = generated.outdated
    where = os.path.relpath(generated.folder)
    if not any(generated.outdated):
        return f"unchanged: {counted(generated.total, 'schema')} in {where}"
    written = len(missing) + len(different)
    some = "" if written == generated.total else f"{written} of "
    removed = f", {len(stale)} removed" if stale else ""
    return f"wrote {where}: {some}{counted(generated.total, 'schema')}{removed}"
