"""`heroku status`: how far the migration is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import ANSWERS
from envtree.cli.terminal import Waiting
from envtree.core.model.diagnostic import errors

if TYPE_CHECKING:
    from envtree.cli.groups import ApiOptions, FolderOptions, ProblemDisplay
    from envtree.cli.options import ProgressFormat, Snapshot


def heroku_status(
    *,
    snapshot: Snapshot = None,
    output_format: ProgressFormat = "table",
    api: ApiOptions,
    tree: FolderOptions,
    display: ProblemDisplay,
) -> int:
    """Show how far the migration is: per app what is the same, changed on purpose, and open.

    Exit codes as for `envtree diff heroku`.

    \b
    Examples:
      envtree heroku status
      envtree heroku status --snapshot ~/fleet.json --format json
    """
    from envtree.migration.commands.comparing import compare_with_heroku
    from envtree.migration.comparing.progress import as_json, as_text, progress_of

    tree.say_unrun(display)
    with Waiting(sys.stderr) as waiting:
        compared = compare_with_heroku(tree.folder, api.query(snapshot), waiting, schemas=tree.schemas)
    comparison = compared.comparison
    apps, wrong = progress_of(comparison), len(errors(comparison.problems))
    text = as_json(apps, wrong) if output_format == "json" else as_text(apps, display.painter(sys.stdout), wrong)
    sys.stdout.write(text)
    display.show((*comparison.problems, *comparison.unmet), compared.source)
    return ANSWERS[comparison.answer]
