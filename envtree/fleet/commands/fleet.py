"""`envtree fleet`: the instances of each group, by their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import EnvtreeError, errors
from envtree.core.model.selector import choose
from envtree.core.model.source import WORKTREE
from envtree.fleet.groups.grouping import GroupedFleet, Roles, group_instances

if TYPE_CHECKING:
    from envtree.fleet.instances.machine import Machine

LARGEST = 256 << 20
"""Bytes of an answer: 100,000 instances have about 200 MB."""


def fleet(
    folder: str,
    out: str,
    selectors: tuple[str, ...],
    answer: str | None,
    region: str | None = None,
    profile: str | None = None,
    revision: str = WORKTREE,
) -> GroupedFleet:
    """Return the fleet as its tags have it, with the roles of a tree, or of an output where `out` names one.

    `answer` is a file with DescribeInstances' answer, or `-`; None asks EC2. Raises EnvtreeError.
    """
    roles = _roles_of_output(out) if out else _roles_of_tree(folder, revision)
    chosen = choose(selectors, roles.targets) if selectors else roles.targets
    return group_instances(_instances(answer, region, profile), roles, chosen)


def _instances(answer: str | None, region: str | None, profile: str | None) -> tuple[Machine, ...]:
    if answer is None:
        from envtree.fleet.instances.ec2 import describe_instances

        return describe_instances(region, profile)
    from envtree.adapters.files.answer_file import read_answer, source_name
    from envtree.fleet.instances.machine import SHAPE, parse_answer

    return parse_answer(read_answer(answer, LARGEST, "--input", SHAPE), source_name(answer))


def _roles_of_tree(folder: str, revision: str) -> Roles:
    from envtree.commands.tree import read_tree
    from envtree.core.compile import read_project_of

    project, problems = read_project_of(read_tree(folder, revision).source)
    if wrong := errors(problems):
        raise EnvtreeError(*wrong)
    environments = {each.name: each.instance for each in project.environments}
    return Roles(dict(project.tags), environments, project.targets)


def _roles_of_output(out: str) -> Roles:
    from envtree.adapters.store.read import read_current
    from envtree.core.output.inventory import read_inventory

    inventory = read_inventory(read_current(out).text)
    return Roles(inventory.keys, inventory.environments, inventory.targets)
