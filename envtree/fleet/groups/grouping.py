"""Instances in groups: those that run the same, those whose tags name nothing, and those that are none of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import EnvtreeError
from envtree.machine.role.role import role_of_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Instance, Target
    from envtree.fleet.instances.machine import Machine
    from envtree.machine.role.role import Role

    RoleKey = tuple[tuple[str | None, ...], frozenset[str]]


class Group(NamedTuple):
    """The instances of one role, by id."""

    role: str
    instances: tuple[Machine, ...]


class Mistagged(NamedTuple):
    """An instance whose tags name no role, and why."""

    instance: Machine
    problems: tuple[Diagnostic, ...]


class GroupedFleet(NamedTuple):
    """All instances, each in one place."""

    groups: tuple[Group, ...]
    mistagged: tuple[Mistagged, ...]
    others: int
    """How many have none of the tags that are read."""


class Roles(NamedTuple):
    """What tags can name: the keys that are read, the environments, and the targets."""

    keys: Mapping[str, str]
    environments: Mapping[str, Instance]
    targets: tuple[Target, ...]


def group_instances(instances: Iterable[Machine], roles: Roles, chosen: Sequence[Target]) -> GroupedFleet:
    """Group instances by role; only roles with one of the chosen targets are returned, and all that are mistagged.

    A role is looked up once for all instances with the same tags: a fleet has thousands, and few roles.
    """
    found: dict[str, list[Machine]] = {}
    known: dict[RoleKey, Role] = {}
    mistagged: list[Mistagged] = []
    others = 0
    wanted = frozenset(chosen)
    for each in instances:
        key = _role_key(each, roles.keys)
        if not any(_read(each, roles.keys)):
            others += 1
            continue
        try:
            role = known[key] if key in known else role_of_tags(each.tags, *roles)
        except EnvtreeError as error:
            mistagged.append(Mistagged(each, error.diagnostics))
            continue
        known[key] = role
        if not wanted.isdisjoint(role.targets):
            found.setdefault(str(role), []).append(each)
    groups = tuple(Group(role, tuple(sorted(members, key=_by_id))) for role, members in sorted(found.items()))
    return GroupedFleet(groups, tuple(sorted(mistagged, key=lambda each: each.instance.identity)), others)


def _read(instance: Machine, keys: Mapping[str, str]) -> tuple[bool, ...]:
    """Return which of the keys an instance has, in whatever case."""
    own = {each.strip().casefold() for each in instance.tags}
    return tuple(key.strip().casefold() in own for key in keys.values())


def _role_key(instance: Machine, keys: Mapping[str, str]) -> RoleKey:
    """Return all that a role depends on: the values that are read, and which tags have one that isn't empty."""
    given = frozenset(tag for tag, value in instance.tags.items() if value)
    return tuple(instance.tags.get(key) for key in keys.values()), given


def _by_id(instance: Machine) -> str:
    return instance.identity
