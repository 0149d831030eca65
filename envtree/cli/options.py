"""Options and arguments that several verbs have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envtree.cli.complete import complete_target
from envtree.cli.verbs import OUT_VARIABLE
from envtree.core.model.source import INDEX, WORKTREE
from envtree.core.runit.defaults import RUNTIME_VARIABLE

if TYPE_CHECKING:
    from envtree.migration.commands.read import HerokuQuery


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
TreeFolder = Annotated[
    Path | None,
    typer.Option("-C", "--directory", metavar="DIR", help="Work on the tree that DIR lies in.", show_default=False),
]
BuiltOut = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        help="Read what `envtree build` made, not a tree; ENVTREE_OUT names one as well.",
        show_default=False,
    ),
]
OutArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="An output folder that `envtree build` made.", show_default=False)
]

Runtime = Annotated[
    Path, typer.Option("--run", metavar="DIR", envvar=RUNTIME_VARIABLE, help="The runtime folder of this machine.")
]
Snapshot = Annotated[
    Path | None,
    typer.Option(
        "--snapshot",
        metavar="PATH",
        help="Read a snapshot, or a folder of saved `heroku config --json`, not the API.",
        show_default=False,
    ),
]
Skip = Annotated[
    list[str] | None,
    typer.Option("--skip", metavar="APP", help="Leave out an app; may be repeated.", show_default=False),
]
Team = Annotated[str, typer.Option("--team", metavar="NAME", help="Only the apps of a team.", show_default=False)]
Timeout = Annotated[
    float,
    typer.Option("--timeout", min=0.1, metavar="SECONDS", help="How long to wait for one answer, tries included."),
]


def asked(snapshot: Path | None, team: str, timeout: float, skip: list[str] | None = None) -> HerokuQuery:
    """What four options ask of Heroku."""
    from envtree.migration.commands.read import HerokuQuery

    if snapshot is not None and team:
        raise typer.BadParameter("a snapshot is read as it is; leave out `--team`")
    return HerokuQuery("" if snapshot is None else str(snapshot), team, timeout, tuple(skip or ()))


def output_of(out: Path | None, folder: Path | None, ref: str | None, staged: bool) -> str:  # noqa: FBT001 - as below
    """Which output is asked for; empty for a tree. The caller's `ENVTREE_OUT` holds where nothing names either."""
    import os

    of_a_tree = folder is not None or ref is not None or staged
    if out is not None and of_a_tree:
        raise typer.BadParameter(
            "`--out` reads an output; leave it out, or `-C`, `--ref` and `--staged`, which read a tree"
        )
    return os.path.normpath(out) if out is not None else "" if of_a_tree else os.environ.get(OUT_VARIABLE, "")


def revision_of(ref: str | None, staged: bool) -> str:  # noqa: FBT001 - a flag of the command line
    """Which revision two options ask for."""
    if ref is not None and staged:
        raise typer.BadParameter("`--ref` and `--staged` name two revisions; leave out one")
    if ref in ("", INDEX):
        raise typer.BadParameter("`--ref` needs a commit, a branch or a tag; `--staged` reads the index")
    return INDEX if staged else ref or WORKTREE
