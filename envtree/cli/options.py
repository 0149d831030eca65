"""Options and arguments that several verbs have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.complete import complete_target
from envtree.core.source import INDEX, WORKTREE


class Color(StrEnum):
    """When to paint."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class ReportFormat(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    SHORT = "short"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


Folder = Annotated[Path, typer.Option("-C", "--directory", metavar="DIR", help="Work on the tree that DIR lies in.")]
Ref = Annotated[
    str | None,
    typer.Option("--ref", metavar="REV", help="Read a commit, branch or tag, not the files.", show_default=False),
]
Staged = Annotated[bool, typer.Option("--staged", help="Read the index: what would be committed.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but what is wrong.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more: a line for each process or node.")]
ColorOption = Annotated[Color, typer.Option("--color", help="When to paint; NO_COLOR is honoured.")]
Maximum = Annotated[int, typer.Option("--max", min=0, metavar="N", help="Show the first N problems (0: all).")]
Selectors = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SELECTOR]...",
        help="Targets by prefix or glob: production, production/accounts, '*/accounts/*'.",
        autocompletion=complete_target,
        show_default=False,
    ),
]
OneTarget = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help="environment/service/process", autocompletion=complete_target, show_default=False
    ),
]
OutArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="An output folder that `envtree build` made.", show_default=False)
]


def revision_of(ref: str | None, staged: bool) -> str:  # noqa: FBT001 - a flag of the command line
    """Which revision two options ask for."""
    if ref is not None and staged:
        raise typer.BadParameter("`--ref` and `--staged` name two revisions; leave out one")
    if ref in ("", INDEX):
        raise typer.BadParameter("`--ref` needs a commit, a branch or a tag; `--staged` reads the index")
    return INDEX if staged else ref or WORKTREE
