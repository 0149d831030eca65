"""Fleets that are imported in memory: a tree is its files, and nothing is read or written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from envtree.commands.steps.sealed import keys_of_user
from envtree.commands.tree import Tree, compile_tree
from envtree.core.model.diagnostic import errors
from envtree.core.model.source import Source
from envtree.core.settings.heroku import Deployment
from envtree.core.settings.heroku_reader import read_heroku_settings
from envtree.migration.apps.fleet import App, Fleet, by_deployment
from envtree.migration.commands.imports.import_heroku import plan
from envtree.migration.commands.imports.import_plan import ImportSurvey
from envtree.migration.commands.read import HerokuQuery, Listing
from envtree.migration.importing.decision import NO_BASES, NO_CHOICES
from envtree.migration.importing.proof import delivered
from envtree.migration.mapping.assignment import AssignedApp, Assignment

if TYPE_CHECKING:
    from envtree.migration.commands.imports.import_plan import ImportPlan
    from envtree.migration.importing.decision import Bases, Choices

Files = Mapping[str, bytes]
Rows = Mapping[str, Mapping[str, str]]
"""The config vars of apps, by deployment."""


def apps_of(rows: Rows, release: int = 1) -> tuple[App, ...]:
    """Apps with these config vars; `production/a` is `shop-a-production`."""
    found = []
    for cell, values in rows.items():
        environment, service = cell.split("/")
        name = f"shop-{service}-{environment}"
        found.append(App(name, f"id-{name}", values=values, release=release, formation=(), attachments=(), features=()))
    return tuple(sorted(found, key=lambda app: app.name))


def deployment_of(app: App) -> Deployment:
    """Where an app of `apps_of` belongs."""
    _, service, environment = app.name.split("-")
    return Deployment(environment, service)


def imported(files: Files, apps: Iterable[App], bases: Bases = NO_BASES, choices: Choices = NO_CHOICES) -> ImportPlan:
    """What an import of these apps would write into a tree with these files; none: there is no tree yet."""
    fleet = Fleet(tuple(sorted(apps, key=lambda app: app.name)))
    tree = Tree("/tree", Source(dict(files)), tuple) if files else None
    settings = read_heroku_settings(tree.source)[0] if tree else read_heroku_settings(Source({}))[0]
    assignment = Assignment(tuple(AssignedApp(app, deployment_of(app), "table") for app in fleet.apps), (), ())
    listing = Listing(HerokuQuery("fleet.json"), fleet, None, settings, assignment)
    surveyed = ImportSurvey(listing, "/tree", tree, keys_of_user(), bases=bases, choices=choices)
    return plan(surveyed, lambda _: None)


def rows_of(files: Files, cells: Collection[str] = ()) -> dict[str, dict[str, str]]:
    """What the processes of deployments (none: all) get, the same for all of one; the tree must be valid."""
    compilation, problems = compile_tree(Tree("/tree", Source(dict(files)), tuple))
    assert compilation is not None
    assert not errors(problems), problems
    found = {}
    for deployment, nodes in by_deployment(compilation.own).items():
        if cells and str(deployment) not in cells:
            continue
        first, *others = (delivered(node) for node in nodes.values())
        assert all(each == first for each in others)
        found[str(deployment)] = first
    return found


def entries_in(files: Files) -> int:
    """How many entries the layers of a tree have."""
    compilation, _ = compile_tree(Tree("/tree", Source(dict(files)), tuple))
    assert compilation is not None
    return sum(len(layer.entries) for layer in compilation.layers.values())


def codes_of(files: Files) -> list[tuple[str, str]]:
    """The code and the variable of each error of a tree."""
    _, problems = compile_tree(Tree("/tree", Source(dict(files)), tuple))
    return [(each.code, each.variable) for each in errors(problems)]
