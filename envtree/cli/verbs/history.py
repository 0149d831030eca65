"""`history`: the commits at which what one process gets has changed."""

from __future__ import annotations

import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import OK
from envtree.cli.terminal import width_of
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.cli.groups import CommitOptions, Display
    from envtree.cli.options import AnswerFormat, AnyName, Newest, OneTarget, Reveal, RunOldSchemas, Since
    from envtree.review.history.events import Event


def history(
    target: OneTarget,
    *,
    name: AnyName = "",
    tree: CommitOptions,
    number: Newest = 0,
    since: Since = "",
    run_old_schemas: RunOldSchemas = False,
    output_format: AnswerFormat = "text",
    reveal: Reveal = False,
    display: Display,
) -> int:
    """Show when what one process gets has changed.

    The commits at which a resolved value changed, the newest first, whichever layer, schema or setting did it, and
    those at which it became invalid, or valid again.

    \b
    Examples:
      envtree history production/accounts/web
      envtree history production/accounts/web LOG_LEVEL
      envtree history production/accounts/web -n 5 --since '2 weeks ago'
      envtree history production/accounts/web --ref main --format json
    """
    from envtree.review.commands import history as command
    from envtree.review.history.json import as_json
    from envtree.review.history.text import DisplayOptions, as_text

    tree.say_unrun(display)
    if run_old_schemas and tree.schemas == "read":
        raise WrongUsage("`--run-old-schemas` runs schemas, and `--no-schemas` doesn't; leave out one")
    found, all_events = command.history(
        *(tree.folder, target, name, tree.revision, since, tree.schemas), run_old_schemas=run_old_schemas
    )
    options = DisplayOptions(found.target, os.urandom(16), width_of(sys.stdout), reveal)
    counts = Counts()
    events = counts.of(islice(all_events, number) if number else all_events)
    if output_format == "json":
        shown = tuple(events)
        sys.stdout.write(as_json(shown, options, name, found.uncommitted, is_shallow=found.is_shallow))
    else:
        if found.uncommitted:
            display.say(f"not committed: {some((each or 'the process itself' for each in found.uncommitted), 6)}")
        paint = display.painter(sys.stdout)
        for event in events:
            sys.stdout.write(as_text(event, options, paint))
    _say_rest(counts, display, reveal=reveal, is_shallow=found.is_shallow)
    if found.states.has_unrun_schemas and tree.schemas == "run":
        display.say("older schemas are not run, so not all that became invalid is known; `--run-old-schemas` runs them")
    return OK


class Counts:
    """How many events have been shown, and how many of their changes are hidden."""

    def __init__(self) -> None:
        self.events = self.changes = self.hidden = 0

    def of(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the same events, counted."""
        for event in events:
            changes = event.change_set
            self.events += 1
            if changes.target_change != "gone":
                self.changes += len(changes.changes)
                self.hidden += sum(each.hidden and each.name not in changes.sealed for each in changes.changes)
            yield event


def _say_rest(counts: Counts, display: Display, *, reveal: bool, is_shallow: bool) -> None:
    if not counts.events:
        display.say("nothing has changed in these commits")
    if counts.hidden and not reveal:
        words = "is hidden; `--reveal` shows it" if counts.hidden == 1 else "are hidden; `--reveal` shows them"
        display.say(f"{counts.hidden} of {counted(counts.changes, 'change')} {words}")
    if is_shallow:
        display.say("the clone is shallow: older changes aren't known")
