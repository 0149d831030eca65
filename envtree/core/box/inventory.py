"""What an output holds for machines: its targets, and of each how it starts, stops and is told apart from another."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from envtree.core.model.graph import order
from envtree.core.model.tree import Target
from envtree.core.runit.runtimes import runtime_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.model.tree import Instance

MARGIN = 5.0
"""Seconds that the scripts around them may take: two of them to end what is left of a session."""


@dataclass(frozen=True, slots=True)
class Part:
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


@dataclass(frozen=True, slots=True)
class Needs:
    """What the machine must have for a process to start."""

    users: tuple[str, ...]
    """`USER` or `USER:GROUP`."""
    folders: tuple[str, ...]
    runtimes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The manifest of one generation, as a machine reads it."""

    generation: str
    environments: Mapping[str, Instance]
    keys: Mapping[str, str]
    """The tag to read for the environment, the service and the process."""
    targets: tuple[Target, ...]
    services: Mapping[str, Any]
    runtimes: Mapping[str, str]
    envdirs: Mapping[str, str]
    scripts: Mapping[str, str]


def read_inventory(text: str) -> Inventory:
    """The inventory in a manifest's text, which was found to be whole."""
    data = json.loads(text)
    return Inventory(
        sha256(text.encode()).hexdigest(),
        {name: each["instance"] for name, each in data["environments"].items()},
        data["tags"],
        tuple(Target(*name.split("/")) for name in data["targets"]),
        data["services"],
        data["runtimes"],
        data["envdirs"],
        data["scripts"],
    )


def nodes(target: Target) -> tuple[str, ...]:
    """The chain of a target, widest first."""
    return ("common", target.environment, f"{target.environment}/{target.service}", str(target))


def fingerprint(inventory: Inventory, target: Target) -> str:
    """Of what a target would start with; empty for one that the output doesn't have."""
    if str(target) not in inventory.scripts:
        return ""
    digests = (*(inventory.envdirs[place] for place in nodes(target)), inventory.scripts[str(target)])
    return sha256("\n".join(digests).encode()).hexdigest()


def parts(inventory: Inventory, targets: Iterable[Target]) -> tuple[Part, ...]:
    """The processes of a machine, what others require first."""
    chosen = tuple(targets)
    levels = _levels({target.service: inventory.services[target.service]["requires"] for target in chosen})
    found = (_part(inventory, target, levels[target.service]) for target in chosen)
    return tuple(sorted(found, key=lambda part: (part.level, part.target)))


def _levels(requires: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Each service's distance from those that require nothing which runs on the same machine."""
    here = {name: [each for each in names if each in requires] for name, names in requires.items()}
    levels: dict[str, int] = {}
    for name in order(here)[0]:
        levels[name] = 1 + max((levels[each] for each in here[name]), default=-1)
    return levels


def _part(inventory: Inventory, target: Target, level: int) -> Part:
    service = inventory.services[target.service]
    process = service["processes"][target.process]
    return Part(
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


def needs(inventory: Inventory, target: Target) -> Needs:
    """What a target asks of the machine."""
    service = inventory.services[target.service]
    users = [each for each in (service["user"], service["log"]["owner"]) if each]
    return Needs(
        tuple(dict.fromkeys(users)),
        (service["directory"],) if service["directory"] else (),
        runtime_folders(
            inventory.runtimes["directory"], inventory.runtimes["manager"], tuple(service["runtimes"].items())
        ),
    )


def part_text(part: Part) -> str:
    """A part as JSON, to be kept beside its service folder: it must stop rightly even if the output is gone."""
    return json.dumps(asdict(part), indent=1) + "\n"


def read_part(text: str) -> Part:
    """The part in a text; raises ValueError where it is none."""
    try:
        return Part(**json.loads(text))
    except (TypeError, ValueError):
        raise ValueError("no part of a machine") from None
