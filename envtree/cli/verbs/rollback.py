"""`rollback`: an earlier generation made current."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.cli.exitcode import OK
from envtree.cli.terminal import tell

if TYPE_CHECKING:
    from envtree.cli.options import OutArgument, Quiet, To


def rollback(out: OutArgument, *, to: To = None, quiet: Quiet = False) -> int:
    """Go back to the generation before.

    \b
    Examples:
      envtree rollback /etc/envtree
      envtree rollback /etc/envtree --to 3f9ac2
    """
    from envtree.commands import rollback as command

    out = os.path.normpath(out)
    moved = command.rollback(out, to, lambda: tell(f"waiting for a build of {out}"))
    if not quiet:
        tell(f"rolled back: {out}/current -> {moved.now[:12]} (was {moved.before[:12] if moved.before else 'nothing'})")
    return OK
