"""What an output holds for machines: its targets, and of each how it starts, stops and is told apart from another."""

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
"""Seconds that the scripts around them may take: two of them to end what is left of a session."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process of a machine, as its scripts were made from; times are in seconds."""

    target: str
    level: int
    """How many services come before its own, one after the other."""
    fingerprint: str
    """Another one where it would start with other values, or by other scripts."""
    has_check: bool
    ready_timeout: float
    before_timeout: float
    """How long what runs before the signal may take; 0 where nothing does. So for what runs after the end."""
    stop_timeout: float
    after_timeout: float
    log: str
    """The folder that svlogd writes."""

    @property
    def name(self) -> str:
        """Of its service folder; a machine has one environment."""
        return ".".join(self.target.split("/")[1:])

    @property
    def kill_after(self) -> float:
        """When it has had its time."""
        return self.before_timeout + self.stop_timeout


def parts(inventory: Inventory, targets: Iterable[Target]) -> tuple[ProcessSpec, ...]:
    """The processes of a machine, what others require first."""
    chosen = tuple(targets)
    levels = _levels({target.service: inventory.services[target.service]["requires"] for target in chosen})
    found = (_part(inventory, target, levels[target.service]) for target in chosen)
    return tuple(sorted(found, key=lambda part: (part.level, part.target)))


def _levels(requires: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Each service's distance from those that require nothing which runs on the same machine."""
    here = {name: [each for each in names if each in requires] for name, names in requires.items()}
    levels: dict[str, int] = {}
    for name in topological_order(here)[0]:
        levels[name] = 1 + max((levels[each] for each in here[name]), default=-1)
    return levels


def _part(inventory: Inventory, target: Target, level: int) -> ProcessSpec:
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
        _limit(process, "after_stop"),
        f"{service['log']['directory']}/{target.service}/{target.process}",
    )


def _limit(process: Mapping[str, Any], hook: str) -> float:
    """How long a hook may take, with the second that `timeout -k 1` gives it to end."""
    return 0.0 if process[hook] is None else max(1, math.ceil(process["stop"]["timeout"])) + 1.0


def part_text(part: ProcessSpec) -> str:
    """A part as JSON, to be kept beside its service folder: it must stop rightly even if the output is gone."""
    return json.dumps(asdict(part), indent=1) + "\n"


def read_part(text: str) -> ProcessSpec:
    """The part in a text; raises ValueError where it is none."""
    try:
        return ProcessSpec(**json.loads(text))
    except (TypeError, ValueError):
        raise ValueError("no part of a machine") from None
