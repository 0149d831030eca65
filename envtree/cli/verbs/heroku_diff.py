"""`diff heroku`: in what the apps and the tree differ."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import ANSWERS
from envtree.cli.terminal import Waiting
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, some
from envtree.core.model.source import WORKTREE
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from envtree.cli.groups import ApiOptions, Display, ProblemDisplay, TreeOptions
    from envtree.cli.options import HerokuFormat
    from envtree.cli.wing_options import Base, Confirm, Deployments, DynoEnvironment, Owned, RevealOne, Snapshot
    from envtree.migration.commands.comparing import HerokuDiff
    from envtree.migration.comparing.comparison import HerokuComparison
    from envtree.migration.comparing.text import ComparisonDisplay

KEY = 16
"""Bytes of the key that fingerprints are made with."""


def diff_heroku(
    *,
    selectors: Deployments = None,
    snapshot: Snapshot = None,
    base: Base = None,
    run_time: DynoEnvironment = None,
    reveal: RevealOne = "",
    owned: Owned = False,
    confirm: Confirm = False,
    output_format: HerokuFormat = "table",
    api: ApiOptions,
    tree: TreeOptions,
    display: ProblemDisplay,
) -> int:
    """Show in what the tree and the Heroku apps differ.

    What counts is what a process gets. Values are masked: their length, a fingerprint and the kind of difference are
    shown. `--confirm` notes in envtree.yaml which processes get all that a dyno has.

    Exit code 0: the same; 1: something differs that is not expected to; 2: an app couldn't be compared.

    \b
    Examples:
      envtree diff heroku
      envtree diff heroku production/accounts --reveal LOG_FORMAT
      envtree diff heroku --snapshot ~/fleet.json --base ~/fleet-in-june.json
      heroku run --no-tty -a acme-accounts 'env -0' > dyno; envtree diff heroku production/accounts --runtime dyno
    """
    from envtree.migration.commands.comparing import compare_with_heroku
    from envtree.migration.comparing.summary import summary
    from envtree.migration.comparing.text import ALL, BUT_OWNED, ComparisonDisplay

    if confirm and (run_time is None or tree.revision != WORKTREE):
        raise WrongUsage("`--confirm` needs `--runtime FILE`, and notes it in the files, not in a revision")
    tree.say_unrun(display)
    query, chosen = api.query(snapshot), tuple(selectors or ())
    with Waiting(sys.stderr) as waiting:
        asked = (tree.folder, query, waiting, chosen, base or "", run_time or "", tree.revision, tree.schemas)
        compared = compare_with_heroku(*asked)
    comparison = compared.comparison
    if reveal and reveal not in comparison.names:
        raise EnvtreeError(_unknown(reveal, comparison))
    options = ComparisonDisplay(os.urandom(KEY), reveal, ALL if owned else BUT_OWNED, compared.imported)
    sys.stdout.write(_formatted(output_format, comparison, options, display))
    display.show((*comparison.problems, *compared.warnings, *comparison.unmet), compared.source)
    if compared.skipped:
        display.say(f"skipped, as asked: {some(compared.skipped, 6)}")
    if compared.not_on_heroku:
        display.say(f"not on Heroku, so not compared: {some(compared.not_on_heroku, 6)}")
    if confirm:
        display.say(_confirmed(compared))
    display.say(summary(comparison))
    return ANSWERS[comparison.answer]


def _unknown(name: str, comparison: HerokuComparison) -> Diagnostic:
    known = did_you_mean(name, sorted(comparison.names))
    message = f"`{one_line(name)}` is to be revealed, and nothing that is compared has that name{known}"
    return Diagnostic("unknown-name", message, help="without `--reveal`, what differs is listed by name")


def _confirmed(compared: HerokuDiff) -> str:
    """Note the processes that the dyno confirms, and say which."""
    from envtree.migration.commands.confirming import confirm

    processes = confirm(compared)
    if not processes:
        return "no process is confirmed: none that the dyno speaks for gets all that it has"
    return f"confirmed, and noted in envtree.yaml: {some(processes, 6)}"


def _formatted(output_format: str, comparison: HerokuComparison, options: ComparisonDisplay, display: Display) -> str:
    if output_format == "json":
        from envtree.migration.comparing.json import as_json

        return as_json(comparison, options.reveal)
    if output_format == "markdown":
        from envtree.migration.comparing.markdown import as_markdown

        return as_markdown(comparison, options)
    from envtree.migration.comparing.text import as_text

    return as_text(comparison, options, display.painter(sys.stdout))
