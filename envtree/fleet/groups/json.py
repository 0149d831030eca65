"""A fleet as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.render.mask import json_lines

if TYPE_CHECKING:
    from envtree.fleet.groups.grouping import GroupedFleet
    from envtree.fleet.instances.machine import Machine


def as_json(fleet: GroupedFleet) -> str:
    """Return one object: the groups with their instances, and those whose tags name nothing."""
    groups = [
        {"group": each.role, "count": len(each.instances), "instances": [_data(member) for member in each.instances]}
        for each in fleet.groups
    ]
    wrong = [
        {**_data(each.instance), "problems": [problem.message for problem in each.problems]} for each in fleet.mistagged
    ]
    return json_lines({"groups": groups, "mistagged": wrong, "others": fleet.others})


def _data(instance: Machine) -> dict[str, Any]:
    return {
        "id": instance.identity,
        "name": instance.name,
        "state": instance.state,
        "zone": instance.zone,
        "launched": instance.launched.isoformat() if instance.launched else None,
    }
