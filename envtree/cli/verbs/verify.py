"""`verify`: what is not as it was built."""

from __future__ import annotations

import sys

from envtree.cli.terminal import show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, status
from envtree.core.render.diagnostics import counted


def run(
    out: str, generation: str | None = None, maximum: int = DEFAULT_MAX, color: str = "auto", *, quiet: bool = False
) -> int:
    """Read an output back."""
    from envtree.commands.verify import verify as look

    verified, diagnostics = look(out, generation)
    show_diagnostics(diagnostics, None, color, maximum, sys.stdout)
    if not diagnostics and not quiet:
        extent = f"{counted(verified.files, 'file')} in {counted(verified.envdirs, 'envdir')}"
        tell(f"verified {verified.generation[:12]}: {extent} are as they were built")
    return status(diagnostics)
