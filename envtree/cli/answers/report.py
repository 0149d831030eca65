"""Diagnostics as the answer of a verb, and how much was looked at."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree import __version__
from envtree.core.render import diagnostics as render
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.cli.groups import ProblemDisplay
    from envtree.core.layers.resolve import Node
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Target


def write_report(
    output_format: str, diagnostics: tuple[Diagnostic, ...], source: Source | None, root: str, display: ProblemDisplay
) -> None:
    """Write diagnostics as the answer: the first few as text, or all for programs, with paths from this folder."""
    relative = os.path.relpath(root)
    prefix = "" if relative == "." else f"{relative}/"
    if output_format == "text":
        display.show(diagnostics, source, sys.stdout)
    elif output_format == "short":
        sys.stdout.write(render.as_short(diagnostics, prefix))
    elif output_format == "github":
        sys.stdout.write(render.as_github(diagnostics, prefix))
    else:
        _write_with_pages(output_format, diagnostics, prefix)


def _write_with_pages(output_format: str, diagnostics: tuple[Diagnostic, ...], prefix: str) -> None:
    from envtree.commands.rule import rules

    if output_format == "sarif":
        sys.stdout.write(render.as_sarif(diagnostics, rules(), __version__, prefix))
    else:
        sys.stdout.write(render.as_json(diagnostics, rules()))


def extent(targets: Mapping[Target, Node]) -> str:
    """How much was looked at."""
    processes = counted(len(targets), "process", "processes")
    services = counted(len({target.service for target in targets}), "service")
    environments = counted(len({target.environment for target in targets}), "environment")
    variables = counted(len({name for node in targets.values() for name in node.provenance}), "variable")
    return f"{processes} of {services} in {environments}, {variables}"
