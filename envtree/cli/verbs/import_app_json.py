"""`import app-json`: the variables that an app.json declares, into the layers and the schema of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envtree.cli.groups import FolderOptions, PlacementOptions, ProblemDisplay
    from envtree.cli.options import AnswerFormat, Clear
    from envtree.cli.wing_options import AppJsonFile, PlanOnly, Write


def import_app_json(
    file: AppJsonFile,
    *,
    plan: PlanOnly = False,
    write: Write = False,
    clear: Clear = False,
    place: PlacementOptions,
    output_format: AnswerFormat = "text",
    tree: FolderOptions,
    display: ProblemDisplay,
) -> int:
    """Write the variables that an app.json declares into the layers and the schema of a service.

    Its values are defaults, so a variable that has a value keeps it. What must be set or generated is named, and so is
    what is no configuration: buildpacks, add-ons, scripts. Into a tree that has content, nothing is written without
    --write.

    \b
    Examples:
      envtree import app-json app.json --service accounts --environment production
      envtree import app-json app.json --plan
    """
    from envtree.cli.answers.fileimport import finish
    from envtree.migration.commands.imports.import_app_json import plan_app_json

    tree.say_unrun(display)
    return finish(
        lambda: plan_app_json(tree.folder, file, place.placement(), tree.schemas),
        output_format,
        display,
        plan=plan,
        write=write,
        clear=clear,
    )
