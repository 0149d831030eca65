"""Which app is which part of the tree: by the table, by a pattern, by its pipeline, or by its name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.mask import one_line
from envtree.core.settings.heroku import Deployment
from envtree.core.settings.reader import is_name
from envtree.migration.mapping.assignment import Assigned, Assignment, Way
from envtree.migration.mapping.naming import USUAL, by_pattern, environment_of, is_review, shared_prefix, split
from envtree.migration.mapping.problems import absent, clash, unmapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.settings.heroku import HerokuSettings
    from envtree.migration.apps.fleet import App, Fleet

REVIEW = "a review app"
OPTION = "named by `--skip`"


class _Rules(NamedTuple):
    """What apps outside of the table are told by."""

    environments: tuple[str, ...]
    pattern: str
    pipelines: bool
    names: bool
    pipeline_prefix: str
    app_prefix: str
    stems: Mapping[str, Mapping[str, str]]
    """By what apps are called but for an environment at the end: the environments, and the app of each."""


def assign(
    fleet: Fleet, settings: HerokuSettings, environments: tuple[str, ...], skip: tuple[str, ...] = ()
) -> Assignment:
    """A cell for every app of a fleet that isn't passed over; `skip` names more apps than the settings do."""
    skipped = {**settings.skip, **dict.fromkeys(skip, OPTION)}
    table = {link.app: cell for cell, link in settings.apps.items()}
    review = {app.name: REVIEW for app in fleet.apps if app.name not in table and is_review(app.name, app.stage)}
    reasons = {**review, **skipped}
    apps = [app for app in fleet.apps if app.name not in reasons]
    rules = _rules(apps, settings, environments)
    cells, left = _placed(apps, table, rules, settings)
    problems = [clash(cell, those, settings) for cell, those in cells.items() if len(those) > 1]
    problems += absent(fleet, settings, skipped)
    problems += unmapped(left, {name: _likely(name, rules, {*cells, *settings.apps}) for name in left}, settings)
    return Assignment(
        tuple(those[0] for those in cells.values() if len(those) == 1),
        tuple(sorted((app.name, reasons[app.name]) for app in fleet.apps if app.name in reasons)),
        tuple(problems),
    )


def _placed(
    apps: Sequence[App], table: Mapping[str, Deployment], rules: _Rules, settings: HerokuSettings
) -> tuple[dict[Deployment, list[Assigned]], dict[str, str]]:
    """The apps of each cell, and why the others have none."""
    found: list[Assigned] = []
    left: dict[str, str] = {}
    for app in apps:
        named = table.get(app.name)
        each = Assigned(app, named, "table") if named else _free(_place(app, rules), settings)
        if isinstance(each, Assigned):
            found.append(each)
        else:
            left[app.name] = each
    cells: dict[Deployment, list[Assigned]] = defaultdict(list)
    for each in sorted(found, key=lambda each: (each.cell, each.app.name)):
        cells[each.cell].append(each)
    return cells, left


def _free(each: Assigned | str, settings: HerokuSettings) -> Assigned | str:
    """Only what the table leaves free."""
    if isinstance(each, str) or each.cell not in settings.apps:
        return each
    return f"{each.cell} is `{one_line(settings.apps[each.cell].app)}` in the table"


def _rules(apps: Sequence[App], settings: HerokuSettings, environments: tuple[str, ...]) -> _Rules:
    """Where the settings say none, an app goes by its pipeline, and one without by its name."""
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
    """What the names of all apps start with; several apps of one service share no more than their first word."""
    if len(stems) == 1 and apps > 1:
        first, dash, _ = stems[0].partition("-")
        return first + dash if dash else ""
    return shared_prefix(stems)


def _place(app: App, rules: _Rules) -> Assigned | str:
    """The cell of an app, or why it has none: the first rule that knows the app decides."""
    reason = "it is not in the table"
    if rules.pattern:
        cell = by_pattern(app.name, rules.pattern, rules.environments)
        if cell:
            return _checked(app, cell, "pattern")
        reason = f"its name doesn't fit `{rules.pattern}`"
    if rules.pipelines and app.pipeline:
        return _by_pipeline(app, rules)
    if rules.names:
        return _by_name(app, rules)
    if rules.pipelines:
        return f"{reason}, and it is in no pipeline" if rules.pattern else "it is in no pipeline"
    return reason


def _by_pipeline(app: App, rules: _Rules) -> Assigned | str:
    if not app.stage:
        return f"its stage in the pipeline `{one_line(app.pipeline)}` is not known"
    environment = environment_of(app.stage, rules.environments)
    return _checked(app, Deployment(environment, app.pipeline.removeprefix(rules.pipeline_prefix)), "pipeline")


def _by_name(app: App, rules: _Rules) -> Assigned | str:
    """By the environment at the end of its name; one without is production's, unless another says that it is."""
    stem, environment = split(app.name, rules.environments)
    service = stem.removeprefix(rules.app_prefix)
    production = environment_of("production", rules.environments)
    if not environment and service in (*rules.environments, *USUAL):
        return "its name says no service"
    if not environment and (other := rules.stems[stem].get(production)):
        return f"its name says no environment, and `{one_line(other)}` says {production}"
    return _checked(app, Deployment(environment or production, service), "name")


def _checked(app: App, cell: Deployment, by: Way) -> Assigned | str:
    """With names that a tree can have."""
    for what, name in zip(Deployment._fields, cell, strict=True):
        if not is_name(name):
            return f"`{one_line(name)}` can't name {'an' if what == 'environment' else 'a'} {what}"
    return Assigned(app, cell, by)


def _likely(name: str, rules: _Rules, taken: set[Deployment]) -> str:
    """The cell that a name hints at, where it is free; else what a cell looks like."""
    stem, environment = split(name, rules.environments)
    cell = Deployment(environment, stem.removeprefix(rules.app_prefix))
    return str(cell) if environment and is_name(cell.service) and cell not in taken else "ENVIRONMENT/SERVICE"


def as_table(assignment: Assignment) -> str:
    """App, cell, what said so, and the pipeline; then the apps that are passed over, with the reason."""
    rows = [("APP", "CELL", "BY", "PIPELINE")]
    rows += [(each.app.name, str(each.cell), each.by, _coupling(each.app)) for each in assignment.assigned]
    tables = [_columns(rows)] if assignment.assigned else []
    if assignment.skipped:
        tables.append(_columns([("SKIPPED", "REASON"), *assignment.skipped]))
    return "\n".join(tables)


def _coupling(app: App) -> str:
    return f"{app.pipeline}, {app.stage}" if app.pipeline else ""


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    lines = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )
