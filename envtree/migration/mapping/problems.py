"""Apps that don't fit into a tree, and what to write: two in one deployment, in none, or not on Heroku."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envtree.core.settings.heroku import Deployment, HerokuSettings
    from envtree.migration.apps.fleet import Fleet
    from envtree.migration.mapping.assignment import AssignedApp

MAX_LINES = 6


def clash(deployment: Deployment, apps: Sequence[AssignedApp], settings: HerokuSettings) -> Diagnostic:
    """Return a diagnostic for several apps of one deployment, with the rule that put each of them there."""
    *names, last = [f"`{one_line(each.app.name)}`" for each in apps]
    pairs = zip((*names, last), apps, strict=True)
    return Diagnostic(
        "clashing-apps",
        f"{', '.join(names)} and {last} are {'all' if names[1:] else 'both'} {deployment}",
        settings.span,
        notes=tuple(f"{name} is by {_rule(each, settings)}" for name, each in pairs),
        help="leave all but one of them to Heroku under `heroku: skip:` in envtree.yaml, each with the reason, "
        "or say under `heroku: apps:` where each belongs",
        shown=True,
    )


def _rule(each: AssignedApp, settings: HerokuSettings) -> str:
    if each.rule == "pipeline":
        return f"its pipeline `{one_line(each.app.pipeline)}`, in the stage {one_line(each.app.stage)}"
    pattern = "the pattern" if len(settings.app) == 1 else "one of the patterns"
    patterns = some((f"`{each}`" for each in settings.app), MAX_LINES)
    return {"table": "the table", "pattern": f"{pattern} {patterns}", "name": "its name"}[each.rule]


def absent(
    fleet: Fleet, settings: HerokuSettings, skipped: Mapping[str, str]
) -> Iterator[tuple[Deployment | None, Diagnostic]]:
    """Yield a diagnostic for each app that the table names or that is to be skipped, and that Heroku doesn't show.

    What the table gives it comes before it.
    """
    names = Vocabulary(app.name for app in fleet.apps)
    for deployment, link in settings.apps.items():
        if link.app not in names and link.app not in skipped:
            message = f"`{one_line(link.app)}` is no app that Heroku shows{names.did_you_mean(link.app)}"
            advice = f"ask as one who may see it, or remove the line; `--skip {one_line(link.app)}` goes on without it"
            label = f"it is to be {deployment}"
            yield deployment, Diagnostic("unmapped-app", message, link.span, label, help=advice, shown=True)
    for name in skipped:
        if name not in names:
            message = f"`{one_line(name)}` is to be skipped, and is no app that Heroku shows{names.did_you_mean(name)}"
            span = settings.span if name in settings.skip else None
            yield None, Diagnostic("unmapped-app", message, span, severity="warning", shown=True)


def unmapped(
    reasons: Mapping[str, str], suggestions: Mapping[str, str], settings: HerokuSettings
) -> Iterator[Diagnostic]:
    """Yield one diagnostic for all apps without a deployment, with the lines that would give them one."""
    if not reasons:
        return
    names = {name: f"`{one_line(name)}`" for name in reasons}
    several = f"{len(names)} apps have no place in the tree: {some(names.values(), MAX_LINES)}"
    lines = some((f"`{suggestions[name]}: {one_line(name)}`" for name in names), MAX_LINES)
    yield Diagnostic(
        "unmapped-app",
        several if len(names) > 1 else f"{names[next(iter(names))]} has no place in the tree",
        settings.span,
        notes=tuple(f"{names[name]}: {reason}" for name, reason in reasons.items()),
        help=f"write under `heroku: apps:` in envtree.yaml {lines}; "
        f"or under `heroku: skip:` `{one_line(next(iter(names)))}: the reason`",
        shown=True,
    )
