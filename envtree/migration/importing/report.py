"""An import as text: who sets what, what is written where, and what a person must decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted
from envtree.core.render.mask import one_line
from envtree.migration.apps.buildpacks import runtime_of
from envtree.migration.apps.ownership import attachment_of, owner_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envtree.core.settings.heroku import Owner
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.decision import KeptVariable


JOB_ADDONS = frozenset(("scheduler", "advanced-scheduler", "cron-to-go", "process-scheduler", "temporize"))
"""Add-ons that start processes by the clock; their jobs are in no answer of the API."""


class ChangedEntry(NamedTuple):
    """An entry to write: what it does to a variable, and in which file."""

    name: str
    path: str
    action: Literal["set", "replaced", "unset", "removed"]


TREATMENT: Mapping[Owner, str] = {
    "add-on": "written as it is now; on Heroku, the add-on may change it at any time",
    "platform": "written as it is; off Heroku, nobody else sets it",
    "run-time": "written as it is, though a dyno gets another one when it starts",
    "buildpack": "written as it is; it goes before what the buildpack would set",
    "team": "written as it is",
}
"""What an import does with a config var, by who sets it."""


def ownership(apps: Sequence[ImportedApp]) -> str:
    """Return what others than the team set, each with its owner and the number of apps, and what happens to it."""
    rows: dict[tuple[Owner, str], list[str]] = {}
    for imported in apps:
        for name in imported.app.values or ():
            attachment = attachment_of(imported.app, name)
            by = (attachment.plan or attachment.addon) if attachment else ""
            rows.setdefault((owner_of(imported.app, name), name), []).append(by)
    text = ""
    for owner, treatment in TREATMENT.items():
        own = {name: found for (each, name), found in rows.items() if each == owner}
        if owner == "team":
            text += f"the team's own: {counted(len(own), 'name')}, {treatment}\n"
        elif own:
            text += f"{owner}: {treatment}\n{_names(own)}"
    return text


def part_of_the_move(apps: Sequence[ImportedApp]) -> str:
    """Return what is no configuration: add-ons, jobs that no list of Heroku's shows, and what is around the apps."""
    plans: dict[str, set[str]] = {}
    jobs: dict[str, list[str]] = {}
    for each in apps:
        for attachment in each.app.attachments or ():
            plan = attachment.plan or attachment.addon
            plans.setdefault(plan, set()).add(each.app.name)
            if plan.partition(":")[0] in JOB_ADDONS:
                jobs.setdefault(each.deployment.service, []).append(each.app.name)
    lines = [f"add-on {one_line(plan)}: {counted(len(found), 'app')}" for plan, found in sorted(plans.items())]
    lines += [
        f"jobs that Heroku does not show ({', '.join(sorted(set(found)))}): list them in configs/{service}/service.yaml"
        for service, found in sorted(jobs.items())
    ]
    lines += _surroundings(apps)
    return "not configuration, but part of the move:\n" + "".join(f"  {line}\n" for line in lines)


def _surroundings(apps: Sequence[ImportedApp]) -> Iterator[str]:
    """Yield the buildpacks, domains and log drains, each with the apps that have it; and what isn't known."""
    found: dict[str, dict[str, list[str]]] = {"buildpack": {}, "domain": {}, "log drain to": {}}
    for each in apps:
        lists = (each.app.buildpacks, each.app.domains, each.app.drains)
        for own, listed in zip(found.values(), lists, strict=True):
            for name in listed or ():
                own.setdefault(name, []).append(each.app.name)
    for kind, own in found.items():
        for name, names in sorted(own.items()):
            runtime = runtime_of(name) if kind == "buildpack" else None
            about = f"; its {runtime.tool} is the one that {runtime.source} says" if runtime else ""
            yield f"{kind} {one_line(name)}: {some(names)}{about}"
    own_apps = [each.app for each in apps if not each.app.is_review_stage]
    for what, unknown in (
        ("buildpacks", [app.name for app in own_apps if app.buildpacks is None]),
        ("domains", [app.name for app in own_apps if app.domains is None]),
        ("drains", [app.name for app in own_apps if app.drains is None]),
    ):
        if unknown:
            yield f"{what} of {some(unknown)}: not known here, see `heroku {what}`"


def _names(own: Mapping[str, list[str]]) -> str:
    width = max(len(one_line(name)) for name in own)
    return "".join(
        f"  {one_line(name):<{width}}  {counted(len(own[name]), 'app')}{_by(own[name])}\n" for name in sorted(own)
    )


def _by(found: Iterable[str]) -> str:
    plans = sorted({one_line(each) for each in found if each})
    return f"  {', '.join(plans)}" if plans else ""


def kept_lines(kept: Sequence[KeptVariable]) -> str:
    """Return what stays as the tree has it, a line for each variable and reason."""
    by: dict[tuple[str, str], list[str]] = {}
    for each in kept:
        by.setdefault((each.name, each.reason), []).append(str(each.target))
    return "".join(
        f"  = {one_line(name)}  {one_line(reason)} ({counted(len(targets), 'process', 'processes')})\n"
        for (name, reason), targets in sorted(by.items())
    )


def files(created: Mapping[str, bool], deleted: Iterable[str], below: str, verb: str) -> str:
    """Return the files that are written, or would be, each with a mark: new, changed, or removed."""
    marks = {path: "+" if new else "~" for path, new in created.items()} | dict.fromkeys(deleted, "-")
    if not marks:
        return "\nnothing is to be written\n"
    prefix = "" if below == "." else f"{below}/"
    return f"\n{verb}:\n" + "".join(f"  {mark} {prefix}{path}\n" for path, mark in marks.items())


def changes(changed: Sequence[ChangedEntry]) -> str:
    """Return the entries that are written into a tree with content, a line each."""
    if not changed:
        return ""
    width = max(len(one_line(each.name)) for each in changed)
    return "".join(f"    {one_line(each.name):<{width}}  {each.action} in {each.path}\n" for each in changed)


def secrets_in_clear(apps: Sequence[ImportedApp], secrets: Collection[str]) -> str:
    """Return how many secrets the written files hold; empty where there are none."""
    found = {(name, text) for each in apps for name, text in each.values.items() if name in secrets}
    if not found:
        return ""
    stand = "stands" if len(found) == 1 else "stand"
    return f"{counted(len(found), 'secret')} {stand} in clear in these files: encrypt them before the first commit"
