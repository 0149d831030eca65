"""`import procfile`: the processes of a Procfile, into the service.yaml of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envtree.cli.groups import FolderOptions, PlacementOptions, ProblemDisplay
    from envtree.cli.options import AnswerFormat, Clear
    from envtree.cli.wing_options import PlanOnly, Procfile, Write


def import_procfile(
    file: Procfile,
    *,
    plan: PlanOnly = False,
    write: Write = False,
    clear: Clear = False,
    place: PlacementOptions,
    output_format: AnswerFormat = "text",
    tree: FolderOptions,
    display: ProblemDisplay,
) -> int:
    """Write the processes of a Procfile into the service.yaml of a service.

    A process that is there with another command stays as it is. `release` is left out: it is no process that keeps
    running. Into a tree that has content, nothing is written without --write.

    \b
    Examples:
      envtree import procfile Procfile --service accounts --environment production --environment staging
      envtree import procfile ../accounts/Procfile --service accounts --write
    """
    from envtree.cli.answers.fileimport import finish
    from envtree.migration.commands.imports.import_procfile import plan_procfile

    tree.say_unrun(display)
    return finish(
        lambda: plan_procfile(tree.folder, file, place.placement(), tree.schemas),
        output_format,
        display,
        plan=plan,
        write=write,
        clear=clear,
    )
