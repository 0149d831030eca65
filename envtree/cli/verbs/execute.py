"""`exec`: this process becomes another one, or says why not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import CANNOT_PREPARE
from envtree.core.model.diagnostic import EnvtreeError, errors

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay, TreeOrOutput
    from envtree.cli.options import Command, KeepNames, OneTarget


def execute(
    target: OneTarget,
    words: Command,
    *,
    given: TreeOrOutput,
    keep: KeepNames = None,
    display: ProblemDisplay,
) -> int:
    """Run a command with exactly what one process gets.

    Nothing of this shell's environment is there but what --keep names. The command takes the place of envtree:
    signals, terminal and exit code are its own. Exit code 111 if it can't be started.

    \b
    Examples:
      envtree exec production/accounts/web -- bundle exec rails console
      envtree exec review/accounts/web --keep TERM --keep HOME -- bash
      envtree exec production/accounts/web --ref v1.4 -- env
      envtree exec production/accounts/web --out /etc/envtree -- bin/migrate
    """
    from envtree.adapters.process import core_dumps
    from envtree.commands.execute import inputs_from_output, inputs_from_tree, prepare, start

    for name in keep or ():
        if not name or "=" in name or "\0" in name:
            raise WrongUsage("`--keep` takes the name of a variable; its value is this shell's")
    if not given.out:
        given.require_run("exec")
    try:
        if given.out:
            inputs = inputs_from_output(given.out, target)
        else:
            core_dumps.forbid()
            found, source, problems = inputs_from_tree(given.folder, target, given.revision)
            display.show(errors(problems) if display.quiet else problems, source)
            if found is None:
                return CANNOT_PREPARE
            inputs = found
        prepared = prepare(inputs, words[0], keep or ())
        for remark in prepared.remarks:
            display.say(remark)
        sys.stdout.flush()
        sys.stderr.flush()
        start(prepared, words)
    except EnvtreeError as error:
        display.show(error.diagnostics)
    return CANNOT_PREPARE
