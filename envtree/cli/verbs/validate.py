"""`validate`: every problem, in the form asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, status
from envtree.core.report import counted

if TYPE_CHECKING:
    from envtree.core.compile import Compilation
    from envtree.core.diagnostic import Diagnostic


def run(
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


def _extent(compilation: Compilation) -> str:
    targets = compilation.own
    processes = counted(len(targets), "process", "processes")
    services = counted(len({target.service for target in targets}), "service")
    environments = counted(len({target.environment for target in targets}), "environment")
    variables = counted(len({name for node in targets.values() for name in node.provenance}), "variable")
    return f"{processes} of {services} in {environments}, {variables}"


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
