"""Apps that don't fit into a tree, and what to write so that they do: two in one place, in none, or not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, did_you_mean, some
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envtree.core.settings.heroku import Deployment, HerokuSettings
    from envtree.migration.apps.fleet import Fleet
    from envtree.migration.mapping.assignment import Assigned

MAX_LINES = 6


def clash(cell: Deployment, those: Sequence[Assigned], settings: HerokuSettings) -> Diagnostic:
    """Several apps of one cell, and how each came to be there."""
    *names, last = [f"`{one_line(each.app.name)}`" for each in those]
    ways = zip((*names, last), those, strict=True)
    return Diagnostic(
        "clashing-apps",
        f"{', '.join(names)} and {last} are {'all' if names[1:] else 'both'} {cell}",
        settings.span,
        notes=tuple(f"{name} is by {_way(each, settings)}" for name, each in ways),
        help="leave all but one of them to Heroku under `heroku: skip:` in envtree.yaml, each with the reason, "
        "or say under `heroku: apps:` where each belongs",
        shown=True,
    )


def _way(each: Assigned, settings: HerokuSettings) -> str:
    if each.by == "pipeline":
        return f"its pipeline `{one_line(each.app.pipeline)}`, in the stage {one_line(each.app.stage)}"
    return {"table": "the table", "pattern": f"the pattern `{settings.app}`", "name": "its name"}[each.by]


def absent(fleet: Fleet, settings: HerokuSettings, skipped: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Apps that the table names, or that are to be skipped, and that nobody sees."""
    names = {app.name for app in fleet.apps}
    for cell, link in settings.apps.items():
        if link.app not in names and link.app not in skipped:
            message = f"`{one_line(link.app)}` is no app that Heroku shows{did_you_mean(link.app, names)}"
            advice = f"ask as one who may see it, or remove the line; `--skip {one_line(link.app)}` goes on without it"
            yield Diagnostic("unmapped-app", message, link.span, f"it is to be {cell}", help=advice, shown=True)
    for name in skipped:
        if name not in names:
            message = f"`{one_line(name)}` is to be skipped, and is no app that Heroku shows{did_you_mean(name, names)}"
            span = settings.span if name in settings.skip else None
            yield Diagnostic("unmapped-app", message, span, severity="warning", shown=True)


def unmapped(reasons: Mapping[str, str], likely: Mapping[str, str], settings: HerokuSettings) -> Iterator[Diagnostic]:
    """One diagnostic for all apps without a cell, with the lines that would give them one."""
    if not reasons:
        return
    names = {name: f"`{one_line(name)}`" for name in reasons}
    several = f"{len(names)} apps have no place in the tree: {some(names.values(), MAX_LINES)}"
    lines = some((f"`{likely[name]}: {one_line(name)}`" for name in names), MAX_LINES)
    yield Diagnostic(
        "unmapped-app",
        several if len(names) > 1 else f"{names[next(iter(names))]} has no place in the tree",
        settings.span,
        notes=tuple(f"{names[name]}: {reason}" for name, reason in reasons.items()),
        help=f"write under `heroku: apps:` in envtree.yaml {lines}; "
        f"or under `heroku: skip:` `{one_line(next(iter(names)))}: the reason`",
        shown=True,
    )
