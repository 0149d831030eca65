"""Which app is which part of the tree: by the table, by a pattern, by its pipeline, or by its name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.core.render.columns import columns
from envtree.core.render.mask import one_line
from envtree.core.settings.heroku import Deployment
from envtree.core.settings.reader import is_name
from envtree.migration.mapping.assignment import AssignedApp, Assignment, MappingRule
from envtree.migration.mapping.naming import (
    USUAL_ENVIRONMENTS,
    by_pattern,
    environment_of,
    is_review,
    shared_prefix,
    split,
)
from envtree.migration.mapping.problems import MAX_LINES, absent, clash, unmapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.settings.heroku import AppPattern, HerokuSettings
    from envtree.migration.apps.fleet import App, Fleet

REVIEW = "a review app"
OPTION = "named by `--skip`"
CLASH = " (clash)"


class _Rules(NamedTuple):
    """The rules for apps that are not in the table."""

    environments: tuple[str, ...]
    patterns: tuple[AppPattern, ...]
    pipelines: bool
    names: bool
    pipeline_prefix: str
    app_prefix: str
    stems: Mapping[str, Mapping[str, str]]
    """By the names of apps without an environment at the end: each environment, with the name of its app."""


def assign(
    fleet: Fleet, settings: HerokuSettings, environments: tuple[str, ...], skip: tuple[str, ...] = ()
) -> Assignment:
    """Return a deployment for every app of a fleet that neither the settings nor `skip` leave out."""
    skipped = {**settings.skip, **dict.fromkeys(skip, OPTION)}
    table = {link.app: deployment for deployment, link in settings.apps.items()}
    review = {
        app.name: REVIEW
        for app in fleet.apps
        if app.name not in table and not app.is_review_stage and is_review(app.name, app.stage)
    }
    reasons = {**review, **skipped}
    apps = [app for app in fleet.apps if app.name not in reasons]
    rules = _rules([app for app in apps if not app.is_review_stage], settings, environments)
    deployments, unassigned = _assign_all(apps, table, rules, settings)
    clashes = {deployment: candidates for deployment, candidates in deployments.items() if len(candidates) > 1}
    suggestions = {name: _suggestion(name, rules, {*deployments, *settings.apps}) for name in unassigned}
    return Assignment(
        tuple(candidates[0] for deployment, candidates in deployments.items() if deployment not in clashes),
        tuple(sorted((app.name, reasons[app.name]) for app in fleet.apps if app.name in reasons)),
        (
            *((deployment, clash(deployment, candidates, settings)) for deployment, candidates in clashes.items()),
            *absent(fleet, settings, skipped),
            *((None, each) for each in unmapped(unassigned, suggestions, settings)),
        ),
        tuple(each for candidates in clashes.values() for each in candidates),
        tuple(unassigned.items()),
    )


def _assign_all(
    apps: Sequence[App], table: Mapping[str, Deployment], rules: _Rules, settings: HerokuSettings
) -> tuple[dict[Deployment, list[AssignedApp]], dict[str, str]]:
    """Return the apps of each deployment, and the reason why each of the other apps has none."""
    found: list[AssignedApp] = []
    unassigned: dict[str, str] = {}
    for app in sorted(apps, key=lambda app: app.is_review_stage):
        named = table.get(app.name)
        ruled = _by_siblings(app, found, rules) if app.is_review_stage else _by_rules(app, rules)
        each = AssignedApp(app, named, "table") if named else _unless_taken(ruled, settings)
        if isinstance(each, AssignedApp):
            found.append(each)
        else:
            unassigned[app.name] = each
    deployments: dict[Deployment, list[AssignedApp]] = defaultdict(list)
    for each in sorted(found, key=lambda each: (each.deployment, each.app.name)):
        deployments[each.deployment].append(each)
    return deployments, unassigned


def _unless_taken(each: AssignedApp | str, settings: HerokuSettings) -> AssignedApp | str:
    """Return the app as assigned, or a reason why not: the table gives its deployment to another app."""
    if isinstance(each, str) or each.deployment not in settings.apps:
        return each
    return f"{each.deployment} is `{one_line(settings.apps[each.deployment].app)}` in the table"


def _rules(apps: Sequence[App], settings: HerokuSettings, environments: tuple[str, ...]) -> _Rules:
    """Return the rules; where the settings have none, the pipeline decides, and without a pipeline the name."""
    is_automatic = not (settings.apps or settings.app or settings.pipelines)
    stems: dict[str, dict[str, str]] = defaultdict(dict)
    for app in apps:
        stem, environment = split(app.name, environments)
        stems[stem][environment] = app.name
    return _Rules(
        environments,
        settings.app,
        bool(settings.pipelines) or (is_automatic and settings.pipelines is None),
        is_automatic,
        shared_prefix(app.pipeline for app in apps if app.pipeline),
        _app_prefix(tuple(stems), len(apps)),
        stems,
    )


def _app_prefix(stems: tuple[str, ...], apps: int) -> str:
    """Return what the names of all apps start with; several apps of one service share at most their first word."""
    if len(stems) == 1 and apps > 1:
        first, dash, _ = stems[0].partition("-")
        return first + dash if dash else ""
    return shared_prefix(stems)


def _by_rules(app: App, rules: _Rules) -> AssignedApp | str:
    """Return the app as assigned, or why it can't be: the first rule that knows the app decides."""
    reason = "it is not in the table"
    for pattern in rules.patterns:
        deployment = by_pattern(app.name, pattern.text, rules.environments, pattern.environment)
        if deployment:
            return _checked(app, deployment, "pattern")
    if rules.patterns:
        reason = f"its name doesn't fit {some((f'`{each}`' for each in rules.patterns), MAX_LINES)}"
    if rules.pipelines and app.pipeline:
        return _by_pipeline(app, rules)
    if rules.names:
        return _by_name(app, rules)
    if rules.pipelines:
        return f"{reason}, and it is in no pipeline" if rules.patterns else "it is in no pipeline"
    return reason


def _by_pipeline(app: App, rules: _Rules) -> AssignedApp | str:
    if not app.stage:
        return f"its stage in the pipeline `{one_line(app.pipeline)}` is not known"
    environment = environment_of(app.stage, rules.environments)
    return _checked(app, Deployment(environment, app.pipeline.removeprefix(rules.pipeline_prefix)), "pipeline")


def _by_siblings(stage: App, found: Sequence[AssignedApp], rules: _Rules) -> AssignedApp | str:
    """Assign a review stage to the service that the apps of its pipeline are, or else by the pipeline's name."""
    services = {each.deployment.service for each in found if each.app.pipeline == stage.pipeline}
    service = services.pop() if len(services) == 1 else stage.pipeline.removeprefix(rules.pipeline_prefix)
    return _checked(stage, Deployment(environment_of(stage.stage, rules.environments), service), "pipeline")


def _by_name(app: App, rules: _Rules) -> AssignedApp | str:
    """Assign an app by the environment that ends its name; without one, production's unless another's name says so."""
    stem, environment = split(app.name, rules.environments)
    service = stem.removeprefix(rules.app_prefix)
    production = environment_of("production", rules.environments)
    if not environment and service in (*rules.environments, *USUAL_ENVIRONMENTS):
        return "its name says no service"
    if not environment and (other := rules.stems[stem].get(production)):
        return f"its name says no environment, and `{one_line(other)}` says {production}"
    return _checked(app, Deployment(environment or production, service), "name")


def _checked(app: App, deployment: Deployment, rule: MappingRule) -> AssignedApp | str:
    """Return the app as assigned, or a reason why not: a tree can't have such a name."""
    for what, name in zip(Deployment._fields, deployment, strict=True):
        if not is_name(name):
            return f"`{one_line(name)}` can't name {'an' if what == 'environment' else 'a'} {what}"
    return AssignedApp(app, deployment, rule)


def _suggestion(name: str, rules: _Rules, taken: set[Deployment]) -> str:
    """Return the deployment that a name hints at, where it is free; else the form that a deployment has."""
    stem, environment = split(name, rules.environments)
    deployment = Deployment(environment, stem.removeprefix(rules.app_prefix))
    return (
        str(deployment)
        if environment and is_name(deployment.service) and deployment not in taken
        else "ENVIRONMENT/SERVICE"
    )


def as_table(assignment: Assignment) -> str:
    """Return a table of apps, deployments, rules and pipelines; then one of the skipped apps, with the reason.

    Apps that clash are in it with the others, each marked.
    """
    apps = sorted((*assignment.assigned, *assignment.clashing), key=lambda each: (each.deployment, each.app.name))
    clashing = {each.app.name for each in assignment.clashing}
    rows = [("APP", "DEPLOYMENT", "BY", "PIPELINE")]
    rows += [
        (
            each.app.name,
            f"{each.deployment}{CLASH if each.app.name in clashing else ''}",
            each.rule,
            _coupling(each.app),
        )
        for each in apps
    ]
    tables = [columns(rows)] if apps else []
    if assignment.skipped:
        tables.append(columns([("SKIPPED", "REASON"), *assignment.skipped]))
    return "\n".join(tables)


def _coupling(app: App) -> str:
    return f"{app.pipeline}, {app.stage}" if app.pipeline else ""
