"""The processes of a machine, as an output describes them: how each starts and stops, and what identifies it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from envtree.core.model.graph import topological_order
from envtree.core.model.tree import Target
from envtree.core.output.inventory import Inventory, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


MARGIN = 5.0
"""Seconds that the scripts around the timeouts may take; two of those are to end what is left of a session."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """The facts of one process that its scripts were made from; times are in seconds."""

    target: str
    level: int
    """How many services must start before its own, one after the other."""
    fingerprint: str
    """Changes when the process would start with other values, or by other scripts."""
    has_check: bool
    ready_timeout: float
    before_timeout: float
    """How long `before_stop`, which runs before the signal, may take; 0 without one."""
    stop_timeout: float
    after_timeout: float
    """How long `after_stop` and `on_failure`, which run after the end, may take; 0 without them."""
    log: str
    """The folder that svlogd writes to."""
    requires: tuple[str, ...] = ()
    """The services of this machine that must be ready first."""
    reload: str = ""
    """The signal by which it reads its files again; empty where it can't."""

    @property
    def name(self) -> str:
        """The name of the service folder: without the environment, since a machine has only one."""
        return ".".join(self.target.split("/")[1:])

    @property
    def kill_after(self) -> float:
        """Seconds from the request to stop until the process is killed."""
        return self.before_timeout + self.stop_timeout


@dataclass(frozen=True, slots=True)
class LogFolder:
    """Where the output of a process is written, by whom, who may read it, and how much of it svlogd keeps."""

    path: str
    mode: int
    owner: str
    """`USER` or `USER:GROUP`; empty for the user that runs everything."""
    config: str
    """The text that svlogd(8) reads as it starts."""


def log_folder(inventory: Inventory, target: Target) -> LogFolder:
    """Return where the output of a process is written."""
    log = inventory.services[target.service]["log"]
    return LogFolder(
        f"{log['directory']}/{target.service}/{target.process}",
        int(log["mode"], 8),
        log["owner"],
        f"s{log['size']}\nn{log['count']}\n",
    )


def process_specs(inventory: Inventory, targets: Iterable[Target]) -> tuple[ProcessSpec, ...]:
    """Return the processes of a machine, those that others require first."""
    chosen = tuple(targets)
    here = {target.service: inventory.services[target.service]["requires"] for target in chosen}
    requires = {name: tuple(each for each in names if each in here) for name, names in here.items()}
    levels = _levels(requires)
    found = (_spec(inventory, target, levels[target.service], requires[target.service]) for target in chosen)
    return tuple(sorted(found, key=lambda spec: (spec.level, spec.target)))


def _levels(requires: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return each service's distance from those that require nothing on the same machine."""
    levels: dict[str, int] = {}
    for name in topological_order(requires)[0]:
        levels[name] = 1 + max((levels[each] for each in requires[name]), default=-1)
    return levels


def _spec(inventory: Inventory, target: Target, level: int, requires: tuple[str, ...]) -> ProcessSpec:
    service = inventory.services[target.service]
    process = service["processes"][target.process]
    return ProcessSpec(
        str(target),
        level,
        fingerprint(inventory, target),
        process["ready"] is not None,
        process["ready_timeout"],
        _limit(process, "before_stop"),
        process["stop"]["timeout"],
        _limit(process, "after_stop") + _limit(process, "on_failure"),
        log_folder(inventory, target).path,
        requires,
        process.get("reload") or "",
    )


def _limit(process: Mapping[str, Any], hook: str) -> float:
    """Return how long a hook may take, with the extra second that `timeout -k 1` gives it to end."""
    return 0.0 if process.get(hook) is None else max(1, math.ceil(process["stop"]["timeout"])) + 1.0


def spec_text(spec: ProcessSpec) -> str:
    """Return a process as JSON, to keep with its service folder: it must stop correctly even if the output is gone."""
    return json.dumps(asdict(spec), indent=1) + "\n"


def read_spec(text: str) -> ProcessSpec:
    """Read a process from JSON. Raises ValueError if the text is none."""
    try:
        data = json.loads(text)
        return ProcessSpec(**{**data, "requires": tuple(data.get("requires", ()))})
    except (AttributeError, TypeError, ValueError):
        raise ValueError("no part of a machine") from None
