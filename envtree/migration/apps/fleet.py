"""The apps of an account as values, as they were read at one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from envtree.core.settings.heroku import Deployment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Target


def by_deployment(nodes: Mapping[Target, Node]) -> dict[Deployment, dict[Target, Node]]:
    """Return what each process gets, by the deployment that the process belongs to."""
    deployments: dict[Deployment, dict[Target, Node]] = {}
    for target, node in nodes.items():
        deployments.setdefault(Deployment(target.environment, target.service), {})[target] = node
    return deployments


@dataclass(frozen=True, slots=True, order=True)
class Attachment:
    """An add-on as one app sees it: the add-on sets these config vars, and changes them by itself."""

    name: str
    addon: str
    """Such as `postgresql-clear-12345`."""
    plan: str
    """Such as `heroku-postgresql:standard-0`; empty where it isn't known."""
    names: tuple[str, ...]
    """The config vars that the add-on sets in this app."""


@dataclass(frozen=True, slots=True, order=True)
class ProcessType:
    """A line of an app's formation: what runs, and on how many dynos."""

    name: str
    command: str
    quantity: int
    size: str = ""
    """Of its dynos, such as `standard-2x`; empty where it isn't known."""


@dataclass(frozen=True)
class App:
    """A Heroku app. A field that was not read is None; `fault` says why it couldn't be (empty: nobody has tried).

    It has no slots, so that its attachments are indexed when they are first needed.
    """

    name: str
    id: str = ""
    pipeline: str = ""
    """The pipeline that the app is coupled to, by name, and in which stage; both empty where it is in none."""
    stage: str = ""
    values: Mapping[str, str] | None = field(default=None, repr=False)
    """The config vars, which no repr shows: not the message of a test, and not a traceback."""
    release: int | None = None
    """The version of the release that gave the app these config vars."""
    formation: tuple[ProcessType, ...] | None = None
    attachments: tuple[Attachment, ...] | None = None
    features: tuple[str, ...] | None = None
    """The labs features that are enabled."""
    fault: str = ""
    unread: tuple[tuple[str, str], ...] = ()
    """What else could not be read, such as `the formation`, each with the reason."""
    buildpacks: tuple[str, ...] | None = None
    """In their order, such as `heroku/ruby`."""
    domains: tuple[str, ...] | None = None
    """The team's own."""
    drains: tuple[str, ...] | None = None
    """The hosts that get the app's logs, without those of add-ons."""

    @property
    def is_review_stage(self) -> bool:
        """Whether this is no app, but what a pipeline gives each of its review apps; the id is the pipeline's."""
        return "/" in self.name

    @cached_property
    def attachment_of(self) -> Mapping[str, Attachment]:
        """The attachment through which an add-on sets a config var, by the variable's name."""
        found: dict[str, Attachment] = {}
        for each in self.attachments or ():
            for name in each.names:
                found.setdefault(name, each)
        return found


@dataclass(frozen=True, slots=True)
class Fleet:
    """All apps that were seen, sorted by name, on which host and when (ISO 8601, UTC; empty where it isn't known)."""

    apps: tuple[App, ...]
    host: str = ""
    taken: str = ""
