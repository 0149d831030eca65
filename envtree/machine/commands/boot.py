"""`envtree boot`: find the role of a machine, and start all its processes in order until each is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.adapters.store.lock import real_output
from envtree.adapters.store.read import read_current
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.output.inventory import is_started, read_inventory, start_notes
from envtree.machine.commands.preflight import check_machine, prepare_logs
from envtree.machine.commands.services import runsvdirs, runtime_folder
from envtree.machine.commands.start import StartFailure, install, start, start_each
from envtree.machine.commands.stop import bring_down, remove, stop
from envtree.machine.services.ending import joined
from envtree.machine.services.parts import process_specs
from envtree.machine.services.plan import plan
from envtree.machine.system import cgroups, programs, runtime_lock
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.runsv import read_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from envtree.core.output.inventory import Inventory
    from envtree.machine.commands.services import MachineProgress
    from envtree.machine.role.role import Role
    from envtree.machine.services.ending import Ending
    from envtree.machine.services.parts import ProcessSpec


class Booted(NamedTuple):
    """What a boot did, and what runs after it."""

    role: Role
    generation: str
    started: tuple[str, ...]
    restarted: tuple[str, ...]
    stopped: tuple[str, ...]
    unchanged: tuple[str, ...]
    failures: tuple[StartFailure, ...]
    recovered: bool
    """Whether a crash had left something, which the boot ended first."""
    endings: tuple[Ending, ...] = ()
    """What did not end as it should, of what was stopped."""
    notes: tuple[str, ...] = ()
    """What of the role is not started as its `service.yaml` says, a line each."""


class BootWay(NamedTuple):
    """How to boot."""

    timeout: float | None
    """Seconds that each process may take to be ready; None for what each says itself."""
    on_failure: Literal["undo", "leave"]
    """What is done with the others where a process doesn't come up."""


def boot(out: str, run: str, role_of: Callable[[Inventory], Role], way: BootWay, progress: MachineProgress) -> Booted:
    """Start all processes of a machine's role, or (unless told to leave the others) none.

    Raises EnvtreeError if output, role or folder is missing.
    """
    out, run = real_output(out), runtime_folder(run)
    manifest = read_current(out)
    inventory = read_inventory(manifest.text)
    role = role_of(inventory)
    targets = tuple(target for target in role.targets if is_started(inventory, target))
    wanted = process_specs(inventory, targets)
    check_machine(out, manifest, targets)
    prepare_logs(inventory, targets)
    try:
        with runtime_lock.locked(run, progress.on_wait, make=True):
            booted = _boot(out, run, inventory, role, wanted, way, progress)
            notes = [*start_notes(inventory, role.targets), *_unkept(run, wanted)]
            return booted._replace(notes=tuple(notes))
    except OSError as error:
        path, reason = error.filename or run, system_reason(error)
        message = f"`{path}` can't be written: {reason}"
        raise EnvtreeError(
            Diagnostic("unusable-runtime", message, help="`envtree down` removes what is there")
        ) from None


def _boot(
    out: str,
    run: str,
    inventory: Inventory,
    role: Role,
    wanted: tuple[ProcessSpec, ...],
    way: BootWay,
    progress: MachineProgress,
) -> Booted:
    recovered = _recover(run, progress)
    installed = {name: spec for name, spec in folder.installed(run).items() if spec}
    state = folder.read_state(run)
    is_moved = state is not None and state.out != out
    again = {spec.target for spec in wanted} if is_moved else folder.read_pending(run)
    boot_plan = plan(installed, wanted, again=again)
    endings = stop(run, boot_plan.to_stop, progress)
    endings = joined((*endings, *remove(run, {spec.name: spec for spec in boot_plan.gone})))
    is_alone = not boot_plan.kept and not boot_plan.changed
    try:
        cgroups.prepare(run)
        for spec in boot_plan.to_install:
            install(run, out, inventory.generation, spec)
        for spec in boot_plan.kept:
            folder.write_spec(run, spec)
        folder.write_state(run, folder.BootState(out, str(role), inventory.generation))
        if not runsvdirs(run):
            folder.backdate(f"{run}/{folder.WATCH}")
            programs.start_runsvdir(f"{run}/{folder.WATCH}")
        down = tuple(spec for spec in boot_plan.kept if not _is_wanted(run, spec))
        begin = start if way.on_failure == "undo" else start_each
        failures = begin(run, wanted, way.timeout, progress) or _unwatched(run, wanted)
    except BaseException:
        _undo(run, boot_plan.to_install, progress, everything=is_alone)
        raise
    if failures and way.on_failure == "undo":
        _undo(run, boot_plan.to_install, progress, everything=is_alone)
    folder.write_pending(run, ())
    failed = {each.spec.target for each in failures} if way.on_failure == "leave" else ()
    return Booted(
        role,
        inventory.generation,
        tuple(spec.target for spec in (*boot_plan.added, *down) if spec.target not in failed),
        tuple(spec.target for _, spec in boot_plan.changed if spec.target not in failed),
        tuple(spec.target for spec in boot_plan.gone),
        tuple(spec.target for spec in boot_plan.kept if spec not in down and spec.target not in failed),
        failures,
        recovered,
        endings,
    )


def _recover(run: str, progress: MachineProgress) -> bool:
    """End what a crash left, and return whether there was something.

    A runsv without its runsvdir keeps the lock of its service; a second runsv would fail once a second, without end.
    """
    installed = folder.installed(run)
    is_intact = all(installed.values()) and (
        not installed or (folder.read_state(run) is not None and len(runsvdirs(run)) == 1)
    )
    if is_intact:
        return False
    progress.on_endings(bring_down(run, progress).endings)
    return True


def _unkept(run: str, specs: Iterable[ProcessSpec]) -> Iterator[str]:
    """Yield which processes have no copy of the scripts that stop them."""
    for spec in specs:
        if not folder.is_kept(run, spec.name) and read_status(folder.service_folder(run, spec.name)):
            yield f"{spec.target} has no copy of its scripts: what removes its generation takes away what stops it"


def _unwatched(run: str, specs: Iterable[ProcessSpec]) -> tuple[StartFailure, ...]:
    """Return that nobody starts these processes again when they end, where runsvdir has died since it was started."""
    return (
        () if runsvdirs(run) else tuple(StartFailure(spec, "runs, but runsvdir has died: boot again") for spec in specs)
    )


def _is_wanted(run: str, spec: ProcessSpec) -> bool:
    status = read_status(folder.service_folder(run, spec.name))
    return status is not None and status.is_wanted


def _undo(run: str, added: Iterable[ProcessSpec], progress: MachineProgress, *, everything: bool) -> None:
    """Stop what this boot has started, so that nothing is left half started."""
    if everything:
        endings = bring_down(run, progress).endings
        folder.remove(run)
    else:
        specs = tuple(added)
        endings = stop(run, specs, progress)
        remove(run, {spec.name: spec for spec in specs})
    progress.on_endings(endings)
