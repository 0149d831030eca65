"""The command line whole: its verbs, and what leaves it. Exit codes: 0 done; 1 the answer is no; 2 no answer."""

from __future__ import annotations

from typing import Annotated

import typer

from envtree.cli.declared.build import build
from envtree.cli.declared.diff import diff
from envtree.cli.declared.explain import explain
from envtree.cli.declared.init import init
from envtree.cli.declared.lint import lint
from envtree.cli.declared.log import log
from envtree.cli.declared.rollback import rollback
from envtree.cli.declared.schema import schema
from envtree.cli.declared.show import show
from envtree.cli.declared.validate import validate
from envtree.cli.declared.verify import verify
from envtree.cli.main import INTERRUPTED
from envtree.cli.verbs import NO_ANSWER, OK

VERBS = (init, validate, lint, build, show, log, explain, diff, schema, verify, rollback)
"""In the order that the help lists them."""

app = typer.Typer(
    name="envtree",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Compile layered configuration into envdirs that chpst reads back byte for byte.",
    epilog="Start with `envtree init`, then `envtree validate`. `envtree VERB --help` shows examples. "
    "Exit codes: 0 done, 1 the answer is no, 2 no answer.",
)
for verb in VERBS:
    app.command()(verb)


def run(argv: list[str]) -> int | None:
    """Run one command line; None where it was interrupted."""
    try:
        result = typer.main.get_command(app).main(args=argv, prog_name="envtree", standalone_mode=False)
    except typer.TyperException as error:
        if show_usage := getattr(error, "show", None):
            show_usage()
        return NO_ANSWER
    except typer.Abort:
        return None
    except SystemExit as error:  # how typer ends on an interrupt
        return None if error.code == INTERRUPTED else NO_ANSWER
    return result if isinstance(result, int) else OK


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from envtree import __version__

        typer.echo(f"envtree {__version__}")
        raise typer.Exit
