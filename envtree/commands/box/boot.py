"""`envtree boot`: what a machine is for, from its tags; and all of it up, in order, ready."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.box import folder, programs
from envtree.adapters.box.supervise import supervised
from envtree.adapters.store.verify import verify_targets
from envtree.commands.box import read_current, runsvdirs, runtime_folder
from envtree.commands.box.starting import install, start
from envtree.commands.box.stopping import bring_down, remove, stop
from envtree.core.box.inventory import needs, parts, read_inventory
from envtree.core.box.plan import plan
from envtree.core.diagnostic import Diagnostic, EnvtreeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from envtree.commands.box import Telling
    from envtree.commands.box.starting import Failure
    from envtree.core.box.inventory import Inventory, Needs, Part
    from envtree.core.manifest import Manifest
    from envtree.core.role import Role


class Booted(NamedTuple):
    """What runs now, and what was done for it."""

    role: Role
    generation: str
    started: tuple[str, ...]
    restarted: tuple[str, ...]
    stopped: tuple[str, ...]
    unchanged: tuple[str, ...]
    failures: tuple[Failure, ...]
    recovered: bool
    """A crash had left something over, which was brought to its end first."""


def boot(out: str, run: str, role_of: Callable[[Inventory], Role], timeout: float | None, telling: Telling) -> Booted:
    """Bring up what a machine is for; nothing is started where something is missing for any of it.

    Raises EnvtreeError where there is no output to start from, no role, or no place to run it.
    """
    out, run = os.path.realpath(out), runtime_folder(run)
    manifest = read_current(out)
    inventory = read_inventory(manifest.text)
    role = role_of(inventory)
    wanted = parts(inventory, role.targets)
    check_machine(out, manifest, role)
    try:
        with folder.locked(run, telling.on_wait, make=True):
            return _boot(out, run, inventory, role, wanted, timeout, telling)
    except OSError as error:
        place, reason = error.filename or run, os.strerror(error.errno or 0).lower()
        message = f"`{place}` can't be written: {reason}"
        raise EnvtreeError(
            Diagnostic("unusable-runtime", message, help="`envtree down` removes what is there")
        ) from None


def check_machine(out: str, manifest: Manifest, role: Role) -> None:
    """Raises EnvtreeError with all that keeps these targets from starting here."""
    problems = list(verify_targets(out, manifest, role.targets))
    if missing := programs.missing_programs():
        names = ", ".join(f"`{name}`" for name in missing)
        problems.append(_unfit(f"this machine has no {names}", "install runit (and coreutils): `apt install runit`"))
    inventory = read_inventory(manifest.text)
    problems += _faults([needs(inventory, target) for target in role.targets])
    if problems:
        raise EnvtreeError(*problems)


def _faults(asked: Iterable[Needs]) -> Iterator[Diagnostic]:
    """What the machine lacks, each once, with who needs it."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for each in asked:
        for owner in each.users:
            if not programs.has_user(owner):
                key = (f"this machine has no user or group `{owner}`", "add it to the image, or name another one")
                lacking.setdefault(key, []).append(each.target)
            elif os.geteuid() != 0:
                key = (f"only root can start a process as `{owner}`", "run as root")
                lacking.setdefault(key, []).append(each.target)
        for path in each.folders:
            if not programs.is_folder(path):
                key = (f"there is no folder `{path}`", "it is the `directory` of the service: put it into the image")
                lacking.setdefault(key, []).append(each.target)
        for path in each.runtimes:
            if not programs.is_folder(path):
                key = (f"there is no runtime in `{path}`", "install this version, or name another in `runtimes`")
                lacking.setdefault(key, []).append(each.target)
    for (message, advice), targets in lacking.items():
        yield _unfit(message, advice, targets)


def _unfit(message: str, advice: str, targets: Iterable[str] = ()) -> Diagnostic:
    from envtree.core.tree import Target

    return Diagnostic(
        "unfit-machine", message, help=advice, targets=tuple(Target(*each.split("/")) for each in targets)
    )


def _boot(
    out: str,
    run: str,
    inventory: Inventory,
    role: Role,
    wanted: tuple[Part, ...],
    timeout: float | None,
    telling: Telling,
) -> Booted:
    recovered = _recover(run, telling)
    there = {name: part for name, part in folder.installed(run).items() if part}
    state = folder.read_state(run)
    way = plan(there, wanted, is_moved=state is not None and state.out != out)
    stop(run, way.stopped, telling)
    remove(run, {part.name: part for part in way.gone})
    is_whole = not way.kept and not way.changed
    try:
        for part in way.installed:
            install(run, out, inventory.generation, part)
        folder.write_state(run, folder.State(out, str(role), inventory.generation))
        if not runsvdirs(run):
            folder.age(f"{run}/{folder.WATCH}")
            programs.start_runsvdir(f"{run}/{folder.WATCH}")
        idle = tuple(part for part in way.kept if not _is_wanted(run, part))
        failures = start(run, wanted, timeout, telling)
    except BaseException:
        _undo(run, way.installed, telling, whole=is_whole)
        raise
    if failures:
        _undo(run, way.installed, telling, whole=is_whole)
    return Booted(
        role,
        inventory.generation,
        tuple(part.target for part in (*way.added, *idle)),
        tuple(part.target for _, part in way.changed),
        tuple(part.target for part in way.gone),
        tuple(part.target for part in way.kept if part not in idle),
        failures,
        recovered,
    )


def _recover(run: str, telling: Telling) -> bool:
    """Bring to its end what a crash left over; whether there was something.

    A runsv without its runsvdir would hold its service against a second one, once a second, for ever.
    """
    there = folder.installed(run)
    is_whole = all(there.values()) and (not there or (folder.read_state(run) is not None and len(runsvdirs(run)) == 1))
    if is_whole:
        return False
    bring_down(run, telling)
    return True


def _is_wanted(run: str, part: Part) -> bool:
    now = supervised(folder.folder_of(run, part.name))
    return now is not None and now.is_wanted


def _undo(run: str, added: Iterable[Part], telling: Telling, *, whole: bool) -> None:
    """Stop what this boot had started: nothing stays half started."""
    if whole:
        bring_down(run, telling)
        folder.remove(run)
        return
    parts = tuple(added)
    stop(run, parts, telling)
    remove(run, {part.name: part for part in parts})
