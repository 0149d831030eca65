"""`diff`: in what two sides differ, by what each process gets."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.argv import OUT_VARIABLE, WrongUsage
from envtree.cli.exitcode import NO, NO_ANSWER, OK
from envtree.core.model.diagnostic import some
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from envtree.cli.groups import Display, ProblemDisplay, TreeOptions
    from envtree.cli.options import After, Before, DiffFormat, NameOnly, Stat
    from envtree.review.commands.diff import Diffed


def diff(
    before: Before,
    *,
    after: After = None,
    tree: TreeOptions,
    output_format: DiffFormat = "text",
    stat: Stat = False,
    name_only: NameOnly = False,
    display: ProblemDisplay,
) -> int:
    """Show which processes get something else.

    What counts is the value that a process gets. A line that was edited is one entry, however many processes
    it changes. Exit code 1 if something differs, 2 if a process is invalid.

    \b
    Examples:
      envtree diff main..HEAD                               # what this branch changes
      envtree diff main...HEAD --format markdown            # for a comment on its review
      envtree diff HEAD:                                    # what is not committed
      envtree diff HEAD: :                                  # what is staged
      envtree diff staging/accounts production/accounts     # one environment against another
      envtree diff dir:/etc/envtree HEAD:                   # what a new build would change
      envtree diff live:4711 production/accounts/web        # is it running with what we say?
    """
    from envtree.review.commands import diff as command
    from envtree.review.diff import text

    if stat and name_only:
        raise WrongUsage("`--stat` and `--name-only` are two answers; choose one")
    words = tuple(_with_output(word) for word in (before, after) if word is not None)
    tree.say_unrun(display)
    diffed = command.diff(tree.folder, words, tree.revision, tree.schemas)
    chosen = "stat" if stat else "name-only" if name_only else output_format
    sys.stdout.write(_formatted(chosen, diffed, display))
    for source, diagnostics in diffed.problems:
        display.show(diagnostics, source)
    if diffed.foreign:
        names = one_line(some(diffed.foreign))
        display.say(f"not compared: {len(diffed.foreign)} that the tree doesn't know: {names}")
    display.say(text.summary(diffed.report))
    if diffed.problems:
        return NO_ANSWER
    return OK if diffed.report.comparison.is_empty else NO


def _with_output(word: str) -> str:
    """Return a side, with the caller's `ENVTREE_OUT` for a `dir:` that names no output."""
    return f"dir:{os.environ.get(OUT_VARIABLE, '')}" if word == "dir:" else word


def _formatted(output_format: str, diffed: Diffed, display: Display) -> str:
    from envtree.review.diff import text

    if output_format == "stat":
        return text.as_stat(diffed.report)
    if output_format == "name-only":
        return text.as_names(diffed.report)
    if output_format == "json":
        from envtree.review.diff.json import as_json

        return as_json(diffed.report, diffed.before, diffed.after)
    if output_format == "markdown":
        from envtree.review.diff.markdown import as_markdown

        return as_markdown(diffed.report, diffed.before, diffed.after)
    return text.as_text(diffed.report, display.painter(sys.stdout))
