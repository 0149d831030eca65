"""A machine's processes brought up and down: what boot, down and restart share."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.verify import manifest_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.tree import Target
from envtree.core.output.inventory import fingerprint, read_inventory
from envtree.machine.system import processes
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.runsv import last_end, last_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from envtree.core.output.inventory import Inventory
    from envtree.machine.services.parts import ProcessSpec
    from envtree.machine.system.processes import RunningProcess

POLL = 0.02
"""Seconds between two looks at a service."""


class MachineProgress(NamedTuple):
    """Who hears what goes on."""

    on_wait: Callable[[], None]
    """Another envtree works on the machine."""
    on_step: Callable[[str, int], None]
    """What is done, and for how many processes yet."""


def runtime_folder(run: str) -> str:
    """The runtime folder by its absolute path: scripts name it, and processes are found by it."""
    return os.path.realpath(run)


def is_stale(run: str, out: str, inventory: Inventory, part: ProcessSpec) -> bool:
    """Whether the output has other values or scripts for a process than it was started with.

    What ended and was started again by runsv took the generation that was current then.
    """
    name = folder.generation_of(run, part.name)
    if name == inventory.generation:
        return False
    manifest = manifest_of(out, name)
    target = Target(*part.target.split("/"))
    begun = fingerprint(read_inventory(manifest.text), target) if manifest else part.fingerprint
    return begun != fingerprint(inventory, target)


def by_level(parts: Iterable[ProcessSpec]) -> Iterator[list[ProcessSpec]]:
    """The parts in groups: what the parts of a group require is in the groups before it."""
    levels: dict[int, list[ProcessSpec]] = {}
    for part in parts:
        levels.setdefault(part.level, []).append(part)
    return (levels[level] for level in sorted(levels))


def runsvdirs(run: str) -> tuple[RunningProcess, ...]:
    """The runsvdir that looks after this runtime folder, however it was started; more than one after a crash."""
    watch = f"{run}/{folder.WATCH}"
    return tuple(
        each for each in processes.processes() if each.name == "runsvdir" and watch in processes.words_of(each.number)
    )


def leftovers(run: str, parts: Mapping[str, ProcessSpec | None]) -> dict[str, list[RunningProcess]]:
    """All that runs for these services, by name: their sessions, what works in their folders or writes their logs."""
    there = {each.number: each for each in processes.processes()}
    by_session, by_log = {}, {part.log: name for name, part in parts.items() if part}
    for name in parts:
        place = folder.folder_of(run, name)
        start = None if last_end(place) else last_start(place)  # its end was seen to: nothing of it is left
        if start and (start.number not in there or there[start.number].start == start.time):
            by_session[start.number] = name
    found: dict[str, list[RunningProcess]] = {}
    for each in there.values():
        name = by_session.get(each.session) or by_session.get(each.number) or _service_of(run, each)
        if each.name == "svlogd":
            name = next((by_log[word] for word in processes.words_of(each.number) if word in by_log), name)
        if name in parts:
            found.setdefault(name, []).append(each)
    return found


def _service_of(run: str, process: RunningProcess) -> str:
    """The service in whose folder a process works; empty where it works elsewhere."""
    top = f"{run}/{folder.SERVICES}/"
    there = processes.folder_of(process.number)
    return there.removeprefix(top).partition("/")[0] if there.startswith(top) else ""


def wait_until(is_done: Callable[[], bool], seconds: float) -> bool:
    """Look again and again, for so long at most; whether it is done."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL)
    return True


def not_booted(run: str) -> EnvtreeError:
    """Nothing was booted into this runtime folder."""
    message = f"nothing is booted in `{run}`"
    return EnvtreeError(
        Diagnostic("not-booted", message, help="`envtree boot --out OUT` starts what this machine is for")
    )
