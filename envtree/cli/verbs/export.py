"""`export`: all that one process gets, for another reader; never onto a terminal by mistake."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import OK, exit_code
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay, TreeOrOutput
    from envtree.cli.options import ExportFormat, OneTarget, RevealOnTerminal


def export(
    target: OneTarget,
    output_format: ExportFormat,
    *,
    given: TreeOrOutput,
    reveal: RevealOnTerminal = False,
    display: ProblemDisplay,
) -> int:
    """Write all that one process gets, for another reader.

    Secrets are in it, in clear. A value that the format can't carry exactly is an error, and nothing is written.

    \b
    Examples:
      envtree export review/accounts/web --format dotenv > .env
      envtree export production/accounts/web --format systemd | ssh host 'umask 077; cat > /etc/accounts.env'
      envtree export production/accounts/web --format docker --out /etc/envtree > web.env
      envtree export production/accounts/web --format kubernetes | kubectl apply -f -
    """
    from envtree.commands import export as command

    if given.out:
        exported = command.export_built(given.out, target, output_format)
    else:
        given.require_run("export")
        exported = command.export(given.folder, target, output_format, given.revision)
    display.show(errors(exported.problems) if display.quiet else exported.problems, exported.source)
    if exported.text is None:
        return exit_code(exported.problems)
    if exported.hidden and not reveal and sys.stdout.isatty():
        raise EnvtreeError(_hidden_on_terminal(exported.hidden, exported.total))
    sys.stdout.write(exported.text)
    return OK


def _hidden_on_terminal(hidden: int, total: int) -> Diagnostic:
    """Refuse a terminal: what it shows stays in its history, and on a screen that others see."""
    message = f"{hidden} of {total} values are hidden, and this is a terminal"
    return Diagnostic("unexportable-value", message, help="write to a file or a pipe, or show them with `--reveal`")
