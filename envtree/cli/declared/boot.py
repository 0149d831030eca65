"""`envtree boot` and `envtree restart` on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli.options import Color, ColorOption, Quiet, Runtime
from envtree.cli.verbs import OUT_VARIABLE
from envtree.core.runit.defaults import RUNTIME

Ready = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        min=0.1,
        metavar="SECONDS",
        help="How long each process may take to be ready, whatever it says itself.",
        show_default=False,
    ),
]


def boot(
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="OUT", envvar=OUT_VARIABLE, help="What `envtree build` made.", show_default=False
        ),
    ],
    selector: Annotated[
        str, typer.Option("--as", metavar="SELECTOR", help="What the machine is for; no tags.", show_default=False)
    ] = "",
    tags: Annotated[
        str,
        typer.Option("--tags", metavar="FILE", help="A DescribeTags answer (`-`: stdin).", show_default=False),
    ] = "",
    patience: Annotated[
        float, typer.Option("--wait", min=0.1, metavar="SECONDS", help="How long to wait for the metadata service.")
    ] = 60.0,
    timeout: Ready = None,
    runtime: Runtime = Path(RUNTIME),
    json: Annotated[bool, typer.Option("--json", help="Show what runs as JSON.")] = False,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Start what this machine is for.

    The instance's tags say what: an environment, a service of it, or one process. Everything is started in the order
    of `requires`, and waited for until it is ready. Where it runs already, only what changed is started again.

    \b
    Examples:
      envtree boot --out /etc/envtree
      envtree boot --out /etc/envtree --as review
      aws ec2 describe-tags ... | envtree boot --out /etc/envtree --tags -
    """
    from envtree.cli.verbs.boot import run

    if selector and tags:
        raise typer.BadParameter("`--as` and `--tags` both say what the machine is for; leave out one")
    return run(os.path.normpath(out), str(runtime), selector, tags, timeout, patience, color, json=json, quiet=quiet)


def restart(
    selectors: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SELECTOR]...", help="What to restart, stale or not.", show_default=False),
    ] = None,
    timeout: Ready = None,
    runtime: Runtime = Path(RUNTIME),
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Restart what is stale.

    A process is stale if the output has other values, or another command, for it since it started. All that is to
    restart is stopped before any of it starts: two versions never run side by side.

    \b
    Examples:
      envtree restart
      envtree restart production/accounts
    """
    from envtree.cli.verbs.boot import restart as run

    return run(str(runtime), tuple(selectors or ()), timeout, color, quiet=quiet)
