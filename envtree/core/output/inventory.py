"""What a machine reads from a generation's manifest, without YAML, schemas or git."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from envtree.core.model.tree import Target
from envtree.core.runit.runtimes import runtime_folders

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def read_inventory(text: str) -> Inventory:
    """Return the inventory in a manifest's text, which is already verified."""
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
