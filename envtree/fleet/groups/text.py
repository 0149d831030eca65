"""A fleet as a table: a row a group, or a row an instance, and what is wrong apart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import some
from envtree.core.render.columns import columns
from envtree.core.render.mask import from_outside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from envtree.fleet.groups.grouping import Group, GroupedFleet, Mistagged
    from envtree.fleet.instances.machine import Machine

MINUTE, HOUR, DAY = 60, 3600, 86_400
RUNNING = "running"
WIDEST_NAME = 60
LISTED = 5
"""Machines that are named of those with the same wrong tag; JSON names all."""


def as_table(fleet: GroupedFleet, now: datetime) -> str:
    """Return a row for each group: how many run, how many are in another state, zones, and ages."""
    heads = ("GROUP", "RUNNING", "OTHER", "ZONES", "OLDEST", "YOUNGEST")
    return columns([heads, *(_group_row(each, now) for each in fleet.groups)]) + mistagged_lines(fleet.mistagged)


def as_instances(fleet: GroupedFleet, now: datetime) -> str:
    """Return a row for each instance."""
    heads = ("GROUP", "INSTANCE", "STATE", "ZONE", "AGE", "NAME")
    rows = [(each.role, *_instance_row(member, now)) for each in fleet.groups for member in each.instances]
    return columns([heads, *rows]) + mistagged_lines(fleet.mistagged)


def mistagged_lines(mistagged: Iterable[Mistagged]) -> str:
    """Return a line for each problem of machines whose tags name nothing, with the first few that have it."""
    found: dict[str, list[str]] = {}
    for each in mistagged:
        for problem in each.problems:
            found.setdefault(f"{problem.message}; {problem.help}", []).append(each.instance.identity)
    lines = "".join(f"  {some(identities, LISTED)}: {words}\n" for words, identities in found.items())
    return f"\nwhose tags name nothing:\n{lines}" if lines else ""


def age(launched: datetime | None, now: datetime) -> str:
    """Return how long ago an instance was launched, in its largest unit: `40s`, `12m`, `5h`, `90d`."""
    if launched is None:
        return "-"
    seconds = max(0, int((now - launched).total_seconds()))
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if seconds >= unit:
            return f"{seconds // unit}{letter}"
    return f"{seconds}s"


def _group_row(group: Group, now: datetime) -> tuple[str, ...]:
    running = sum(each.state == RUNNING for each in group.instances)
    zones = Counter(each.zone or "-" for each in group.instances)
    launched = sorted(each.launched for each in group.instances if each.launched)
    oldest, youngest = (launched[0], launched[-1]) if launched else (None, None)
    return (
        group.role,
        str(running),
        str(len(group.instances) - running or "-"),
        " ".join(f"{zone}:{count}" for zone, count in sorted(zones.items())),
        age(oldest, now),
        age(youngest, now),
    )


def _instance_row(instance: Machine, now: datetime) -> tuple[str, ...]:
    zone, name = instance.zone or "-", from_outside(instance.name, WIDEST_NAME) or "-"
    return (instance.identity, instance.state, zone, age(instance.launched, now), name)
