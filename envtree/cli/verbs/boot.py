"""`boot`: what this machine is for, started."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from envtree.cli.argv import ROLE_VARIABLE, WrongUsage
from envtree.cli.exitcode import NO, OK
from envtree.cli.machine import interruptible, progress, say_endings, saying_what_is_left, show_failures, show_status
from envtree.cli.terminal import tell
from envtree.core.model.diagnostic import EnvtreeError, some
from envtree.core.render.diagnostics import counted
from envtree.core.runit.defaults import RUNTIME

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.cli.groups import Display, StatusDisplay
    from envtree.cli.wing_options import (
        Foreground,
        KeepGoing,
        MachineOut,
        ReadyTimeout,
        RoleSelector,
        Runtime,
        Tags,
        Wait,
    )
    from envtree.core.output.inventory import Inventory
    from envtree.machine.commands.boot import Booted, BootWay
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.role.role import Role


def boot(
    out: MachineOut,
    *,
    selector: RoleSelector = "",
    tags: Tags = "",
    wait: Wait = 60.0,
    timeout: ReadyTimeout = None,
    keep_going: KeepGoing = False,
    foreground: Foreground = False,
    runtime: Runtime = RUNTIME,
    status_display: StatusDisplay,
    display: Display,
) -> int:
    """Start what this machine is for.

    The instance's tags say what: an environment, a service of it, or one process. Everything is started in the order
    of `requires`, and waited for until it is ready. Where it runs already, only what changed is started again. If
    something doesn't come up, what was started is stopped again, unless `--keep-going` leaves it up. With
    `--foreground`, it stays until it is told to end, and brings everything down then: for a container, or a unit.

    \b
    Examples:
      envtree boot --out /etc/envtree
      envtree boot --out /etc/envtree --as review
      aws ec2 describe-tags ... | envtree boot --out /etc/envtree --tags -
      envtree boot --out /etc/envtree --as production/accounts/web --foreground
    """
    from envtree.machine.commands import boot as command

    if selector and tags:
        raise WrongUsage(f"`--as` (or {ROLE_VARIABLE}) and `--tags` both say what the machine is for; leave out one")
    way = command.BootWay(timeout, "leave" if keep_going else "undo")

    def begin(steps: MachineProgress) -> Booted:
        return command.boot(os.path.normpath(out), runtime, _role(selector, tags, wait), way, steps)

    def begin_and_say(steps: MachineProgress) -> bool:
        booted = begin(steps)
        with suppress(EnvtreeError):  # another command has brought it down meanwhile
            _say(booted, way, runtime, status_display, display)
        return keep_going or not booted.failures

    if foreground:
        from envtree.cli.foreground import stay

        return stay(runtime, begin_and_say, display)
    with saying_what_is_left(runtime), progress(display) as steps, interruptible():
        booted = begin(steps)
    return _say(booted, way, runtime, status_display, display)


def _say(booted: Booted, way: BootWay, runtime: str, status_display: StatusDisplay, display: Display) -> int:
    """Say what a boot did, and show what runs; return the exit code."""
    from envtree.machine.commands.status import status

    if booted.recovered:
        display.say("what a crash had left over was brought to its end first")
    say_endings(booted.endings)
    if booted.failures:
        show_failures(booted.failures, display)
    if booted.failures and way.on_failure == "undo":
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
