"""What Heroku runs of a service that a tree has: processes that are new, and those that start nowhere in a new place.

No import says what a person left out, so what isn't new is not touched: a process that runs is added where the tree has
none of it, and a count of 0 is written only for an app that is imported for the first time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.mask import one_line
from envtree.migration.importing.fitting.process_edit import TABLE
from envtree.migration.importing.scale import formations_of, scales_of
from envtree.migration.importing.service_file import (
    ONE_OFF,
    RELEASE,
    UNKNOWN_COMMAND,
    name_in,
    processes_of,
    production_first,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from envtree.core.model.tree import Process, Service
    from envtree.core.yaml.tables import Path, Row, Rows
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.service_file import Processes


class ProcessGrowth(NamedTuple):
    """The rows to set in the tables of a `service.yaml`; the processes that are new; and notes for the user."""

    tables: Mapping[Path, Rows]
    added: frozenset[str]
    notes: tuple[str, ...]


def grown(service: Service, apps: Sequence[ImportedApp], first: Collection[str]) -> ProcessGrowth:
    """Return what the apps of a service run that the tree doesn't.

    `first` are the environments whose app is imported for the first time.
    """
    there = {each.name: each.command for each in service.processes}
    own = sorted(apps, key=production_first)
    running = _running(own, first)
    known = running | {RELEASE} | there.keys()
    formations = [
        (
            each.app.name,
            tuple(p for p in each.app.formation or () if p.name in known or name_in(there, p.name) in there),
        )
        for each in own
    ]
    processes = processes_of(service.name, formations, there)
    scales = scales_of(processes.names, formations_of(own))
    wanted = {ours for name, ours in processes.names.items() if name in running}
    rows: dict[str, Row] = {}
    for name, command in processes.commands.items():
        if name in there and command != UNKNOWN_COMMAND:
            rows[name] = {"command": command}
        elif name not in there and name in wanted:
            rows[name] = {"command": command, **_count(scales[name].at_none)}
    has_release = RELEASE in there or any(each.task == RELEASE for each in service.processes)
    if processes.release and not has_release and _releases(own, first):
        rows[RELEASE] = {"command": processes.release, "task": RELEASE}
    tables: dict[Path, Rows] = {TABLE: rows}
    for process in service.processes:
        if process.name in scales and process.task is None:
            table, zeros = _zeros(process, [each for each in scales[process.name].at_none if each in first])
            tables[table] = zeros
    notes = [*processes.notes, *_stopped(service, own, processes)]
    if processes.release and not has_release and RELEASE not in rows:
        notes.append(f"{service.name} runs `{RELEASE}` at each release on Heroku, and has no `task: {RELEASE}` here")
    return ProcessGrowth(tables, frozenset(rows.keys() - there.keys()), tuple(notes))


def _running(apps: Sequence[ImportedApp], first: Collection[str]) -> set[str]:
    """Return the process types that run in any app, or that an app has which is new."""
    return {
        process.name
        for each in apps
        for process in each.app.formation or ()
        if process.name not in ONE_OFF and (process.quantity or each.deployment.environment in first)
    }


def _releases(apps: Sequence[ImportedApp], first: Collection[str]) -> bool:
    new = (each.app.formation or () for each in apps if each.deployment.environment in first)
    return any(process.name == RELEASE for formation in new for process in formation)


def _count(environments: Sequence[str]) -> dict[str, Row]:
    return {"count": dict.fromkeys(environments, "0")} if environments else {}


def _zeros(process: Process, environments: Sequence[str]) -> tuple[Path, Rows]:
    """Return the table and the rows that say where a process doesn't start, unless its file says something there."""
    silent = [each for each in environments if each not in dict(process.counts)]
    if process.counts:
        return (*TABLE, process.name, "count"), dict.fromkeys(silent, "0")
    return (*TABLE, process.name), _count(silent)


def _stopped(service: Service, apps: Sequence[ImportedApp], processes: Processes) -> Iterator[str]:
    """Yield what runs on Heroku, and starts nowhere in the same place here."""
    counts = {each.name: dict(each.counts) for each in service.processes}
    for each in apps:
        environment = each.deployment.environment
        for process in each.app.formation or ():
            ours = processes.names.get(process.name, "")
            if process.quantity and counts.get(ours, {}).get(environment) == 0:
                yield (
                    f"`{one_line(process.name)}` runs in {each.app.name}, and `count` of `{ours}` is 0 in {environment}"
                    ": correct one of the two"
                )
