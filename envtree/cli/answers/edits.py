"""An edit of a tree as the answer of a verb: who gets something else, what is wrong then, and what was written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.cli.terminal import tell, tell_waiting
from envtree.core.model.diagnostic import errors, some
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay
    from envtree.editing.commands.edit import Conversation, Edited, Mode


def mode_of(*, dry_run: bool, force: bool) -> Mode:
    """Return how an edit is written."""
    return "dry-run" if dry_run else "force" if force else "write"


def conversation(output_format: str, display: ProblemDisplay) -> Conversation:
    """Return what is said while an edit goes on: what it changes is shown before it is written."""
    from envtree.editing.commands.edit import Conversation

    def show(edited: Edited) -> None:
        from envtree.review.diff.text import as_text

        if output_format == "text":
            sys.stdout.write(as_text(edited.report, display.painter(sys.stdout)))
        sys.stdout.flush()
        display.show(edited.problems, edited.source)

    return Conversation(tell_waiting, show)


def report(edited: Edited, mode: Mode, output_format: str, display: ProblemDisplay) -> int:
    """Write the answer, say what was done, and return the exit code."""
    if output_format == "json":
        sys.stdout.write(_json(edited))
    if edited.older:
        display.say(f"these processes have {counted(edited.older, 'other error')}: see `envtree validate`")
    wrong = errors(edited.problems)
    if wrong and mode != "force":
        tell("nothing was written" if mode == "dry-run" else "nothing was written; `--force` writes it all the same")
        return NO
    for note in edited.notes:
        display.say(f"note: {note}")
    display.say(_outcome(edited))
    return OK


def _outcome(edited: Edited) -> str:
    if not edited.files:
        return "nothing to write: the layer is so already"
    files = some((f"{path}{' (new)' if path in edited.created else ''}" for path in sorted(edited.files)), 6)
    if edited.report.comparison.is_empty:
        effect = "no process gets something else"
    else:
        changed = {pair for change in edited.report.comparison.changes for pair in change.pairs}
        effect = f"{counted(len(changed), 'process gets', 'processes get')} something else"
    return f"{'written' if edited.is_written else 'would be written'}: {files}; {effect}"


def _json(edited: Edited) -> str:
    from envtree.commands.rule import rules
    from envtree.core.render.diagnostics import diagnostic_data
    from envtree.core.render.mask import json_lines
    from envtree.core.render.rules import rules_data
    from envtree.review.diff.json import report_data

    return json_lines(
        {
            "scope": edited.scope.selector,
            "written": edited.is_written,
            "files": {path: "new" if path in edited.created else "changed" for path in sorted(edited.files)},
            **report_data(edited.report),
            "notes": list(edited.notes),
            "diagnostics": [diagnostic_data(each) for each in edited.problems],
            "rules": rules_data(edited.problems, rules()),
            "other_errors": edited.older,
        }
    )
