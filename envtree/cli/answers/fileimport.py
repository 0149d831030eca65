"""What imports share: they write where they may, and say what was written and what is left."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import NO, NO_ANSWER, OK
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted
from envtree.core.render.mask import json_lines, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.cli.groups import ProblemDisplay
    from envtree.migration.commands.imports.import_files import FileImport, RefusedFiles
    from envtree.migration.commands.imports.import_plan import ImportPlan

LISTED = 12


def finish(
    read: Callable[[], FileImport | RefusedFiles],
    output_format: str,
    display: ProblemDisplay,
    *,
    plan: bool,
    write: bool,
    clear: bool,
) -> int:
    """Carry out an import: into a tree with content only if asked to; no is the answer where a variable is left out."""
    from envtree.migration.commands.imports.import_files import RefusedFiles

    refuse_both(plan=plan, write=write)
    found = read()
    if isinstance(found, RefusedFiles):
        display.show(found.problems, found.source)
        return NO_ANSWER
    planned, is_written = carry_out(found.planned, display, plan=plan, write=write, clear=clear)
    found = found._replace(planned=planned)
    if output_format == "json":
        sys.stdout.write(_json(found, is_written=is_written))
    else:
        sys.stdout.write(_text(found, "written" if is_written else "would be written"))
    display.show(planned.uncarried)
    _say(found, display, clear=clear)
    say_withheld(planned, display, is_withheld=not (plan or is_written))
    return NO if planned.uncarried else OK


def refuse_both(*, plan: bool, write: bool) -> None:
    """Raise WrongUsage where a plan is asked for, and that it be written."""
    if plan and write:
        raise WrongUsage("`--plan` writes nothing; leave out one of the two")


def carry_out(
    planned: ImportPlan, display: ProblemDisplay, *, plan: bool, write: bool, clear: bool
) -> tuple[ImportPlan, bool]:
    """Write a plan, unless only a plan is asked for, or the tree has content and nobody asks to write into it.

    Return the plan with its secrets sealed, and whether it was written.
    """
    from envtree.migration.commands.imports.importing import write as write_plan

    planned = _sealed(planned, display, plan=plan, clear=clear)
    is_written = not plan and (write or not planned.surveyed.has_content)
    if is_written:
        write_plan(planned)
    return planned, is_written


def say_withheld(planned: ImportPlan, display: ProblemDisplay, *, is_withheld: bool) -> None:
    """Say that nothing was written, and how to have it written."""
    if is_withheld and planned.files:
        display.say("nothing was written, since the tree has content: look at this, then add `--write`")


def plan_data(planned: ImportPlan, *, is_written: bool) -> dict[str, object]:
    """Return what every import says in JSON."""
    return {
        "written": is_written,
        "entries": planned.entries,
        "deleted": sorted(planned.deleted),
        "files": {path: "new" if path in planned.created else "changed" for path in sorted(planned.files)},
        "changed": [each._asdict() for each in planned.changed],
        "kept": sorted({each.name for each in planned.kept}),
        "not_carried": [each.message for each in planned.uncarried],
    }


def _sealed(planned: ImportPlan, display: ProblemDisplay, *, plan: bool, clear: bool) -> ImportPlan:
    """Return a plan with its secrets sealed, unless they are to be in clear; raises EnvtreeError without a rule.

    Where only a plan is asked for, what is missing is shown, and the plan is the one in clear.
    """
    from envtree.core.model.diagnostic import EnvtreeError
    from envtree.migration.commands.imports.sealing import with_sealed_secrets

    secrets = frozenset[str]() if clear else planned.secrets
    if not secrets and not planned.surveyed.sealed:
        return planned
    try:
        return with_sealed_secrets(planned, secrets)
    except EnvtreeError as error:
        if not plan:
            raise
        for each in error.diagnostics:
            display.say(f"note: secrets can't be sealed yet: {each.message}; {each.help}")
        return planned


def _text(found: FileImport, verb: str) -> str:
    from envtree.migration.importing.report import changes, files, kept_lines

    planned = found.planned
    below = os.path.relpath(planned.surveyed.root)
    text = "".join(f"{one_line(each.path)} -> {each.deployment}\n" for each in found.files)
    text += files({path: path in planned.created for path in planned.files}, planned.deleted, below, verb)
    text += changes(planned.changed) + kept_lines(planned.kept)
    if found.remarks:
        text += "\nnot configuration, but part of the move:\n" + "".join(f"  {line}\n" for line in found.remarks)
    return text


def _say(found: FileImport, display: ProblemDisplay, *, clear: bool) -> None:
    """Say what a person is to know or do; nothing of it is a value."""
    from envtree.migration.importing.factor import shared_secrets
    from envtree.migration.importing.report import secrets_in_clear

    planned = found.planned
    for note in planned.notes:
        display.say(f"note: {note}")
    for shared in shared_secrets({each.deployment: each.values for each in planned.apps}, planned.secrets):
        display.say(f"note: `{one_line(shared.name)}` is the same secret in {some(shared.deployments, 6)}")
    for names, what in ((found.to_set, "to be set"), (found.to_generate, "to be generated, each environment its own")):
        if names:
            display.say(f"{what}: {some(map(one_line, names), LISTED)}")
    if clear and planned.entries and (words := secrets_in_clear(planned.apps, planned.secrets)):
        display.say(f"warning: {words}")
    variables = sum(len(each.values) for each in planned.apps)
    if variables:
        display.say(_sum(found, variables))


def _sum(found: FileImport, variables: int) -> str:
    """Say how much is imported, as how little, and that it is proved."""
    if not found.planned.entries and found.planned.surveyed.has_content:
        return "nothing is to be imported: the tree gives each value already"
    entries = counted(found.planned.entries, "entry", "entries")
    kept = ", but for what is kept, named above" if found.planned.kept else ""
    return f"{counted(variables, 'variable')} as {entries}; compiled back and compared, each is as it was read{kept}"


def _json(found: FileImport, *, is_written: bool) -> str:
    planned = found.planned
    return json_lines(
        {
            **plan_data(planned, is_written=is_written),
            "sources": [{"file": each.path, **each.deployment._asdict()} for each in found.files],
            "variables": sum(len(each.values) for each in planned.apps),
            "to_set": list(found.to_set),
            "to_generate": list(found.to_generate),
            "not_configuration": list(found.remarks),
        }
    )
