"""`secret rotate`: new data keys, for those whom `.sops.yaml` names today, by the user's own sops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.exitcode import exit_code
from envtree.cli.terminal import tell_waiting
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import Display
    from envtree.cli.options import Folder, OneScope

NOT_REVOKED = "who could read them knows the values: somebody who left is shut out only by new values (`envtree set`)"


def secret_rotate(scope: OneScope = None, *, folder: Folder = ".", display: Display) -> int:
    """Encrypt sealed files anew, for those whom `.sops.yaml` names now, with your own `sops`.

    The values stay: whoever could read them knows them. Change the values themselves where somebody is to lose access.

    \b
    Examples:
      envtree secret rotate                        # after a change of .sops.yaml
      envtree secret rotate production/accounts
    """
    from envtree.editing.commands.hand_over import rotate

    done = rotate(folder, scope, tell_waiting)
    display.show(done.problems, done.source)
    if done.paths:
        display.say(f"encrypted anew: {counted(len(done.paths), 'file')}; {NOT_REVOKED}")
    else:
        display.say("there is no sealed file")
    return exit_code(done.problems)
