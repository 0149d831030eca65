"""`envtree fleet`: the instances of each group, by their tags."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, system_reason
from envtree.core.model.source import WORKTREE
from envtree.fleet.groups.grouping import GroupedFleet, Roles, group_instances

if TYPE_CHECKING:
    from envtree.core.model.tree import Target
    from envtree.fleet.instances.machine import Machine

STDIN = "-"
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
    chosen = _chosen(roles.targets, selectors)
    return group_instances(_instances(answer, region, profile), roles, chosen)


def _instances(answer: str | None, region: str | None, profile: str | None) -> tuple[Machine, ...]:
    if answer is None:
        from envtree.fleet.instances.ec2 import describe_instances

        return describe_instances(region, profile)
    from envtree.fleet.instances.machine import parse_answer

    source = "stdin" if answer == STDIN else f"`{answer}`"
    return parse_answer(_read(answer, source), source)


def _read(path: str, source: str) -> str:
    from envtree.adapters.files.plain_file import read_plain_file

    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if path == STDIN else read_plain_file(path, LARGEST + 1).data
        if len(data) > LARGEST:
            raise _unreadable(f"{source} is larger than {LARGEST >> 20} MiB")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(f"{source} is not UTF-8") from None
    except OSError as error:
        raise _unreadable(f"{source} can't be read: {system_reason(error)}") from None


def _unreadable(message: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("unreadable-tags", message, help="`--input -` reads stdin"))


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


def _chosen(targets: tuple[Target, ...], selectors: tuple[str, ...]) -> tuple[Target, ...]:
    """Return the targets that selectors name (none: all); raises EnvtreeError for one that names nothing."""
    from envtree.core.model.selector import did_you_mean_selector, selects

    found: set[Target] = set() if selectors else set(targets)
    for selector in selectors:
        own = {each for each in targets if selects(selector, each)}
        if not own:
            message = f"`{selector}` names no process{did_you_mean_selector(selector, targets)}"
            advice = "a selector is `environment/service/process`, or the first parts of it; `*` stands for any name"
            raise EnvtreeError(Diagnostic("unknown-target", message, help=advice))
        found |= own
    return tuple(found)
