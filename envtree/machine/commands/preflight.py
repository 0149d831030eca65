"""The check before a start: all that the machine lacks for its processes is reported together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.adapters.store.verify import verify_targets
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.output.inventory import needs, read_inventory
from envtree.core.output.manifest import access_of
from envtree.machine.services.parts import log_folder
from envtree.machine.system import programs
from envtree.machine.system.log_folder import prepare_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from envtree.core.model.tree import Target
    from envtree.core.output.inventory import Inventory, Needs
    from envtree.core.output.manifest import Manifest


def check_machine(out: str, manifest: Manifest, targets: Sequence[Target]) -> None:
    """Raise EnvtreeError with every reason why these targets can't start on this machine."""
    problems = list(verify_targets(out, manifest, targets))
    if missing := programs.missing_programs():
        names = ", ".join(f"`{name}`" for name in missing)
        advice = "install Debian's packages runit, coreutils and grep"
        problems.append(Diagnostic("unfit-machine", f"this machine has no {names}", help=advice))
    inventory, owner = read_inventory(manifest.text), access_of(manifest.text).owner
    affected: dict[tuple[str, str], list[Target]] = {}
    for target in targets:
        needed = needs(inventory, target)
        for fault in (*_faults(needed), *_value_faults(owner, needed.user)):
            affected.setdefault(fault, []).append(target)
    for (message, advice), found in affected.items():
        problems.append(Diagnostic("unfit-machine", message, help=advice, targets=tuple(found)))
    if problems:
        raise EnvtreeError(*problems)


def prepare_logs(inventory: Inventory, targets: Iterable[Target]) -> None:
    """Make the folders that processes log to; raises EnvtreeError with every one that can't be."""
    problems = [
        Diagnostic("unfit-machine", fault[0], help=fault[1], targets=(target,))
        for target in targets
        if (fault := prepare_log(log_folder(inventory, target)))
    ]
    if problems:
        raise EnvtreeError(*problems)


def _faults(required: Needs) -> Iterator[tuple[str, str]]:
    """Yield what the machine lacks for one process, each with what to do about it."""
    for owner in required.users:
        if not programs.has_user(owner):
            yield f"this machine has no user or group `{owner}`", "add it to the image, or name another one"
        elif os.geteuid() != 0 and not programs.is_this_user(owner):
            yield f"only root can start a process as `{owner}`", "run as root"
    for path in _missing(required.folders):
        yield f"there is no folder `{path}`", "it is the `directory` of the service: put it into the image"
    for path in _missing(required.runtimes):
        yield f"there is no runtime in `{path}`", "install this version, or name another in `runtimes`"


def _value_faults(owner: str, user: str) -> Iterator[tuple[str, str]]:
    """Yield why root may not start a process with values that another user may change."""
    whose = owner.partition(":")[0]
    if os.geteuid() == 0 and whose not in ("", "root", "0", user.partition(":")[0]):
        advice = f"build without `--owner`, or with `--owner root:GROUP`, or let `{whose}` run it"
        yield f"root starts nothing with values that belong to `{whose}`", advice


def _missing(folders: Iterable[str]) -> Iterator[str]:
    return (path for path in folders if not os.path.isdir(path))  # noqa: PTH112 - pathlib takes longer to import
