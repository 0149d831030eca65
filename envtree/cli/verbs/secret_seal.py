"""`secret seal`: moves clear secrets into sealed files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.exitcode import NO, OK
from envtree.cli.terminal import tell, tell_waiting

if TYPE_CHECKING:
    from envtree.cli.groups import Display, FolderOptions
    from envtree.cli.options import Also, AnswerFormat, DryRunOfEdit, OneScope
    from envtree.editing.commands.seal import Sealed

IN_HISTORY = "what was committed in clear is in the history, and with whoever had the repository: change these values"


def secret_seal(
    scope: OneScope = None,
    *,
    also: Also = None,
    dry_run: DryRunOfEdit = False,
    tree: FolderOptions,
    output_format: AnswerFormat = "text",
    display: Display,
) -> int:
    """Move clear secrets into the sealed files beside them.

    What a schema declares `Secret` is encrypted for those whom `.sops.yaml` names, and its line goes from the clear
    file. That every process gets the same is proved before anything is written.

    \b
    Examples:
      envtree init --secrets --new-key       # once: whom the files are for
      envtree secret seal --dry-run
      envtree secret seal
      envtree secret seal production/accounts --also LEGACY_PIN
    """
    from envtree.editing.commands.seal import seal

    tree.require_run("envtree secret seal")
    sealed = seal(tree.folder, scope, also or (), dry_run=dry_run, on_wait=tell_waiting)
    sys.stdout.write(_json(sealed) if output_format == "json" else _text(sealed))
    for each in sealed.layers.remaining:
        tell(f"stays in clear: `{each.entry.name}` ({each.entry.name_span}): {each.reason}")
    display.say(_sum(sealed))
    if sealed.is_written and sealed.layers.moved:
        display.say(f"note: {IN_HISTORY}")
    return NO if any(each.can_be_sealed for each in sealed.layers.remaining) else OK


def _text(sealed: Sealed) -> str:
    lines = []
    for path in sealed.layers.files:
        if path.endswith(".sops.yaml"):
            clear = f"{path.removesuffix('.sops.yaml')}.yaml"
            names = ", ".join(each.name for each in sealed.layers.moved if each.file == clear)
            lines.append(f"{path}{'' if path in sealed.source.files else ' (new)'}: {names}\n")
    return "".join(lines)


def _sum(sealed: Sealed) -> str:
    from envtree.core.render.diagnostics import counted

    moved = len(sealed.layers.moved)
    if not moved:
        return "nothing to seal: no secret that could be is in clear"
    files = len({each.file for each in sealed.layers.moved})
    done = "sealed" if sealed.is_written else "would be sealed"
    return f"{done}: {counted(moved, 'secret')} of {counted(files, 'layer')}; compared, every process gets the same"


def _json(sealed: Sealed) -> str:
    from envtree.core.render.mask import json_lines

    entries = [{"name": each.name, "file": each.file, "line": each.name_line} for each in sealed.layers.moved]
    remaining = [
        {"name": each.entry.name, "file": each.entry.file, "line": each.entry.name_line, "reason": each.reason}
        for each in sealed.layers.remaining
    ]
    return json_lines({"written": sealed.is_written, "sealed": entries, "in_clear": remaining})
