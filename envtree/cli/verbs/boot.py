"""`boot` and `restart`: what runs now, or why it doesn't."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from envtree.cli.terminal import show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, NO, OK
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from envtree.core.output.inventory import Inventory
    from envtree.machine.commands.boot import Booted
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.commands.start import StartFailure
    from envtree.machine.role.role import Role


def run(
    out: str,
    runtime: str,
    selector: str = "",
    tags: str = "",
    timeout: float | None = None,
    patience: float = 60.0,
    color: str = "auto",
    *,
    json: bool = False,
    quiet: bool = False,
) -> int:
    """Bring up what the machine is for."""
    from envtree.machine.commands.boot import boot

    with telling(quiet=quiet) as told, interruptible():
        booted = boot(out, runtime, _role(selector, tags, patience), timeout, told)
    if booted.recovered and not quiet:
        tell("what a crash had left over was brought to its end first")
    if booted.failures:
        show_failures(booted.failures, color)
        tell(f"what it had started is stopped again: {_undone(booted)}")
        return NO
    _show(runtime, color, json=json, quiet=quiet)
    if not quiet:
        tell(_booted(booted))
    return OK


def restart(
    runtime: str,
    selectors: tuple[str, ...],
    timeout: float | None = None,
    color: str = "auto",
    *,
    quiet: bool = False,
) -> int:
    """Start again what is stale, or named."""
    from envtree.machine.commands.restart import restart as start_again

    with telling(quiet=quiet) as told:
        done = start_again(runtime, selectors, timeout, told)
    show_failures(done.failures, color)
    for target in done.killed:
        tell(f"had to be killed: {target}")
    if not quiet:
        _show(runtime, color, json=False, quiet=quiet)
        tell(f"restarted {counted(len(done.targets), 'process', 'processes')}" if done.targets else "nothing is stale")
    return NO if done.failures or done.killed else OK


def _role(selector: str, tags: str, patience: float) -> Callable[[Inventory], Role]:
    """How a role is found: by what was asked for, by an answer with tags, or by the metadata service."""

    def role_of(inventory: Inventory) -> Role:
        from envtree.machine.role.role import role_of_selector, role_of_tags

        if selector:
            return role_of_selector(selector, inventory.environments, inventory.targets)
        if tags:
            from envtree.machine.ec2.tags_file import read_tags

            return role_of_tags(read_tags(tags), inventory.keys, inventory.environments, inventory.targets)
        from envtree.machine.ec2.metadata import read_metadata

        found = read_metadata(tuple(inventory.keys.values()), patience)
        return role_of_tags(found, inventory.keys, inventory.environments, inventory.targets)

    return role_of


@contextmanager
def telling(*, quiet: bool) -> Iterator[MachineProgress]:
    """Say on a terminal what goes on, and leave no trace of it."""
    from envtree.cli.terminal import Waiting
    from envtree.machine.commands.services import MachineProgress

    with Waiting(sys.stderr) as waiting:

        def on_step(what: str, count: int) -> None:
            if not quiet and sys.stderr.isatty():
                waiting(f"waits for {counted(count, 'process', 'processes')} to {what}")

        yield MachineProgress(lambda: tell("waiting for another envtree on this machine"), on_step)


@contextmanager
def interruptible() -> Iterator[None]:
    """A machine that goes down while it boots, or a terminal that closes, ends the boot as ctrl-C does.

    What it had started is stopped again. A signal that is ignored stays so: nohup(1) means what it says.
    """

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    numbers = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, interrupt) for each in numbers}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def show_failures(failures: Iterable[StartFailure], color: str) -> None:
    """What didn't come up, and why."""
    from envtree.machine.services.report import not_ready

    found = tuple(not_ready(each.part.target, each.reason, each.part.log) for each in failures)
    show_diagnostics(found, None, color, DEFAULT_MAX)


def _show(runtime: str, color: str, *, json: bool, quiet: bool) -> None:
    from envtree.cli.verbs.machine import show
    from envtree.machine.commands.status import status

    if json or not quiet:
        show(status(runtime), color, json=json)


def _booted(booted: Booted) -> str:
    role = f"{booted.role} is up"
    counts = [
        (booted.started, "started"),
        (booted.restarted, "restarted"),
        (booted.stopped, "stopped"),
        (booted.unchanged, "as before"),
    ]
    words = ", ".join(f"{len(targets)} {what}" for targets, what in counts if targets)
    return f"{role}: {words}"


def _undone(booted: Booted) -> str:
    others = len(booted.unchanged)
    return f"{counted(others, 'process', 'processes')} run as before" if others else "nothing runs"
