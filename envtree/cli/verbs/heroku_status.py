"""`heroku status`: how far the migration is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, NO_ANSWER, OK
from envtree.cli.terminal import Waiting
from envtree.core.model.diagnostic import errors

if TYPE_CHECKING:
    from envtree.cli.groups import ApiOptions, FolderOptions, ProblemDisplay
    from envtree.cli.options import ProgressFormat
    from envtree.cli.wing_options import Gate, Snapshot
    from envtree.migration.commands.read import HerokuQuery


def heroku_status(
    *,
    gate: Gate = "",
    snapshot: Snapshot = None,
    output_format: ProgressFormat = "table",
    api: ApiOptions,
    tree: FolderOptions,
    display: ProblemDisplay,
) -> int:
    """Show how far the migration is: per app what is the same, changed on purpose, and what is left.

    With `--gate`, list what is left of one service, each with the command that closes it. Exit code 0: nothing is left,
    so a person could switch; 1: something is; 2: an app couldn't be compared.

    \b
    Examples:
      envtree heroku status
      envtree heroku status --gate production/accounts
      envtree heroku status --snapshot ~/fleet.json --format json
    """
    from envtree.migration.commands.comparing import compare_with_heroku
    from envtree.migration.commands.status import migration_progress
    from envtree.migration.comparing.progress_report import as_json, as_text

    tree.say_unrun(display)
    if gate:
        return _gate(gate, api.query(snapshot), output_format, tree, display)
    with Waiting(sys.stderr) as waiting:
        compared = compare_with_heroku(tree.folder, api.query(snapshot), waiting, schemas=tree.schemas)
        apps = migration_progress(compared, waiting)
    comparison = compared.comparison
    wrong = len(errors(comparison.problems))
    text = as_json(apps, wrong) if output_format == "json" else as_text(apps, display.painter(sys.stdout), wrong)
    sys.stdout.write(text)
    display.show((*comparison.problems, *compared.warnings, *comparison.unmet), compared.source)
    return NO_ANSWER if not comparison.is_complete else OK if all(each.is_done for each in apps) else NO


def _gate(selector: str, query: HerokuQuery, output_format: str, tree: FolderOptions, display: ProblemDisplay) -> int:
    """Show what is left of one service."""
    from envtree.migration.commands.status import gate
    from envtree.migration.comparing.gate import as_json, as_text

    with Waiting(sys.stderr) as waiting:
        found = gate(tree.folder, query, waiting, selector, tree.schemas)
    paint = display.painter(sys.stdout)
    is_json = output_format == "json"
    sys.stdout.write(as_json(found.deployment, found.left) if is_json else as_text(found.deployment, found.left, paint))
    display.show(found.problems, found.source)
    return NO_ANSWER if not found.is_complete else NO if found.left else OK
