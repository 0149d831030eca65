"""Which apps have a place in the tree, and by what rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.settings.heroku import Deployment

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.migration.apps.fleet import App

Way = Literal["table", "pattern", "pipeline", "name"]


class Assigned(NamedTuple):
    """An app, its cell, and what said so."""

    app: App
    cell: Deployment
    by: Way


class Assignment(NamedTuple):
    """The apps that have a cell of their own, by cell; those passed over, with the reason; and what is wrong."""

    assigned: tuple[Assigned, ...]
    skipped: tuple[tuple[str, str], ...]
    problems: tuple[Diagnostic, ...]
