"""`validate`: every problem, in the form asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import extent, formatted, show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, status
from envtree.core.model.source import WORKTREE
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.commands.staged import Staged


def run(
    folder: str,
    selectors: tuple[str, ...] = (),
    output_format: str = "text",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
    verbose: bool = False,
    staged: Staged | None = None,
) -> int:
    """Show every problem of a tree; that an index has none is remembered."""
    from envtree.commands.validate import validate as look

    root, source, compilation, diagnostics = look(folder, selectors, revision)
    if output_format != "text":
        sys.stdout.write(formatted(output_format, diagnostics, root))
        return status(diagnostics)
    show_diagnostics(diagnostics, source, color, maximum, sys.stdout)
    if compilation and verbose:
        for target, node in compilation.own.items():
            classes = counted(len(compilation.governed[target].schemas), "class", "classes")
            tell(f"{target}: {counted(len(node.provenance), 'variable')}, governed by {classes}")
    if compilation and staged and not diagnostics:
        from envtree.commands.staged import keep

        keep(staged, compilation)
    if compilation and not quiet and not status(diagnostics):
        tell(f"valid: {extent(compilation.own)}")
    return status(diagnostics)
