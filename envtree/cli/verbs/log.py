"""`log`: the commits at which what a process gets has changed, as they are found."""

from __future__ import annotations

import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

from envtree.cli.terminal import painter, tell, width_of
from envtree.cli.verbs import OK
from envtree.core.model.diagnostic import some
from envtree.core.model.source import WORKTREE
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.review.history.events import Event


def run(
    folder: str,
    target: str,
    name: str = "",
    output_format: str = "text",
    maximum: int = 0,
    since: str = "",
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    reveal: bool = False,
    quiet: bool = False,
) -> int:
    """Show what has changed for one process, or for one variable of it."""
    from envtree.review.commands.history import log
    from envtree.review.history.json import as_json
    from envtree.review.history.text import DisplayOptions, as_text

    found, all_of_them = log(folder, target, name, revision, since)
    manner = DisplayOptions(found.target, os.urandom(16), width_of(sys.stdout), reveal)
    counts = Counts()
    events = counts.of(islice(all_of_them, maximum) if maximum else all_of_them)
    if output_format == "json":
        told = tuple(events)
        sys.stdout.write(as_json(told, manner, name, found.uncommitted, is_shallow=found.is_shallow))
    else:
        if found.uncommitted and not quiet:
            tell(f"not committed: {some((each or 'the process itself' for each in found.uncommitted), 6)}")
        paint = painter(color, sys.stdout)
        for event in events:
            sys.stdout.write(as_text(event, manner, paint))
    if not quiet:
        _tell_rest(counts, reveal=reveal, is_shallow=found.is_shallow)
    return OK


class Counts:
    """How many events have been told, and how many of their changes are hidden."""

    def __init__(self) -> None:
        self.events = self.changes = self.hidden = 0

    def of(self, events: Iterable[Event]) -> Iterator[Event]:
        """The same events, counted."""
        for event in events:
            news = event.news
            self.events += 1
            if news.arrival != "gone":
                self.changes += len(news.changes)
                self.hidden += sum(each.hidden and each.name not in news.sealed for each in news.changes)
            yield event


def _tell_rest(counts: Counts, *, reveal: bool, is_shallow: bool) -> None:
    if not counts.events:
        tell("nothing has changed in these commits")
    if counts.hidden and not reveal:
        words = "is hidden; `--reveal` shows it" if counts.hidden == 1 else "are hidden; `--reveal` shows them"
        tell(f"{counts.hidden} of {counted(counts.changes, 'change')} {words}")
    if is_shallow:
        tell("the clone is shallow: older changes aren't known")
