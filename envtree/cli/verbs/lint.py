"""`lint`: what a valid tree could do without, or should not hold; and what was mended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import extent, formatted, show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, NO, NO_ANSWER, OK
from envtree.core.model.diagnostic import some
from envtree.core.model.source import WORKTREE
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.review.commands.lint import Linted


def run(
    folder: str,
    selectors: tuple[str, ...] = (),
    output_format: str = "text",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
) -> int:
    """Show what is found of a tree."""
    from envtree.review.commands.lint import look

    linted = look(folder, selectors, revision)
    _show(linted, output_format, maximum, color)
    fixable = sum(bool(each.repeats) for each in linted.found)
    if fixable and not quiet:
        tell(f"{fixable:,} of these can be fixed: `envtree lint --fix`")
    return _answered(linted, quiet=quiet)


def fix(
    folder: str,
    selectors: tuple[str, ...] = (),
    output_format: str = "text",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
) -> int:
    """Remove the lines that can go, and show what is left."""
    from envtree.review.commands.lint import fix as mend
    from envtree.review.lint.occurrences import location_of

    linted, removed, left = mend(folder, selectors, revision)
    for each in () if quiet else removed:
        repeats = some(map(location_of, each.repeats))
        tell(f"fixed {location_of(each.entry)}: removed {each.entry.name}, which repeats {repeats}")
    for each, why in left:
        tell(f"left {location_of(each.entry)}: {each.entry.name} repeats what it inherits, but {why}")
    _show(linted, output_format, maximum, color)
    return _answered(linted, quiet=quiet)


def _show(linted: Linted, output_format: str, maximum: int, color: str) -> None:
    diagnostics = tuple(each.diagnostic for each in linted.found)
    if output_format == "text":
        show_diagnostics(diagnostics, linted.source, color, maximum, sys.stdout)
    else:
        sys.stdout.write(formatted(output_format, diagnostics, linted.root))


def _answered(linted: Linted, *, quiet: bool) -> int:
    """The exit code; an invalid tree is never said to be clean."""
    if linted.errors:
        tell(f"the tree has {counted(linted.errors, 'error')}, and not all could be looked at: see `envtree validate`")
    if linted.found or linted.errors:
        return NO if linted.found else NO_ANSWER
    if not quiet:
        tell(f"nothing found: {extent(linted.own)}")
    return OK
