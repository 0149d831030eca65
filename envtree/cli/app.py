"""The command line whole: its verbs, and what leaves it. Exit codes: 0 done; 1 the answer is no; 2 no answer."""

from __future__ import annotations

import functools
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from envtree.cli.declared.boot import boot, restart
from envtree.cli.declared.build import build
from envtree.cli.declared.diff import diff
from envtree.cli.declared.diffheroku import diff_heroku
from envtree.cli.declared.execute import execute
from envtree.cli.declared.explain import explain
from envtree.cli.declared.export import export
from envtree.cli.declared.importing import import_heroku
from envtree.cli.declared.init import init
from envtree.cli.declared.lint import lint
from envtree.cli.declared.log import log
from envtree.cli.declared.machine import down, status
from envtree.cli.declared.rollback import rollback
from envtree.cli.declared.schema import schema
from envtree.cli.declared.show import show
from envtree.cli.declared.snapshot import heroku_snapshot
from envtree.cli.declared.status import heroku_status
from envtree.cli.declared.validate import validate
from envtree.cli.declared.verify import verify
from envtree.cli.main import INTERRUPTED, PAIRS
from envtree.cli.verbs import NO_ANSWER, OK

VERBS = (
    init,
    validate,
    lint,
    build,
    show,
    log,
    explain,
    diff,
    schema,
    verify,
    rollback,
    execute,
    export,
    boot,
    status,
    restart,
    down,
    import_heroku,
    diff_heroku,
    heroku_snapshot,
    heroku_status,
)
"""In the order that the help lists them."""
NAMES = {"execute": "exec", **{each.replace(" ", "_"): each for each in PAIRS}}
"""Verbs that no function can be named for."""


class Verbs(TyperGroup):
    """The verbs, some of them of two words."""

    def resolve_command(self, context: Any, words: list[str]) -> Any:
        """The verb that a command line begins with; a shell that completes words has them apart."""
        pair = " ".join(words[:2])
        seconds = [each.partition(" ")[2] for each in PAIRS if each.partition(" ")[0] == words[0]]
        if seconds and pair not in PAIRS and words[0] not in self.commands:
            context.fail(f"`{words[0]}` needs a second word: {' or '.join(seconds)}")
        return super().resolve_command(context, [pair, *words[2:]] if pair in PAIRS else words)


app = typer.Typer(
    name="envtree",
    cls=Verbs,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Compile layered configuration into envdirs that chpst reads back byte for byte.",
    epilog="Start with `envtree init`, then `envtree validate`. `envtree VERB --help` shows examples. "
    "Exit codes: 0 done, 1 the answer is no, 2 no answer.",
)
for verb in VERBS:
    app.command(name=NAMES.get(verb.__name__))(verb)


def run(argv: list[str]) -> int | None:
    """Run one command line; None where it was interrupted."""
    try:
        result = _command().main(args=argv, prog_name="envtree", standalone_mode=False)
    except typer.TyperException as error:
        if show_usage := getattr(error, "show", None):
            show_usage()
        return NO_ANSWER
    except typer.Abort:
        return None
    except SystemExit as error:  # how typer ends on an interrupt
        return None if error.code == INTERRUPTED else NO_ANSWER
    return result if isinstance(result, int) else OK


@functools.cache
def _command() -> Any:
    """The verbs as the library runs them: it takes longer to make them than most of them take."""
    return typer.main.get_command(app)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from envtree import __version__

        typer.echo(f"envtree {__version__}")
        raise typer.Exit
