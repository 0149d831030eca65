"""`boot`: what this machine is for, started."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import interruptible, progress, say_endings, saying_what_is_left, show_failures, show_status
from envtree.cli.terminal import tell
from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.cli.groups import Display, StatusDisplay
    from envtree.cli.wing_options import KeepGoing, MachineOut, ReadyTimeout, RoleSelector, Runtime, Tags, Wait
    from envtree.core.output.inventory import Inventory
    from envtree.machine.commands.boot import Booted
    from envtree.machine.role.role import Role


def boot(
    out: MachineOut,
    *,
    selector: RoleSelector = "",
    tags: Tags = "",
    wait: Wait = 60.0,
    timeout: ReadyTimeout = None,
    keep_going: KeepGoing = False,
    runtime: Runtime = RUNTIME,
    status_display: StatusDisplay,
    display: Display,
) -> int:
    """Start what this machine is for.

    The instance's tags say what: an environment, a service of it, or one process. Everything is started in the order
    of `requires`, and waited for until it is ready. Where it runs already, only what changed is started again. If
    something doesn't come up, what was started is stopped again, unless `--keep-going` leaves it up.

    \b
    Examples:
      envtree boot --out /etc/envtree
      envtree boot --out /etc/envtree --as review
      aws ec2 describe-tags ... | envtree boot --out /etc/envtree --tags -
    """
    from envtree.machine.commands import boot as command
    from envtree.machine.commands.status import status

    if selector and tags:
        raise WrongUsage("`--as` and `--tags` both say what the machine is for; leave out one")
    with saying_what_is_left(runtime), progress(display) as steps, interruptible():
        way = command.BootWay(timeout, "leave" if keep_going else "undo")
        booted = command.boot(os.path.normpath(out), runtime, _role(selector, tags, wait), way, steps)
    if booted.recovered:
        display.say("what a crash had left over was brought to its end first")
    say_endings(booted.endings)
    if booted.failures:
        show_failures(booted.failures, display)
    if booted.failures and not keep_going:
        tell(f"what it had started is stopped again: {_left(booted, runtime)}")
        return NO
    for note in booted.notes:
        display.say(f"note: {note}")
    if status_display.json or not display.quiet:
        show_status(status(runtime), display, json=status_display.json)
    display.say(_booted(booted))
    return NO if booted.endings or booted.failures else OK


def _role(selector: str, tags: str, wait: float) -> Callable[[Inventory], Role]:
    """Return how a role is found: by what was asked for, by an answer with tags, or by the metadata service."""

    def role_of(inventory: Inventory) -> Role:
        from envtree.machine.role.role import role_of_selector, role_of_tags

        if selector:
            return role_of_selector(selector, inventory.environments, inventory.targets)
        if tags:
            from envtree.machine.ec2.tags_file import read_tags

            return role_of_tags(read_tags(tags), inventory.keys, inventory.environments, inventory.targets)
        from envtree.machine.ec2.metadata import read_metadata

        found = read_metadata(tuple(inventory.keys.values()), wait)
        return role_of_tags(found, inventory.keys, inventory.environments, inventory.targets)

    return role_of


def _booted(booted: Booted) -> str:
    counts = [
        (booted.started, "started"),
        (booted.restarted, "restarted"),
        (booted.stopped, "stopped"),
        (booted.unchanged, "as before"),
    ]
    words = ", ".join(f"{len(targets)} {what}" for targets, what in counts if targets)
    failed = f" but for {counted(len(booted.failures), 'process', 'processes')}" if booted.failures else ""
    return f"{booted.role} is up{failed}: {words or 'nothing is to be started'}"


def _left(booted: Booted, runtime: str) -> str:
    """Say what runs after a boot that failed."""
    from envtree.machine.commands.left import left_behind

    if others := len(booted.unchanged):
        return f"{counted(others, 'process', 'processes')} run as before"
    left = left_behind(runtime).running
    return f"but something of {some(left)} still runs; `envtree down` ends it" if left else "nothing runs"
