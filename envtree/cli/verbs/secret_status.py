"""`secret status`: how the secrets of each layer are kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.core.render.columns import columns
from envtree.core.render.diagnostics import counted
from envtree.core.render.mask import from_outside

if TYPE_CHECKING:
    from envtree.cli.groups import Display, FolderOptions
    from envtree.cli.options import StatusFormat
    from envtree.editing.commands.sealed_status import LayerStatus

SHOWN = 24
"""Characters of a recipient in the table; JSON has all."""


def secret_status(*, tree: FolderOptions, output_format: StatusFormat = "table", display: Display) -> int:
    """Show which layers are sealed, for whom, and what is still in clear.

    Exit code 1 if a secret that a schema declares is in clear, or a sealed file is not as SOPS wrote it.

    \b
    Examples:
      envtree secret status
      envtree secret status --format json
    """
    from envtree.editing.commands.sealed_status import sealed_status

    tree.say_unrun(display)
    layers = sealed_status(tree.folder, tree.schemas)
    if output_format == "json":
        from envtree.core.render.mask import json_lines

        sys.stdout.write(json_lines({"layers": [each._asdict() for each in layers]}))
    else:
        heads = ("LAYER", "SEALED", "CLEAR", "CHANGED", "OPENS HERE", "FOR")
        sys.stdout.write(columns([heads, *map(_row, layers)]))
    clear, broken = sum(each.clear for each in layers), sum(not each.sound for each in layers)
    if broken:
        files = counted(broken, "sealed file is", "sealed files are")
        display.say(f"{files} not as SOPS wrote it, and may hold secrets in clear: `envtree validate` says where")
    if clear:
        display.say(f"{counted(clear, 'secret is', 'secrets are')} in clear: `envtree secret seal` seals them")
    elif not broken:
        sealed = counted(sum(each.sealed for each in layers), "value is", "values are")
        display.say(f"no secret is in clear; {sealed} sealed")
    return NO if clear or broken else OK


def _row(status: LayerStatus) -> tuple[str, ...]:
    opens = "-" if status.opens is None else "yes" if status.opens else f"no: {status.reason}"
    recipients = ", ".join(from_outside(each, SHOWN) for each in status.recipients)
    return (status.layer, str(status.sealed), str(status.clear), status.changed[:10] or "-", opens, recipients or "-")
