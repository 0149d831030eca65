"""The command line: what each verb takes, and its help. Exit codes: 0 done; 1 the answer is no; 2 no answer."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from envtree.cli import verbs
from envtree.cli.complete import complete_target
from envtree.cli.main import INTERRUPTED
from envtree.cli.verbs import DEFAULT_KEEP, DEFAULT_MAX, NO_ANSWER, OK

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


class ShowFormat(StrEnum):
    """How variables are written."""

    TABLE = "table"
    JSON = "json"
    DOTENV = "dotenv"
    SHELL = "shell"


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
Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT", help="The output folder; made if missing.", show_default=False)
]
OutArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="An output folder that `envtree build` made.", show_default=False)
]


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


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to start the tree.")] = Path(),
    quiet: Quiet = False,
) -> int:
    """Start a new tree.

    Writes settings, one service, a schema and the pre-commit hook; overwrites nothing.

    \b
    Examples:
      envtree init            # here
      envtree init config     # in a folder of its own
    """
    return verbs.init(str(directory), quiet=quiet)


@app.command()
def validate(
    selectors: Selectors = None,
    folder: Folder = Path(),
    output_format: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How problems are written.")
    ] = ReportFormat.TEXT,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show every problem of a tree.

    Exit code 1 if there is an error, 0 if there is none; warnings are no errors.

    \b
    Examples:
      envtree validate                        # everything
      envtree validate production/accounts    # what these processes see
      envtree validate --format short         # file:line:column, for editors
      envtree validate --format github        # annotations in a workflow
    """
    return verbs.validate(
        str(folder), tuple(selectors or ()), output_format, maximum, color, quiet=quiet, verbose=verbose
    )


@app.command()
def build(
    out: Out,
    selectors: Selectors = None,
    folder: Folder = Path(),
    keep: Annotated[
        int, typer.Option("--keep", min=1, metavar="N", help="Keep the newest N generations, and the one replaced.")
    ] = DEFAULT_KEEP,
    mode: Annotated[str, typer.Option("--mode", metavar="MODE", help="The mode of files, in octal.")] = "0600",
    owner: Annotated[
        str, typer.Option("--owner", metavar="USER[:GROUP]", help="Who owns the output.", show_default=False)
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Read back what is there, and write anew what is not as it was built.")
    ] = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Compile a tree into envdirs.

    OUT gets one generation, made current in one rename. Nothing is written while the tree has an error,
    and a build that is killed leaves OUT as it was.

    \b
    Examples:
      envtree build --out /etc/envtree
      envtree build --out /etc/envtree --dry-run
      envtree build production --out /etc/envtree --owner root:app --mode 0640
    """
    path, chosen = os.path.normpath(out), tuple(selectors or ())
    if dry_run:
        return verbs.plan(str(folder), path, chosen, _mode(mode), owner, maximum, color)
    return verbs.build(
        str(folder),
        path,
        chosen,
        keep,
        _mode(mode),
        owner,
        maximum,
        color,
        quiet=quiet,
        verbose=verbose,
        read_back=repair,
    )


@app.command()
def show(
    target: OneTarget,
    folder: Folder = Path(),
    output_format: Annotated[
        ShowFormat, typer.Option("--format", "-f", help="How variables are written.")
    ] = ShowFormat.TABLE,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show hidden values too.")] = False,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Show what one process gets.

    Each variable comes with the line that won. A value is hidden if it is declared `Secret`, made of one,
    or declared nowhere.

    \b
    Examples:
      envtree show production/accounts/web
      envtree show production/accounts/web --format json
      envtree show review/accounts/web --format dotenv --reveal > .env
    """
    return verbs.show(str(folder), target, output_format, maximum, color, reveal=reveal, quiet=quiet)


@app.command()
def verify(
    out: OutArgument,
    generation: Annotated[
        str | None,
        typer.Option("--generation", metavar="NAME", help="Another one than the current.", show_default=False),
    ] = None,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Read an output back.

    Every name, byte, mode and link is held against the manifest; exit code 1 if one differs.

    \b
    Examples:
      envtree verify /etc/envtree
    """
    return verbs.verify(os.path.normpath(out), generation, maximum, color, quiet=quiet)


@app.command()
def rollback(
    out: OutArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="NAME", help="A generation, by the start of its name.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> int:
    """Go back to the generation before.

    \b
    Examples:
      envtree rollback /etc/envtree
      envtree rollback /etc/envtree --to 3f9ac2
    """
    return verbs.rollback(os.path.normpath(out), to, quiet=quiet)


def _mode(text: str) -> int:
    """A mode that lets the owner read, and nobody else write."""
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if mode & ~0o644 or not mode & 0o400:
        message = f"`{text}` is no mode like 0600, 0640 or 0400: the owner reads, and no other writes"
        raise typer.BadParameter(message)
    return mode
