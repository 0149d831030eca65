"""What each verb does with words from the command line: one call, its result printed, its exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.hot import unchanged_words
from envtree.cli.terminal import Progress, show_diagnostics, tell, width_of
from envtree.core.report import counted

if TYPE_CHECKING:
    from envtree.adapters.store.publish import Published
    from envtree.core.compile import Compilation
    from envtree.core.diagnostic import Diagnostic
    from envtree.core.plan import Plan
    from envtree.core.tree import Target
    from envtree.core.variables import Variable

OK, NO, NO_ANSWER = 0, 1, 2
DEFAULT_MAX = 20
DEFAULT_KEEP = 3
DEFAULT_MODE = 0o600


def init(folder: str, *, quiet: bool = False) -> int:
    """Start a tree in a folder."""
    from envtree.commands.init import init as start

    written = start(folder)
    if not quiet:
        for path in written:
            tell(f"wrote {os.path.normpath(os.path.join(folder, path))}")  # noqa: PTH118 - as the shell would name it
        tell(f"try: envtree validate{'' if folder == '.' else f' -C {folder}'}")
    return OK


def validate(
    folder: str,
    selectors: tuple[str, ...] = (),
    output_format: str = "text",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> int:
    """Show every problem of a tree."""
    from envtree.commands.validate import validate as look

    root, source, compilation, diagnostics = look(folder, selectors)
    if output_format != "text":
        sys.stdout.write(_formatted(output_format, diagnostics, root))
        return status(diagnostics)
    show_diagnostics(diagnostics, source, color, maximum, sys.stdout)
    if compilation and verbose:
        for target, node in compilation.own.items():
            classes = counted(len(compilation.governed[target].schemas), "class", "classes")
            tell(f"{target}: {counted(len(node.provenance), 'variable')}, governed by {classes}")
    if compilation and not quiet and not status(diagnostics):
        tell(f"valid: {_extent(compilation)}")
    return status(diagnostics)


def build(
    folder: str,
    out: str,
    selectors: tuple[str, ...] = (),
    keep: int = DEFAULT_KEEP,
    mode: int = DEFAULT_MODE,
    owner: str = "",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    *,
    quiet: bool = False,
    verbose: bool = False,
    read_back: bool = False,
) -> int:
    """Compile a tree and make it current; without `read_back`, one that looks as it was built is taken to be so."""
    from envtree.commands import build as command
    from envtree.core.manifest import Access

    if not read_back and (generation := command.unchanged(folder, out, selectors, str(Access(mode, owner)), keep)):
        if not quiet:
            tell(unchanged_words(out, generation))
        return OK
    progress = Progress(sys.stderr)
    published, files, source, diagnostics = command.build(
        folder, out, selectors, Access(mode, owner), keep, lambda: tell(f"waiting for another build of {out}"), progress
    )
    progress.clear()
    show_diagnostics(diagnostics, source, color, maximum)
    for place, number in files.items() if verbose else ():
        tell(f"{place}: {counted(number, 'file')}")
    if published and not quiet:
        tell(_built(out, published))
    return status(diagnostics)


def plan(
    folder: str,
    out: str,
    selectors: tuple[str, ...],
    mode: int = DEFAULT_MODE,
    owner: str = "",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
) -> int:
    """Show what a build would do."""
    from envtree.commands.build import plan_build
    from envtree.core.manifest import Access

    planned, source, diagnostics = plan_build(folder, out, selectors, Access(mode, owner))
    show_diagnostics(diagnostics, source, color, maximum)
    if planned is not None:
        sys.stdout.write(_plan_text(planned))
    return status(diagnostics)


def show(
    folder: str,
    target: str,
    output_format: str = "table",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    *,
    reveal: bool = False,
    quiet: bool = False,
) -> int:
    """Show what one process gets."""
    from envtree.commands.show import show as look
    from envtree.core.variables import revealed

    shown, source, diagnostics = look(folder, target)
    show_diagnostics(diagnostics, source, color, maximum)
    if shown is None:
        return status(diagnostics)
    chosen, variables = shown
    hidden = sum((each.hidden or each.masked) and each.value is not None for each in variables)
    sys.stdout.write(_variables_text(output_format, chosen, revealed(variables) if reveal else variables))
    if hidden and not reveal and not quiet:
        words = "is hidden; `--reveal` shows it" if hidden == 1 else "are hidden; `--reveal` shows them"
        tell(f"{hidden} of {counted(len(variables), 'value')} {words}")
    return OK


def verify(
    out: str, generation: str | None = None, maximum: int = DEFAULT_MAX, color: str = "auto", *, quiet: bool = False
) -> int:
    """Read an output back."""
    from envtree.commands.verify import verify as look

    verified, diagnostics = look(out, generation)
    show_diagnostics(diagnostics, None, color, maximum, sys.stdout)
    if not diagnostics and not quiet:
        extent = f"{counted(verified.files, 'file')} in {counted(verified.envdirs, 'envdir')}"
        tell(f"verified {verified.generation[:12]}: {extent} are as they were built")
    return status(diagnostics)


def rollback(out: str, to: str | None = None, *, quiet: bool = False) -> int:
    """Make an earlier generation current."""
    from envtree.commands.rollback import rollback as go_back

    moved = go_back(out, to, lambda: tell(f"waiting for a build of {out}"))
    if not quiet:
        tell(f"rolled back: {out}/current -> {moved.now[:12]} (was {moved.before[:12] if moved.before else 'nothing'})")
    return OK


def status(diagnostics: tuple[Diagnostic, ...]) -> int:
    """The exit code: 2 where something couldn't be read, so there is no answer; 1 for other errors."""
    codes = {each.code for each in diagnostics if each.severity == "error"}
    return NO_ANSWER if "unreadable-file" in codes else NO if codes else OK


def _extent(compilation: Compilation) -> str:
    targets = compilation.own
    processes = counted(len(targets), "process", "processes")
    services = counted(len({target.service for target in targets}), "service")
    environments = counted(len({target.environment for target in targets}), "environment")
    variables = counted(len({name for node in targets.values() for name in node.provenance}), "variable")
    return f"{processes} of {services} in {environments}, {variables}"


def _built(out: str, published: Published) -> str:
    if published.is_unchanged:
        return unchanged_words(out, published.generation)
    repaired = f", {published.repaired:,} repaired" if published.repaired else ""
    pruned = f", {counted(published.pruned, 'old generation')} removed" if published.pruned else ""
    written = f"{counted(published.written, 'envdir')} written ({counted(published.files, 'file')})"
    return (
        f"built {out}/current -> {published.generation[:12]}: {written}, {published.shared:,} shared{repaired}{pruned}"
    )


def _plan_text(planned: Plan) -> str:
    marks = (("+", planned.added), ("~", planned.changed), ("-", planned.removed))
    lines = "".join(f"{mark} {place}\n" for mark, places in marks for place in places)
    nodes = planned.same + len(planned.added) + len(planned.changed)
    writes = counted(len(planned.writes), "envdir")
    return f"{lines}{writes} to write, {planned.same:,} of {nodes:,} nodes stay as they are\n"


def _formatted(output_format: str, diagnostics: tuple[Diagnostic, ...], root: str) -> str:
    from envtree import __version__
    from envtree.core import report

    relative = os.path.relpath(root)
    prefix = "" if relative == "." else f"{relative}/"
    if output_format == "short":
        return report.as_short(diagnostics, prefix)
    if output_format == "github":
        return report.as_github(diagnostics, prefix)
    if output_format == "sarif":
        return report.as_sarif(diagnostics, __version__, prefix)
    return report.as_json(diagnostics)


def _variables_text(output_format: str, target: Target, variables: tuple[Variable, ...]) -> str:
    from envtree.core import variables as write

    if output_format == "json":
        return write.as_json(target, variables)
    if output_format == "dotenv":
        return write.as_dotenv(variables)
    if output_format == "shell":
        return write.as_shell(variables)
    return write.as_table(variables, width_of(sys.stdout))
