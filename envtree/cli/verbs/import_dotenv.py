"""`import dotenv`: the variables of `.env` files, into the layers of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envtree.cli.groups import FolderOptions, PlacementOptions, ProblemDisplay
    from envtree.cli.options import AnswerFormat, Clear
    from envtree.cli.wing_options import DotenvFiles, PlanOnly, Reader, Write


def import_dotenv(
    files: DotenvFiles,
    *,
    plan: PlanOnly = False,
    write: Write = False,
    clear: Clear = False,
    reader: Reader = "any",
    place: PlacementOptions,
    output_format: AnswerFormat = "text",
    tree: FolderOptions,
    display: ProblemDisplay,
) -> int:
    """Write what `.env` files say into the layers of a service.

    Readers of such files differ in quotes, comments, escapes and `$NAME`. A line that they don't agree on is an error,
    and nothing is written. The environment is that of a name such as `.env.production`, or `--environment`. Into a tree
    that has content, nothing is written without --write.

    \b
    Examples:
      envtree import dotenv .env.production .env.staging --service accounts
      envtree import dotenv .env --environment review --reader dotenv --plan
    """
    from envtree.cli.answers.fileimport import finish
    from envtree.migration.commands.imports.import_dotenv import plan_dotenv

    tree.say_unrun(display)
    return finish(
        lambda: plan_dotenv(tree.folder, files, place.placement(), reader, tree.schemas),
        output_format,
        display,
        plan=plan,
        write=write,
        clear=clear,
    )
