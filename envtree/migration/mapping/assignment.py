"""Which apps have a deployment in the tree, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.model.selector import selects
from envtree.core.settings.heroku import Deployment

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.apps.fleet import App

MappingRule = Literal["table", "pattern", "pipeline", "name"]


def is_chosen(deployment: Deployment, selectors: tuple[str, ...]) -> bool:
    """Return whether any of these selectors selects a deployment, or there are none."""
    return not selectors or any(selects(selector, deployment) for selector in selectors)


class AssignedApp(NamedTuple):
    """An app, its deployment, and the rule that decided."""

    app: App
    deployment: Deployment
    rule: MappingRule


class Assignment(NamedTuple):
    """The apps that have a deployment of their own, sorted by it; those skipped, with the reason; and what is wrong."""

    assigned: tuple[AssignedApp, ...]
    skipped: tuple[tuple[str, str], ...]
    wrong: tuple[tuple[Deployment | None, Diagnostic], ...]
    """What is wrong, with the deployment that it is about, where it is about one."""
    clashing: tuple[AssignedApp, ...] = ()
    """The apps whose deployment is another app's, too, sorted by it."""
    unmapped: tuple[tuple[str, str], ...] = ()
    """The apps that have no deployment, with the reason."""

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What is wrong."""
        return tuple(each for _, each in self.wrong)

    def chosen(self, selectors: tuple[str, ...]) -> tuple[AssignedApp, ...]:
        """Return the apps whose deployment any of these selects; without selectors, all."""
        return tuple(each for each in self.assigned if is_chosen(each.deployment, selectors))

    def problems_of(self, is_chosen: Callable[[Deployment], bool]) -> tuple[Diagnostic, ...]:
        """Return what is wrong with these deployments; an app without one is none of them."""
        return tuple(each for deployment, each in self.wrong if deployment is not None and is_chosen(deployment))
