"""`set`: gives variables a value in one scope, and shows which processes get something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envtree.cli.groups import FolderOptions, ProblemDisplay
    from envtree.cli.options import (
        AnswerFormat,
        Assignments,
        Clear,
        DryRunOfEdit,
        Force,
        ScopeArgument,
        ValueFile,
    )


def set_(
    scope: ScopeArgument,
    assignments: Assignments,
    *,
    file: ValueFile = None,
    clear: Clear = False,
    dry_run: DryRunOfEdit = False,
    force: Force = False,
    tree: FolderOptions,
    output_format: AnswerFormat = "text",
    display: ProblemDisplay,
) -> int:
    """Set variables in the layer of a scope, in place.

    Comments, order and quoting stay. Which processes get something else is shown first, and nothing is written where
    the tree would become invalid. The value of a `Secret` is asked for, or read from standard input, and sealed.

    \b
    Examples:
      envtree set production LOG_LEVEL=warning
      envtree set '*/accounts' DB_POOL=5 DB_TIMEOUT=3s --dry-run
      envtree set production/accounts STRIPE_KEY           # asks for the value
      pass show stripe | envtree set production/accounts STRIPE_KEY=-
      envtree set production/accounts/web TLS_CERT --file web.pem
    """
    from envtree.cli.answers.edits import conversation, mode_of, report
    from envtree.cli.answers.values import asker
    from envtree.editing.changes.new_values import read_new_values
    from envtree.editing.commands.set import set_values

    tree.require_run("envtree set")
    asked = read_new_values(assignments)
    mode = mode_of(dry_run=dry_run, force=force)
    edited = set_values(
        tree.folder,
        scope,
        asked,
        asker(asked, file),
        mode=mode,
        secrets_go="clear" if clear else "sealed",
        conversation=conversation(output_format, display),
    )
    return report(edited, mode, output_format, display)
