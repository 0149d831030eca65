"""The manifest read back: what a machine needs to know of a generation. No YAML, no schemas, no git."""

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
    digests = (*(inventory.envdirs[node_path] for node_path in nodes(target)), inventory.scripts[str(target)])
    return sha256("\n".join(digests).encode()).hexdigest()


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
