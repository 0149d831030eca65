"""The command line as the library runs it: its verbs, their help, and what is not plain of what people write."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from envtree.cli import options, wing_options
from envtree.cli.argv import PAIRS, RENAMED, WrongUsage
from envtree.cli.exitcode import INTERRUPTED, NO_ANSWER, OK
from envtree.cli.groups import GROUPS, grouped
from envtree.cli.verbs.boot import boot
from envtree.cli.verbs.build import build
from envtree.cli.verbs.codegen import codegen
from envtree.cli.verbs.diff import diff
from envtree.cli.verbs.down import down
from envtree.cli.verbs.execute import execute
from envtree.cli.verbs.explain import explain
from envtree.cli.verbs.export import export
from envtree.cli.verbs.fleet import fleet
from envtree.cli.verbs.heroku_diff import diff_heroku
from envtree.cli.verbs.heroku_import import import_heroku
from envtree.cli.verbs.heroku_snapshot import heroku_snapshot
from envtree.cli.verbs.heroku_status import heroku_status
from envtree.cli.verbs.history import history
from envtree.cli.verbs.import_app_json import import_app_json
from envtree.cli.verbs.import_dotenv import import_dotenv
from envtree.cli.verbs.import_procfile import import_procfile
from envtree.cli.verbs.init import init
from envtree.cli.verbs.lint import lint
from envtree.cli.verbs.reload import reload
from envtree.cli.verbs.restart import restart
from envtree.cli.verbs.rollback import rollback
from envtree.cli.verbs.rule import rule
from envtree.cli.verbs.schema import schema
from envtree.cli.verbs.secret_edit import secret_edit
from envtree.cli.verbs.secret_rotate import secret_rotate
from envtree.cli.verbs.secret_seal import secret_seal
from envtree.cli.verbs.secret_status import secret_status
from envtree.cli.verbs.set import set_
from envtree.cli.verbs.show import show
from envtree.cli.verbs.status import status
from envtree.cli.verbs.unset import unset
from envtree.cli.verbs.validate import validate
from envtree.cli.verbs.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERBS: tuple[Callable[..., int], ...] = (
    init,
    validate,
    lint,
    rule,
    set_,
    unset,
    secret_seal,
    secret_status,
    secret_edit,
    secret_rotate,
    build,
    show,
    history,
    explain,
    diff,
    schema,
    codegen,
    verify,
    rollback,
    execute,
    export,
    boot,
    status,
    restart,
    reload,
    down,
    fleet,
    import_heroku,
    import_procfile,
    import_dotenv,
    import_app_json,
    diff_heroku,
    heroku_snapshot,
    heroku_status,
)
"""In the order that the help lists them."""
NAMES = {"execute": "exec", "set_": "set", **{each.replace(" ", "_").replace("-", "_"): each for each in PAIRS}}
"""Verbs that no function can be named for."""
OPTIONS = {**vars(options), **vars(wing_options)}
"""What each annotation of a verb's parameter stands for."""


class Verbs(TyperGroup):
    """The verbs, some of them of two words."""

    def resolve_command(self, context: Any, words: list[str]) -> Any:
        """Return the verb that a command line begins with; a shell that completes words has them apart."""
        pair = " ".join(words[:2])
        seconds = [each.partition(" ")[2] for each in PAIRS if each.partition(" ")[0] == words[0]]
        if seconds and pair not in PAIRS and words[0] not in self.commands:
            context.fail(f"`{words[0]}` needs a second word: {' or '.join(seconds)}")
        if words[0] in RENAMED:
            context.fail(f"`envtree {words[0]}` is called `envtree {RENAMED[words[0]]}`")
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


def _as_command(verb: Callable[..., int]) -> Callable[..., int]:
    """Return a verb as the library takes it: with an option for each parameter, and its own error for wrong usage."""

    @functools.wraps(verb)
    def command(**values: Any) -> int:
        try:
            words = grouped(verb, values)
            return verb(**words)
        except WrongUsage as error:
            raise typer.BadParameter(str(error)) from None

    parameters = [*_parameters(verb)]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def _parameters(function: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    """Yield what a verb takes, its groups taken apart, with the options that the annotations name."""
    for each in inspect.signature(function).parameters.values():
        if each.annotation in GROUPS:
            yield from _parameters(GROUPS[each.annotation])
        else:
            yield each.replace(annotation=OPTIONS[each.annotation], kind=inspect.Parameter.KEYWORD_ONLY)


for verb in VERBS:
    app.command(name=NAMES.get(verb.__name__))(_as_command(verb))


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
    except SystemExit as error:  # how typer ends on an interrupt, and answers a shell that completes words
        code = error.code or OK
        return None if code == INTERRUPTED else code if isinstance(code, int) else NO_ANSWER
    return result if isinstance(result, int) else OK


@functools.cache
def _command() -> Any:
    """Return the verbs as the library runs them: it takes longer to make them than most of them take."""
    return typer.main.get_command(app)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from envtree import __version__

        typer.echo(f"envtree {__version__}")
        raise typer.Exit
