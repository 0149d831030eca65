"""`envtree export` on the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from envtree.cli.options import (
    BuiltOut,
    Color,
    ColorOption,
    Maximum,
    OneTarget,
    Quiet,
    Ref,
    Staged,
    TreeFolder,
    output_of,
    revision_of,
)
from envtree.cli.verbs import DEFAULT_MAX
from envtree.cli.verbs.export import run


class ExportFormat(StrEnum):
    """Who is to read it."""

    DOTENV = "dotenv"
    SYSTEMD = "systemd"
    DOCKER = "docker"
    KUBERNETES = "kubernetes"
    SHELL = "shell"
    JSON = "json"


def export(
    target: OneTarget,
    output_format: Annotated[
        ExportFormat, typer.Option("--format", "-f", help="Who is to read it.", show_default=False)
    ],
    folder: TreeFolder = None,
    ref: Ref = None,
    staged: Staged = False,
    out: BuiltOut = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show hidden values on a terminal too.")] = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Write all that one process gets, for another reader.

    Secrets are in it, in clear. A value that the format can't carry exactly is an error, and nothing is written.

    \b
    Examples:
      envtree export review/accounts/web --format dotenv > .env
      envtree export production/accounts/web --format systemd | ssh host 'umask 077; cat > /etc/accounts.env'
      envtree export production/accounts/web --format docker --out /etc/envtree > web.env
      envtree export production/accounts/web --format kubernetes | kubectl apply -f -
    """
    place = output_of(out, folder, ref, staged)
    return run(
        str(folder or "."),
        target,
        output_format.value,
        place,
        maximum,
        color,
        revision_of(ref, staged),
        reveal=reveal,
        quiet=quiet,
    )
