"""Options and arguments that several verbs have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.complete import complete_target


class Color(StrEnum):
    """When to paint."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


Folder = Annotated[Path, typer.Option("-C", "--directory", metavar="DIR", help="Work on the tree that DIR lies in.")]
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
