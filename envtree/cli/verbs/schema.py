"""`schema`: JSON Schemas for editors, written or compared."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK, exit_code
from envtree.core.render.diagnostics import counted
from envtree.core.render.mask import json_lines

if TYPE_CHECKING:
    from envtree.cli.groups import ProblemDisplay, TreeOptions
    from envtree.cli.options import AnswerFormat, Check, SchemaOut
    from envtree.commands.generated.schema import Generated


def schema(
    *,
    tree: TreeOptions,
    out: SchemaOut = None,
    is_check: Check = False,
    output_format: AnswerFormat = "text",
    display: ProblemDisplay,
) -> int:
    """Write JSON Schemas for editors.

    Each layer file gets one, below the tree in .envtree/schema, by which the YAML language server
    completes names, shows what they are for, and marks what can't be right.

    \b
    Examples:
      envtree schema            # after a change in schemas/ or envtree.yaml
      envtree schema --check    # in CI, where they are kept in git
    """
    from envtree.commands.generated import schema as command

    tree.say_unrun(display)
    act = command.check_schema if is_check else command.schema
    path = None if out is None else os.path.normpath(out)
    generated, source, diagnostics = act(tree.folder, path, tree.revision, tree.schemas)
    display.show(diagnostics, source)
    if generated is None:
        return exit_code(diagnostics)
    is_outdated = is_check and any(generated.outdated)
    if output_format == "json":
        sys.stdout.write(_json(generated))
    elif is_outdated:
        sys.stdout.write(_outdated_text(generated))
    display.say(_outdated_count(generated) if is_outdated else _written_text(generated))
    return NO if is_outdated else OK


def _written_text(generated: Generated) -> str:
    missing, different, stale = generated.outdated
    where = os.path.relpath(generated.folder)
    if not any(generated.outdated):
        return f"unchanged: {counted(generated.total, 'schema')} in {where}"
    written = len(missing) + len(different)
    some = "" if written == generated.total else f"{written} of "
    removed = f", {len(stale)} removed" if stale else ""
    return f"wrote {where}: {some}{counted(generated.total, 'schema')}{removed}"


def _json(generated: Generated) -> str:
    missing, different, stale = generated.outdated
    data = {"folder": generated.folder, "total": generated.total, "missing": missing}
    return json_lines({**data, "different": different, "stale": stale})


def _outdated_text(generated: Generated) -> str:
    """Return what is not up to date, a line a file."""
    missing, different, stale = generated.outdated
    signs = {**dict.fromkeys(missing, "+"), **dict.fromkeys(different, "~"), **dict.fromkeys(stale, "-")}
    return "".join(f"{signs[path]} {path}\n" for path in sorted(signs))


def _outdated_count(generated: Generated) -> str:
    return f"{sum(map(len, generated.outdated))} to bring up to date in {os.path.relpath(generated.folder)}"
