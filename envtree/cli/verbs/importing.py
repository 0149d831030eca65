"""`import heroku`: where each app goes, what would be written, and that it was."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import Waiting, show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, NO, NO_ANSWER, OK
from envtree.core.model.diagnostic import errors
from envtree.core.render.diagnostics import counted
from envtree.migration.importing.findings import findings
from envtree.migration.importing.report import changes, files, kept_lines, ownership, secrets_in_clear
from envtree.migration.mapping.mapping import as_table

if TYPE_CHECKING:
    from envtree.migration.commands.importing import Planned
    from envtree.migration.commands.read import HerokuQuery


def plan(
    folder: str, asked: HerokuQuery, maximum: int = DEFAULT_MAX, color: str = "auto", *, quiet: bool = False
) -> int:
    """Show what an import would do."""
    planned = _plan(folder, asked, maximum, color, quiet=quiet)
    return NO_ANSWER if planned is None else _told(planned, "would be written", quiet=quiet)


def run(
    folder: str, asked: HerokuQuery, maximum: int = DEFAULT_MAX, color: str = "auto", *, quiet: bool = False
) -> int:
    """Import into a tree that holds nothing yet; show what would be done to another."""
    return _import(folder, asked, maximum, color, merge=False, quiet=quiet)


def write(
    folder: str, asked: HerokuQuery, maximum: int = DEFAULT_MAX, color: str = "auto", *, quiet: bool = False
) -> int:
    """Import, whatever the tree holds."""
    return _import(folder, asked, maximum, color, merge=True, quiet=quiet)


def _import(folder: str, asked: HerokuQuery, maximum: int, color: str, *, merge: bool, quiet: bool) -> int:
    from envtree.migration.commands.importing import write as write_planned

    planned = _plan(folder, asked, maximum, color, quiet=quiet)
    if planned is None:
        return NO_ANSWER
    if planned.surveyed.has_content and not merge:
        code = _told(planned, "would be written", quiet=quiet)
        if not quiet and planned.files:
            tell("nothing was written, since the tree has content: look at this, then add `--write`")
        return code
    write_planned(planned)
    return _told(planned, "written", quiet=quiet)


def _plan(folder: str, asked: HerokuQuery, maximum: int, color: str, *, quiet: bool) -> Planned | None:
    """The plan, where every app has a place and could be read; the places are shown before a value is read."""
    from envtree.migration.commands.importing import plan as make_plan
    from envtree.migration.commands.importing import survey

    waiting = Waiting(sys.stderr)
    with waiting:
        surveyed = survey(folder, asked, waiting)
    assignment = surveyed.listing.assignment
    sys.stdout.write(as_table(assignment))
    sys.stdout.flush()
    show_diagnostics(assignment.problems, surveyed.tree.source if surveyed.tree else None, color, maximum)
    if errors(assignment.problems):
        return None
    with waiting:
        planned = make_plan(surveyed, waiting)
    show_diagnostics((*planned.unread, *planned.left), None, color, maximum)
    if planned.unread:
        return None
    if not planned.parts:
        tell("no app has a place in the tree, so there is nothing to import")
        return None
    if not quiet:
        sys.stdout.write(f"\n{ownership(planned.parts)}")
        for line in findings(planned.parts, planned.secrets):
            tell(f"note: {line}")
        for line in planned.notes:
            tell(f"note: {line}")
    return planned


def _told(planned: Planned, verb: str, *, quiet: bool) -> int:
    """What was done, or would be; the answer is no where something is left for a person to decide."""
    below = os.path.relpath(planned.surveyed.root)
    sys.stdout.write(files({path: path in planned.created for path in planned.files}, below, verb))
    sys.stdout.write(changes(planned.changed) + kept_lines(planned.kept))
    if quiet:
        return NO if planned.left else OK
    if clear := secrets_in_clear(planned.parts, planned.secrets):
        tell(f"warning: {clear}")
    tell(
        f"{_sum(planned, 'imported' if verb == 'written' else 'to import')}; "
        "compiled back and compared, each process gets exactly what its app has"
        f"{', but for what is kept, named above' if planned.kept else ''}"
    )
    if planned.left:
        tell(f"not carried: {counted(len(planned.left), 'config var')}, named above: decide what they are to be")
    return NO if planned.left else OK


def _sum(planned: Planned, done: str) -> str:
    """How much is imported, and as how little."""
    if not planned.entries and planned.surveyed.has_content:
        return "nothing is to be imported: the tree already gives every value"
    variables = sum(len(part.values) for part in planned.parts)
    apps = counted(len(planned.parts), "app")
    return f"{done}: {counted(variables, 'config var')} of {apps} as {counted(planned.entries, 'entry', 'entries')}"
