"""`secret edit`: a sealed file in the user's editor, by his own sops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.exitcode import exit_code
from envtree.cli.terminal import tell_waiting

if TYPE_CHECKING:
    from envtree.cli.groups import Display
    from envtree.cli.options import Folder, ScopeArgument


def secret_edit(scope: ScopeArgument, *, folder: Folder = ".", display: Display) -> int:
    """Open the sealed file of a scope in your editor, with your own `sops`.

    Its clear text lies in memory while you edit (TMPDIR is on a tmpfs, where there is one). What sops wrote is looked
    at afterwards: a value that it sealed as a number or a truth value needs quotes.

    \b
    Examples:
      envtree secret edit production/accounts
    """
    from envtree.editing.commands.hand_over import edit_sealed_file

    done = edit_sealed_file(folder, scope, tell_waiting)
    display.show(done.problems, done.source)
    if not done.problems:
        display.say(f"{done.paths[0]} is as SOPS writes it; `envtree validate` checks its values")
    return exit_code(done.problems)
