"""`codegen`: the code that loads and checks what one service may see, written or compared."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import NO, OK, exit_code
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay, TreeOptions
    from envtree.cli.options import CheckCode, CodeLanguage, CodeOut, OneService


def codegen(
    service: OneService,
    language: CodeLanguage,
    *,
    tree: TreeOptions,
    out: CodeOut = None,
    is_check: CheckCode = False,
    display: ProblemDisplay,
) -> int:
    """Write code that loads and checks what one service may see.

    One file without dependencies: the names that the schemas of the service declare, and no others, each with its
    type. A secret is of a type that doesn't print. What differs between processes or environments is optional.

    \b
    Examples:
      envtree codegen accounts --lang python --out app/settings.py
      envtree codegen accounts --lang go --out settings/settings.go --check    # in CI
      envtree codegen accounts --lang typescript > src/settings.ts
    """
    from envtree.commands.generated import codegen as command

    tree.require_run("codegen")
    if is_check and out is None:
        raise WrongUsage("`--check` compares a file; name it with `--out`")
    path = None if out is None else os.path.normpath(out)
    code, source, diagnostics = command.codegen(tree.folder, service, language, path, tree.revision)
    display.show(diagnostics, source)
    if code is None:
        return exit_code(diagnostics)
    if path is None:
        sys.stdout.write(code.text)
        return OK
    if code.before == code.text:
        display.say(f"unchanged: {path}")
        return OK
    if is_check:
        sys.stdout.write(_difference(path, code.before, code.text))
        display.say(f"{path} is not as the schemas of {service} say: run it without `--check`")
        return NO
    command.write_code(path, code)
    display.say(f"wrote {path}: {counted(code.variables, 'variable')} of {service}")
    return OK


def _difference(path: str, before: str | None, after: str) -> str:
    """Return what is to change in a file, as `diff -u` writes it."""
    import difflib

    old, new = ([] if text is None else text.splitlines(keepends=True) for text in (before, after))
    name = "/dev/null" if before is None else path
    lines = difflib.unified_diff(old, new, name, path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
