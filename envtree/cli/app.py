"""The command line: what each verb takes, how its result is printed, and its exit code.

0 done; 1 the answer is no; 2 no answer; 70 a bug; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envtree.cli.complete import complete_target

if TYPE_CHECKING:
    from envtree.adapters.store.publish import Published
    from envtree.core.compile import Compilation
    from envtree.core.diagnostic import Diagnostic
    from envtree.core.plan import Plan
    from envtree.core.tree import Target
    from envtree.core.variables import Variable

OK, NO, NO_ANSWER, INTERRUPTED = 0, 1, 2, 130
DEFAULT_MAX = 20

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
Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT", help="The output folder; made if missing.", show_default=False)
]
OutArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="An output folder that `envtree build` made.", show_default=False)
]


def run(argv: list[str]) -> int:
    """Run one command line; every error that is no bug is caught here, once."""
    from envtree.core.diagnostic import EnvtreeError

    try:
        result = typer.main.get_command(app).main(args=argv, prog_name="envtree", standalone_mode=False)
    except EnvtreeError as error:
        return _no_answer(error.diagnostics)
    except typer.TyperException as error:
        show_usage = getattr(error, "show", None)
        if show_usage:
            show_usage()
        return NO_ANSWER
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("\ninterrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_ANSWER
    return result if isinstance(result, int) else OK


def _no_answer(diagnostics: tuple[Diagnostic, ...]) -> int:
    from envtree.cli.terminal import show_diagnostics

    show_diagnostics(diagnostics, None, "auto", 0)
    return NO_ANSWER


def _status(diagnostics: tuple[Diagnostic, ...]) -> int:
    """2 where something couldn't be read, so there is no answer; 1 for other errors."""
    codes = {each.code for each in diagnostics if each.severity == "error"}
    return NO_ANSWER if "unreadable-file" in codes else NO if codes else OK


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:  # noqa: FBT002
    if version:
        from envtree import __version__

        typer.echo(f"envtree {__version__}")
        raise typer.Exit


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to start the tree.")] = Path(),
    quiet: Quiet = False,  # noqa: FBT002
) -> int:
    """Start a tree: settings, one service, a schema, the pre-commit hook. Overwrites nothing.

    Examples:

      envtree init            # here

      envtree init config     # in a folder of its own
    """
    from envtree.cli.terminal import tell
    from envtree.commands.init import init as start

    written = start(str(directory))
    if not quiet:
        for path in written:
            tell(f"wrote {path}")
        tell(f"try: envtree validate{'' if str(directory) == '.' else f' -C {directory}'}")
    return OK


@app.command()
def validate(
    selectors: Selectors = None,
    folder: Folder = Path(),
    output_format: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="How problems are written.")
    ] = ReportFormat.TEXT,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,  # noqa: FBT002
    color: ColorOption = Color.AUTO,
) -> int:
    """Check a tree and show every problem at once; exit 1 if there is an error.

    Examples:

      envtree validate                        # everything

      envtree validate production/accounts    # what these processes see

      envtree validate --format short         # file:line:column, for editors

      envtree validate --format github        # annotations in a workflow
    """
    from envtree.cli.terminal import show_diagnostics, tell
    from envtree.commands.validate import validate as look

    root, source, compilation, diagnostics = look(str(folder), tuple(selectors or ()))
    if output_format is ReportFormat.TEXT:
        show_diagnostics(diagnostics, source, color, maximum, sys.stdout)
    else:
        sys.stdout.write(_formatted(output_format, diagnostics, root))
    if compilation and not quiet and output_format is ReportFormat.TEXT and not _status(diagnostics):
        tell(f"valid: {_extent(compilation)}")
    return _status(diagnostics)


def _extent(compilation: Compilation) -> str:
    targets = compilation.own
    names = {name for node in targets.values() for name in node.provenance}
    environments = {target.environment for target in targets}
    services = {target.service for target in targets}
    return (
        f"{len(targets):,} processes of {len(services):,} services in {len(environments):,} environments, "
        f"{len(names):,} variables"
    )


def _built(out: str, published: Published, envdirs: int) -> str:
    shared = envdirs - published.written
    repaired = f", {published.repaired:,} repaired" if published.repaired else ""
    pruned = f", {published.pruned:,} old generations removed" if published.pruned else ""
    arrow = "->" if published.moved else "=="
    return (
        f"built {out}/current {arrow} {published.generation[:12]}: "
        f"{published.written:,} envdirs written ({published.files:,} files), {shared:,} shared{repaired}{pruned}"
    )


def _plan_text(plan: Plan) -> str:
    marks = (("+", plan.added), ("~", plan.changed), ("-", plan.removed))
    lines = "".join(f"{mark} {place}\n" for mark, places in marks for place in places)
    nodes = plan.same + len(plan.added) + len(plan.changed)
    return f"{lines}{len(plan.writes):,} envdirs to write, {plan.same:,} of {nodes:,} nodes stay as they are\n"


def _mode(text: str) -> int:
    """A mode that lets the owner read, and nobody else write."""
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if mode & ~0o644 or not mode & 0o400:
        raise typer.BadParameter(f"`{text}` is no mode like 0600, 0640 or 0400: the owner reads, and no other writes")
    return mode


def _formatted(output_format: ReportFormat, diagnostics: tuple[Diagnostic, ...], root: str) -> str:
    from envtree import __version__
    from envtree.core import report

    relative = os.path.relpath(root)
    prefix = "" if relative == "." else f"{relative}/"
    if output_format is ReportFormat.SHORT:
        return report.as_short(diagnostics, prefix)
    if output_format is ReportFormat.GITHUB:
        return report.as_github(diagnostics, prefix)
    if output_format is ReportFormat.SARIF:
        return report.as_sarif(diagnostics, __version__, prefix)
    return report.as_json(diagnostics)


@app.command()
def build(
    out: Out,
    selectors: Selectors = None,
    folder: Folder = Path(),
    keep: Annotated[int, typer.Option("--keep", min=1, metavar="N", help="Keep the newest N generations.")] = 3,
    mode: Annotated[str, typer.Option("--mode", metavar="MODE", help="The mode of files, in octal.")] = "0600",
    owner: Annotated[
        str, typer.Option("--owner", metavar="USER[:GROUP]", help="Who owns the output.", show_default=False)
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing.")] = False,  # noqa: FBT002
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,  # noqa: FBT002
    color: ColorOption = Color.AUTO,
) -> int:
    """Compile a tree into OUT: one generation of envdirs, made current in one rename.

    Nothing is written while the tree has an error. A build that is killed leaves OUT as it was.

    Examples:

      envtree build --out /etc/envtree

      envtree build production --out /etc/envtree --owner root:app --mode 0640

      envtree build --out /etc/envtree --dry-run
    """
    from envtree.cli.terminal import Progress, show_diagnostics, tell
    from envtree.commands import build as command
    from envtree.core.manifest import Access

    access = Access(_mode(mode), owner)
    chosen = tuple(selectors or ())
    path = os.path.normpath(out)
    if dry_run:
        plan, source, diagnostics = command.plan_build(str(folder), path, chosen, access)
        show_diagnostics(diagnostics, source, color, maximum)
        if plan is not None:
            sys.stdout.write(_plan_text(plan))
        return _status(diagnostics)
    if generation := command.unchanged(str(folder), path, str(access), chosen):
        from envtree.cli.hot import nothing_to_do

        sys.stderr.write("" if quiet else nothing_to_do(path, generation))
        return OK
    progress = Progress(sys.stderr)
    published, manifest, source, diagnostics = command.build(
        str(folder), path, chosen, access, keep, lambda: tell(f"waiting for another build of {path}"), progress
    )
    progress.clear()
    show_diagnostics(diagnostics, source, color, maximum)
    if published and manifest and not quiet:
        tell(_built(path, published, len(set(manifest.envdirs.values()))))
    return _status(diagnostics)


@app.command()
def show(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="environment/service/process", autocompletion=complete_target, show_default=False
        ),
    ],
    folder: Folder = Path(),
    output_format: Annotated[
        ShowFormat, typer.Option("--format", "-f", help="How variables are written.")
    ] = ShowFormat.TABLE,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show hidden values too.")] = False,  # noqa: FBT002
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,  # noqa: FBT002
    color: ColorOption = Color.AUTO,
) -> int:
    """Show what one process gets, and the line each variable came from.

    A value is hidden if it is declared `Secret`, made of one, or declared nowhere.

    Examples:

      envtree show production/accounts/web

      envtree show production/accounts/web --format json

      envtree show review/accounts/web --format dotenv --reveal > .env
    """
    from envtree.cli.terminal import show_diagnostics, tell
    from envtree.commands.show import show as look
    from envtree.core.variables import revealed

    shown, source, diagnostics = look(str(folder), target)
    show_diagnostics(diagnostics, source, color, maximum)
    if shown is None:
        return _status(diagnostics)
    chosen, variables = shown
    hidden = sum(each.hidden and each.value is not None for each in variables)
    sys.stdout.write(_variables_text(output_format, chosen, revealed(variables) if reveal else variables))
    if hidden and not reveal and not quiet:
        tell(f"{hidden} of {len(variables)} values are hidden; `--reveal` shows them")
    return OK


def _variables_text(output_format: ShowFormat, target: Target, variables: tuple[Variable, ...]) -> str:
    from envtree.cli.terminal import width_of
    from envtree.core import variables as write

    if output_format is ShowFormat.JSON:
        return write.as_json(target, variables)
    if output_format is ShowFormat.DOTENV:
        return write.as_dotenv(variables)
    if output_format is ShowFormat.SHELL:
        return write.as_shell(variables)
    return write.as_table(variables, width_of(sys.stdout))


@app.command()
def verify(
    out: OutArgument,
    generation: Annotated[
        str | None,
        typer.Option("--generation", metavar="NAME", help="Another one than the current.", show_default=False),
    ] = None,
    maximum: Maximum = DEFAULT_MAX,
    quiet: Quiet = False,  # noqa: FBT002
    color: ColorOption = Color.AUTO,
) -> int:
    """Read an output back against its manifest: every name, byte, mode and link; exit 1 if one differs.

    Examples:

      envtree verify /etc/envtree
    """
    from envtree.cli.terminal import show_diagnostics, tell
    from envtree.commands.verify import verify as look

    verified, diagnostics = look(os.path.normpath(out), generation)
    show_diagnostics(diagnostics, None, color, maximum, sys.stdout)
    if not diagnostics and not quiet:
        extent = f"{verified.files:,} files in {verified.envdirs:,} envdirs"
        tell(f"verified {verified.generation[:12]}: {extent} are as they were built")
    return _status(diagnostics)


@app.command()
def rollback(
    out: OutArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="NAME", help="A generation, by the start of its name.", show_default=False),
    ] = None,
    quiet: Quiet = False,  # noqa: FBT002
) -> int:
    """Make the generation before current again.

    Examples:

      envtree rollback /etc/envtree

      envtree rollback /etc/envtree --to 3f9ac2
    """
    from envtree.cli.terminal import tell
    from envtree.commands.rollback import rollback as go_back

    path = os.path.normpath(out)
    moved = go_back(path, to, lambda: tell(f"waiting for a build of {path}"))
    if not quiet:
        tell(
            f"rolled back: {path}/current -> {moved.now[:12]} (was {moved.before[:12] if moved.before else 'nothing'})"
        )
    return OK
