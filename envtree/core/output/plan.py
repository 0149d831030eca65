"""The difference between two builds: which nodes are new, changed or gone, and which envdirs must be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Plan:
    """The node paths by what happens to them, and the envdirs that must be written."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    same: int
    writes: tuple[str, ...]
    """Digests of the envdirs that no node had before."""


def plan(before: Mapping[str, str], after: Mapping[str, str]) -> Plan:
    """Return the plan from one manifest's envdirs to another's; `plan(m, m)` changes nothing."""
    known = set(before.values())
    return Plan(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(node_path for node_path in after.keys() & before.keys() if after[node_path] != before[node_path])),
        tuple(sorted(before.keys() - after.keys())),
        sum(1 for node_path in after if before.get(node_path) == after[node_path]),
        tuple(sorted(set(after.values()) - known)),
    )
