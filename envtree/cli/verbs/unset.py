"""`unset`: takes variables out of one scope, and shows which processes get something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage

if TYPE_CHECKING:
    from envtree.cli.groups import FolderOptions, ProblemDisplay
    from envtree.cli.options import AnswerFormat, DryRunOfEdit, Force, InheritValue, RemoveValue, ScopeArgument, Unset


def unset(
    scope: ScopeArgument,
    names: Unset,
    *,
    inherit: InheritValue = False,
    remove: RemoveValue = False,
    dry_run: DryRunOfEdit = False,
    force: Force = False,
    tree: FolderOptions,
    output_format: AnswerFormat = "text",
    display: ProblemDisplay,
) -> int:
    """Remove the lines of variables from the layer of a scope.

    Where a wider layer's value would come back, say which is meant: `--inherit` lets it, `--remove` writes `!unset`.
    Which processes get something else is shown first, and nothing is written where the tree would become invalid.

    \b
    Examples:
      envtree unset production/accounts DB_POOL
      envtree unset production LOG_LEVEL --inherit         # what common.yaml says holds again
      envtree unset '*/accounts/web' SENTRY_DSN --remove   # web has none, whatever wider layers say
    """
    from envtree.cli.answers.edits import conversation, mode_of, report
    from envtree.editing.commands.unset import unset_names

    if inherit and remove:
        raise WrongUsage("`--inherit` and `--remove` are two answers; choose one")
    tree.require_run("envtree unset")
    mode = mode_of(dry_run=dry_run, force=force)
    edited = unset_names(
        tree.folder,
        scope,
        names,
        inherited="taken" if inherit else "removed" if remove else "refused",
        mode=mode,
        conversation=conversation(output_format, display),
    )
    return report(edited, mode, output_format, display)
