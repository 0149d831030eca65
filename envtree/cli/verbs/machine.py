"""`status` and `down`: how the machine is, and how it came to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import painter, tell
from envtree.cli.verbs import NO, OK
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.machine.commands.status import Status


def look(runtime: str, color: str = "auto", *, json: bool = False, quiet: bool = False) -> int:
    """Show how the machine is."""
    from envtree.machine.commands.status import status

    found = status(runtime)
    if json or not quiet:
        show(found, color, json=json)
    if not found.is_watched and not quiet:
        tell("runsvdir doesn't run: what ends is not started again; `envtree boot` mends it")
    return OK if found.is_good else NO


def show(found: Status, color: str, *, json: bool) -> None:
    """The table, or JSON."""
    from envtree.machine.services.report import as_json, as_table

    if json:
        text = as_json(found.out, found.selector, found.generation, found.conditions, is_good=found.is_good)
    else:
        text = as_table(found.conditions, painter(color, sys.stdout))
    sys.stdout.write(text)


def bring_down(runtime: str, *, quiet: bool = False) -> int:
    """Bring everything to its end."""
    from envtree.cli.verbs.boot import telling
    from envtree.machine.commands.down import down

    with telling(quiet=quiet) as told:
        done = down(runtime, told)
    for target in done.killed:
        tell(f"had to be killed: {target}")
    if not quiet:
        tell(f"down: {counted(done.services, 'process', 'processes')} ended" if done.services else "nothing was up")
    return NO if done.killed else OK
