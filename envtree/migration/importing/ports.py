"""A port for each process that Heroku's router reached: there the platform gave it one when it started."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.layers.layout import SUFFIX
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON, Target
from envtree.migration.importing.decision import KeptVariable
from envtree.migration.importing.schemas.schema_file import FieldDeclaration, SchemaClass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Service
    from envtree.migration.importing.carried import ImportedApp

WEB, PORT = "web", "PORT"
"""The process type that the router reaches, and the variable that says where it listens."""
FIRST, STEP = 5000, 100
_SAYS_PORT = re.compile(r"\$(?:PORT\b|\{PORT\b)")


def ports_of(apps: Sequence[ImportedApp], taken: Iterable[int] = ()) -> dict[str, int]:
    """Return a port for the web process of each service that has one, above those taken; not where an app says it."""
    last = max((FIRST - STEP, *(each for each in taken if each >= FIRST)))
    reached = {each.deployment.service for each in apps if any(own.name == WEB for own in each.app.formation or ())}
    own = {each.deployment.service for each in apps if PORT in each.values}
    start = (last // STEP + 1) * STEP
    return {service: start + STEP * number for number, service in enumerate(sorted(reached - own))}


def portless(service: Service, nodes: Collection[Node], *, is_new: bool) -> bool:
    """Return whether the web process of a service that a tree has, with these nodes, lacks a port that it needs.

    That is so where nothing of the service was imported yet, or the process is new (`is_new`), or its command says it.
    """
    command = next((each.command for each in service.processes if each.name == WEB), "")
    needs_one = is_new or _SAYS_PORT.search(command) is not None
    return bool(nodes) and needs_one and not any(PORT in each.provenance for each in nodes)


def port_layers(ports: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """Return the entries of the layer of each web process, by path."""
    return {f"{CONFIGS}{service}/{WEB}/{COMMON}{SUFFIX}": {PORT: str(port)} for service, port in ports.items()}


def port_class() -> SchemaClass:
    """Return the class of a web process."""
    return SchemaClass(
        (FieldDeclaration(PORT, "Port", is_pydantic_type=False, is_secret=False, is_optional=False),), process=WEB
    )


def as_kept(apps: Iterable[ImportedApp], ports: Mapping[str, int]) -> list[KeptVariable]:
    """Return what the proof of an import finds that Heroku gives no config var for."""
    reason = "on Heroku, the platform gives it"
    reached = [each.deployment for each in apps if each.deployment.service in ports]
    return [KeptVariable(Target(*deployment, WEB), PORT, reason) for deployment in reached]
