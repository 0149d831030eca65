"""`rollback`: where `current` points now."""

from __future__ import annotations

from envtree.cli.terminal import tell
from envtree.cli.verbs import OK


def run(out: str, to: str | None = None, *, quiet: bool = False) -> int:
    """Make an earlier generation current."""
    from envtree.commands.rollback import rollback as go_back

    moved = go_back(out, to, lambda: tell(f"waiting for a build of {out}"))
    if not quiet:
        tell(f"rolled back: {out}/current -> {moved.now[:12]} (was {moved.before[:12] if moved.before else 'nothing'})")
    return OK
