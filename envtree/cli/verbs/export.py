"""`export`: all that one process or app gets, for another reader; never onto a terminal by mistake."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import OK, exit_code
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay, TreeOrOutput
    from envtree.cli.options import ExportedTarget, ExportFormat, RevealOnTerminal
    from envtree.cli.wing_options import AddonSnapshot
    from envtree.commands.export import Exported
    from envtree.core.export.formats import Format


def export(
    target: ExportedTarget,
    output_format: ExportFormat,
    *,
    given: TreeOrOutput,
    snapshot: AddonSnapshot = None,
    reveal: RevealOnTerminal = False,
    display: ProblemDisplay,
) -> int:
    """Write all that one process gets, for another reader; with `--format heroku`, all that an app is to have.

    Secrets are in it, in clear. A value that the format can't carry exactly is an error, and nothing is written.

    \b
    Examples:
      envtree export review/accounts/web --format dotenv > .env
      envtree export production/accounts/web --format systemd | ssh host 'umask 077; cat > /etc/accounts.env'
      envtree export production/accounts/web --format docker --out /etc/envtree > web.env
      envtree export production/accounts/web --format kubernetes | kubectl apply -f -
      envtree export production/accounts --format heroku --snapshot ../fleet.json > accounts.json
    """
    if not given.out:
        given.require_run("export")
    if output_format == "heroku":
        exported = _config_vars(target, given, snapshot, display)
    elif snapshot is not None:
        raise WrongUsage("`--snapshot` says what add-ons set on Heroku; leave it out, or use `--format heroku`")
    else:
        exported = _variables(target, output_format, given)
    display.show(errors(exported.problems) if display.quiet else exported.problems, exported.source)
    if exported.text is None:
        return exit_code(exported.problems)
    if exported.hidden and not reveal and sys.stdout.isatty():
        raise EnvtreeError(_hidden_on_terminal(exported.hidden, exported.total))
    sys.stdout.write(exported.text)
    return OK


def _variables(target: str, output_format: Format, given: TreeOrOutput) -> Exported:
    from envtree.commands import export as command

    if given.out:
        return command.export_built(given.out, target, output_format)
    return command.export(given.folder, target, output_format, given.revision)


def _config_vars(target: str, given: TreeOrOutput, snapshot: str | None, display: ProblemDisplay) -> Exported:
    from envtree.migration.commands.exporting import export_built_config_vars, export_config_vars

    if given.out and snapshot is not None:
        raise WrongUsage("an output doesn't say which app is what; leave out `--snapshot`, or `--out`")
    if given.out:
        found = export_built_config_vars(given.out, target)
    else:
        found = export_config_vars(given.folder, target, given.revision, snapshot)
    for line in found.remarks:
        display.say(f"note: {line}")
    return found.exported


def _hidden_on_terminal(hidden: int, total: int) -> Diagnostic:
    """Refuse a terminal: what it shows stays in its history, and on a screen that others see."""
    message = f"{hidden} of {total} values are hidden, and this is a terminal"
    return Diagnostic("unexportable-value", message, help="write to a file or a pipe, or show them with `--reveal`")
