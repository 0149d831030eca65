"""Which apps have a deployment in the tree, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.settings.heroku import Deployment

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.apps.fleet import App

MappingRule = Literal["table", "pattern", "pipeline", "name"]


class AssignedApp(NamedTuple):
    """An app, its deployment, and the rule that decided."""

    app: App
    deployment: Deployment
    rule: MappingRule


class Assignment(NamedTuple):
    """The apps that have a deployment of their own, sorted by it; those skipped, with the reason; and what is wrong."""

    assigned: tuple[AssignedApp, ...]
    skipped: tuple[tuple[str, str], ...]
    problems: tuple[Diagnostic, ...]
