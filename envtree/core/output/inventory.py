"""What a machine reads from a generation's manifest, without YAML, schemas or git."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from envtree.core.model.tree import Target
from envtree.core.runit.runtimes import runtime_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.model.tree import Instance


@dataclass(frozen=True, slots=True)
class Needs:
    """What a machine must have so that a process can start."""

    users: tuple[str, ...]
    """`USER` or `USER:GROUP`."""
    folders: tuple[str, ...]
    runtimes: tuple[str, ...]
    user: str
    """Who the process runs as; empty for the user that runs everything."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The manifest of one generation, as a machine reads it."""

    generation: str
    environments: Mapping[str, Instance]
    keys: Mapping[str, str]
    """The instance tags that hold the environment, the service and the process."""
    targets: tuple[Target, ...]
    services: Mapping[str, Any]
    runtimes: Mapping[str, str]
    envdirs: Mapping[str, str]
    scripts: Mapping[str, str]


@lru_cache(maxsize=2)
def read_inventory(text: str) -> Inventory:
    """Return the inventory in a manifest's text, which is already verified.

    A command reads the same text again for each process: that of the current generation, and of the one before it.
    """
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
    """Return the node paths in the chain of a target, the widest first."""
    return ("common", target.environment, f"{target.environment}/{target.service}", str(target))


def fingerprint(inventory: Inventory, target: Target) -> str:
    """Return a digest of everything that a target would start with; empty if the output lacks the target."""
    if str(target) not in inventory.scripts:
        return ""
    digests = (*(inventory.envdirs[node_path] for node_path in nodes(target)), inventory.scripts[str(target)])
    return sha256("\n".join(digests).encode()).hexdigest()


def is_started(inventory: Inventory, target: Target) -> bool:
    """Return whether a machine starts a target of its role, and keeps it running."""
    return _process(inventory, target)["task"] is None and _copies(inventory, target) > 0


def start_notes(inventory: Inventory, targets: Iterable[Target]) -> Iterator[str]:
    """Yield, for each target that isn't started as its `service.yaml` says, what a machine does instead."""
    for target in targets:
        task, copies = _process(inventory, target)["task"], _copies(inventory, target)
        if task:
            yield f"{target} is not started: it is a task (`{task}`), and envtree runs no tasks yet"
        elif not copies:
            yield f"{target} is not started: its `count` is 0"
        elif copies > 1:
            yield f"{target} is started once, and its `count` is {copies}: envtree makes no copies yet"


def _process(inventory: Inventory, target: Target) -> Mapping[str, Any]:
    process: Mapping[str, Any] = inventory.services[target.service]["processes"][target.process]
    return process


def _copies(inventory: Inventory, target: Target) -> int:
    count: int = _process(inventory, target)["count"].get(target.environment, 1)
    return count


def needs(inventory: Inventory, target: Target) -> Needs:
    """Return what a target needs from the machine."""
    service = inventory.services[target.service]
    users = [each for each in (service["user"], service["log"]["owner"]) if each]
    return Needs(
        tuple(dict.fromkeys(users)),
        (service["directory"],) if service["directory"] else (),
        runtime_folders(
            inventory.runtimes["directory"], inventory.runtimes["manager"], tuple(service["runtimes"].items())
        ),
        service["user"] or "",
    )
