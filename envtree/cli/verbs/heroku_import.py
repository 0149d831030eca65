"""`import heroku`: where each app goes, what would be written, and that it was."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from envtree.cli.answers.fileimport import carry_out, plan_data, refuse_both, say_withheld
from envtree.cli.exitcode import NO, NO_ANSWER, OK
from envtree.cli.terminal import Waiting, tell
from envtree.core.model.diagnostic import errors
from envtree.core.model.source import SETTINGS
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import ApiOptions, ConflictOptions, FolderOptions, ProblemDisplay
    from envtree.cli.options import AnswerFormat, Clear
    from envtree.cli.wing_options import PlanOnly, Snapshot, Write
    from envtree.migration.commands.imports.import_plan import ImportPlan
    from envtree.migration.commands.read import HerokuQuery


def import_heroku(
    *,
    plan: PlanOnly = False,
    write: Write = False,
    clear: Clear = False,
    snapshot: Snapshot = None,
    api: ApiOptions,
    conflicts: ConflictOptions,
    output_format: AnswerFormat = "text",
    tree: FolderOptions,
    display: ProblemDisplay,
) -> int:
    """Write a tree that gives every process what its Heroku app has.

    Each app becomes a service in an environment: by the table, pattern or pipelines that envtree.yaml names, else by
    its pipeline or its name. What is to be written is compiled and compared, byte for byte, before it is. Into a tree
    that has content, nothing is written without --write. Run again, it takes what changed on Heroku since, keeps what
    you changed, and asks where both did. Secrets are sealed for those whom `.sops.yaml` names; with --clear, they are
    written in clear. Nothing on Heroku is changed.

    \b
    Examples:
      export HEROKU_API_KEY=$(heroku auth:token)
      envtree import heroku --plan                      # where each app goes, and what would be written
      envtree init -C configuration --secrets --new-key # whom secrets are sealed for
      envtree import heroku -C configuration
      envtree import heroku --snapshot ../fleet.json    # without the network
    """
    refuse_both(plan=plan, write=write)
    text = sys.stdout if output_format == "text" else io.StringIO()
    tree.say_unrun(display)
    planned = _plan(tree, api.query(snapshot), conflicts, display, text)
    if planned is None:
        return NO_ANSWER
    planned, is_written = carry_out(planned, display, plan=plan, write=write, clear=clear)
    if output_format == "json":
        sys.stdout.write(_json(planned, is_written=is_written))
    code = _report(planned, "written" if is_written else "would be written", display, text, clear=clear)
    say_withheld(planned, display, is_withheld=not (plan or is_written))
    return code


def _plan(
    tree: FolderOptions, query: HerokuQuery, conflicts: ConflictOptions, display: ProblemDisplay, text: TextIO
) -> ImportPlan | None:
    """Return the plan, where every app has a place and could be read; the places are shown before a value is read."""
    from envtree.migration.commands.imports.import_heroku import plan, survey
    from envtree.migration.importing.decision import as_diagnostic
    from envtree.migration.importing.findings import findings
    from envtree.migration.importing.report import ownership, part_of_the_move
    from envtree.migration.importing.scale import capacity
    from envtree.migration.mapping.mapping import as_table

    waiting, choices = Waiting(sys.stderr), conflicts.choices()
    with waiting:
        surveyed = survey(tree.folder, query, waiting, tree.schemas, choices)
    assignment = surveyed.listing.assignment
    text.write(as_table(assignment))
    text.flush()
    display.show(assignment.problems, surveyed.tree.source if surveyed.tree else None)
    if errors(assignment.problems):
        return None
    with waiting:
        planned = plan(surveyed, waiting, conflicts.base)
    display.show((*planned.unread, *planned.uncarried, *map(as_diagnostic, planned.conflicts)))
    if planned.unread:
        return None
    if not planned.apps:
        tell("no app has a place in the tree, so there is nothing to import")
        return None
    if not display.quiet:
        text.write(f"\n{ownership(planned.apps)}{capacity(planned.apps)}{part_of_the_move(planned.apps)}")
        for line in (*findings(planned.apps, planned.secrets), *planned.notes):
            tell(f"note: {line}")
    return planned


def _report(planned: ImportPlan, verb: str, display: ProblemDisplay, text: TextIO, *, clear: bool) -> int:
    """Say what was done, or would be; the answer is no where something is left for a person to decide."""
    from envtree.migration.importing.report import changes, files, kept_lines, secrets_in_clear

    below = os.path.relpath(planned.surveyed.root)
    text.write(files({path: path in planned.created for path in planned.files}, planned.deleted, below, verb))
    text.write(changes(planned.changed) + kept_lines(planned.kept))
    code = NO if planned.uncarried or planned.conflicts else OK
    if display.quiet:
        return code
    if clear and (words := secrets_in_clear(planned.apps, planned.secrets)):
        tell(f"warning: {words}")
    tell(
        f"{_sum(planned, 'imported' if verb == 'written' else 'to import')}; "
        "compiled back and compared, each process gets exactly what its app has"
        f"{', but for what is kept, named above' if planned.kept else ''}"
    )
    if planned.uncarried:
        tell(f"not carried: {counted(len(planned.uncarried), 'config var')}, named above: decide what they are to be")
    if planned.conflicts:
        undecided = {each.app for each in planned.conflicts}
        tell(f"not imported: {counted(len(undecided), 'app')} with a conflict, named above")
    return code


def _json(planned: ImportPlan, *, is_written: bool) -> str:
    from envtree.core.render.mask import json_lines

    return json_lines(
        {
            **plan_data(planned, is_written=is_written),
            "apps": [{"app": each.app.name, **each.deployment._asdict()} for each in planned.apps],
            "config_vars": sum(len(each.values) for each in planned.apps),
            "conflicts": [
                {"app": each.app, "name": each.name, **each.deployment._asdict()} for each in planned.conflicts
            ],
        }
    )


def _sum(planned: ImportPlan, done: str) -> str:
    """Say how much is imported, and as how little."""
    if not planned.entries and planned.surveyed.has_content:
        what = "no config var" if planned.files.keys() - {SETTINGS} else "nothing"
        return f"{what} is to be imported: the tree already gives every value"
    variables = sum(len(part.values) for part in planned.apps)
    apps = counted(len(planned.apps), "app")
    return f"{done}: {counted(variables, 'config var')} of {apps} as {counted(planned.entries, 'entry', 'entries')}"
