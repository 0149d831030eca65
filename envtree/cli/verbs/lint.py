"""`lint`: what a valid tree could do without, or should not hold; and the lines that can go, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.cli.answers.report import extent, write_report
from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import NO, NO_ANSWER, OK
from envtree.cli.terminal import tell
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay, TreeOptions
    from envtree.cli.options import FindingsFormat, Fix, Leaks, OnlyDeprecated, Selectors
    from envtree.review.commands.lint import Linted


def lint(
    *,
    selectors: Selectors = None,
    fix: Fix = False,
    leaks: Leaks = False,
    deprecated: OnlyDeprecated = False,
    tree: TreeOptions,
    output_format: FindingsFormat = "text",
    display: ProblemDisplay,
) -> int:
    """Show what a valid tree could do without, or should not hold.

    Lines that repeat what they inherit, values that all siblings repeat, lines that no process sees, and secrets in
    the clear. Exit code 1 if something is found.

    \b
    Examples:
      envtree lint
      envtree lint production/accounts    # the lines that these processes see
      envtree lint --fix                  # remove what repeats; every process gets the same as before
      envtree lint --leaks --staged       # only secrets, and only in what a commit would change
      envtree lint --deprecated           # only who still sets a variable that is to go
    """
    if deprecated:
        if fix or leaks or tree.schemas == "read":
            raise WrongUsage(
                "`--deprecated` asks the schemas what is to go; leave out `--fix`, `--leaks`, `--no-schemas`"
            )
        return _deprecated(tree, tuple(selectors or ()), output_format, display)
    if leaks:
        if fix or selectors:
            raise WrongUsage("`--leaks` searches files; leave out `--fix` and targets")
        return _leaks(tree, output_format, display)
    from envtree.review.commands import lint as command

    tree.say_unrun(display)
    chosen = tuple(selectors or ())
    linted = _fix(tree, chosen, display) if fix else command.lint(tree.folder, chosen, tree.revision, tree.schemas)
    write_report(output_format, linted.diagnostics, linted.text, linted.root, display)
    fixable = 0 if fix else sum(bool(each.repeats) for each in linted.found)
    if fixable:
        display.say(f"{fixable:,} of these can be fixed: `envtree lint --fix`")
    if linted.errors:
        tell(f"the tree has {counted(linted.errors, 'error')}, and not all could be looked at: see `envtree validate`")
    if linted.diagnostics or linted.errors:
        return NO if linted.diagnostics else NO_ANSWER
    display.say(f"nothing found: {extent(linted.own)}")
    return OK


def _leaks(tree: TreeOptions, output_format: str, display: ProblemDisplay) -> int:
    """Show what looks like a secret in the files of a tree, without compiling it."""
    from envtree.review.commands.leaks import leaks

    searched = leaks(tree.folder, tree.revision)
    write_report(output_format, searched.diagnostics, searched.source, searched.root, display)
    if not searched.diagnostics:
        display.say(f"no secret found in {counted(len(searched.source.files), 'file')}")
    return NO if searched.diagnostics else OK


def _deprecated(tree: TreeOptions, selectors: tuple[str, ...], output_format: str, display: ProblemDisplay) -> int:
    """Show who still sets a deprecated variable, and what is declared for nobody."""
    from envtree.review.commands.deprecated import deprecated

    left = deprecated(tree.folder, selectors, tree.revision)
    write_report(output_format, left.diagnostics, left.source, left.root, display)
    if left.errors:
        tell(f"the tree has {counted(left.errors, 'error')}, and not all could be looked at: see `envtree validate`")
        return NO if left.diagnostics else NO_ANSWER
    if not left.diagnostics:
        display.say(f"nothing deprecated is left in {counted(len(left.targets), 'process', 'processes')}")
    return NO if left.diagnostics else OK


def _fix(tree: TreeOptions, selectors: tuple[str, ...], display: ProblemDisplay) -> Linted:
    """Remove the lines that can go, and return what is left."""
    from envtree.review.commands.lint import fix
    from envtree.review.lint.occurrences import location_of

    linted, removed, left = fix(tree.folder, selectors, tree.revision, tree.schemas)
    for each in removed:
        repeats = some(map(location_of, each.repeats))
        display.say(f"fixed {location_of(each.entry)}: removed {each.entry.name}, which repeats {repeats}")
    for each, why in left:
        tell(f"left {location_of(each.entry)}: {each.entry.name} repeats what it inherits, but {why}")
    return linted
