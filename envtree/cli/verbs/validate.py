"""`validate`: every problem of a tree."""

from __future__ import annotations

from envtree.cli.argv import is_ci
from envtree.cli.exitcode import OK, exit_code
from envtree.core.model.source import INDEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.cli.groups import TreeOptions, VerboseDisplay
    from envtree.cli.options import ProblemsFormat, Sealed, Selectors
    from envtree.core.compile import Compilation


def validate(
    *,
    selectors: Selectors = None,
    tree: TreeOptions,
    sealed: Sealed = None,
    output_format: ProblemsFormat = "text",
    display: VerboseDisplay,
) -> int:
    """Show every problem of a tree.

    Exit code 1 if there is an error, 0 if there is none; warnings are no errors. Sealed layers that no key is here
    for are named, and all but their values is checked.

    \b
    Examples:
      envtree validate                        # everything
      envtree validate production/accounts    # what these processes see
      envtree validate --format short         # file:line:column, for editors
      envtree validate --format github        # annotations in a workflow
      envtree validate --staged               # what would be committed
      envtree validate --ref main~3
      envtree validate --sealed require       # a sealed layer without a key is an error
    """
    tree.say_unrun(display)
    index = None
    is_plain = tree.schemas == "run" and output_format == "text" and not (selectors or sealed or display.verbose)
    if tree.revision == INDEX and is_plain:
        from envtree.commands.staged import quick_verdict, read_staged

        index = read_staged(tree.folder)
        if index and (good := quick_verdict(index)):
            display.say(good)
            return OK
    from envtree.adapters.process import core_dumps
    from envtree.cli.answers.report import extent, write_report
    from envtree.commands.validate import validate as check

    core_dumps.forbid()
    use = sealed or ("require" if is_ci() else "open")
    root, source, compilation, diagnostics = check(
        tree.folder, tuple(selectors or ()), tree.revision, tree.schemas, use
    )
    write_report(output_format, diagnostics, source, root, display)
    if output_format != "text" or compilation is None:
        return exit_code(diagnostics)
    if display.verbose:
        _say_variables(compilation)
    if index and not diagnostics:
        from envtree.commands.staged import save_verdict

        save_verdict(index, compilation)
    code = exit_code(diagnostics)
    if code == OK:
        display.say(f"valid: {extent(compilation.own)}{_closed(compilation)}")
    return code


def _closed(compilation: Compilation) -> str:
    """Return what the verdict does not cover, as the end of a sentence: the layers that stayed closed."""
    from envtree.core.render.diagnostics import counted

    closed = {
        entry.file for layer in compilation.layers.values() for entry in layer.entries.values() if entry.is_closed
    }
    return f"; the values of {counted(len(closed), 'sealed layer')} were not checked" if closed else ""


def _say_variables(compilation: Compilation) -> None:
    from envtree.cli.terminal import tell
    from envtree.core.render.diagnostics import counted

    for target, node in compilation.own.items():
        classes = counted(len(compilation.governed[target].schemas), "class", "classes")
        tell(f"{target}: {counted(len(node.provenance), 'variable')}, governed by {classes}")
