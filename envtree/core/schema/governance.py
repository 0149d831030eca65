"""Which schema classes govern a target, which variables they declare, and therefore which values may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Target
    from envtree.core.schema.rules import Schema


@dataclass(frozen=True, slots=True)
class Governance:
    """The classes that govern a set of targets, and the variables that these classes declare."""

    schemas: tuple[Schema, ...]
    known: frozenset[str]
    required: frozenset[str]
    secret: frozenset[str]
    """The names that any class of the tree declares `Secret`: a secret of one service is not shown for another."""
    ports: frozenset[str]

    def requiring(self, name: str) -> Schema | None:
        """Return a class that requires a variable."""
        return next((each for each in self.schemas if name in each.rules and each.rules[name].required), None)


def govern(targets: Iterable[Target], schemas: tuple[Schema, ...]) -> dict[Target, Governance]:
    """Return the governance of each target; targets with the same classes share one object."""
    secret = frozenset(rule.name for schema in schemas for rule in schema.rules.values() if rule.secret)
    shared: dict[tuple[Schema, ...], Governance] = {}
    by_service: dict[str | None, list[Schema]] = {}
    for schema in schemas:
        by_service.setdefault(schema.service, []).append(schema)
    found = {}
    for target in targets:
        candidates = (*by_service.get(None, ()), *by_service.get(target.service, ()))
        governing = tuple(schema for schema in candidates if schema.governs(target))
        if governing not in shared:
            shared[governing] = _governance(governing, secret)
        found[target] = shared[governing]
    return found


def _governance(schemas: tuple[Schema, ...], secret: frozenset[str]) -> Governance:
    rules = [rule for schema in schemas for rule in schema.rules.values()]
    return Governance(
        schemas,
        frozenset(rule.name for rule in rules),
        frozenset(rule.name for rule in rules if rule.required),
        secret,
        frozenset(rule.name for rule in rules if rule.port),
    )


def hidden_names(node: Node, governance: Governance) -> frozenset[str]:
    """Return a target's hidden names: undeclared, secret, sealed, or derived from one of these."""
    sealed = {name for name, entries in node.provenance.items() if entries[-1].sealed}
    hidden = (node.provenance.keys() - governance.known) | governance.secret | sealed
    return frozenset(hidden | derived_from(node, hidden))


def derived_from(node: Node, secret: Iterable[str]) -> frozenset[str]:
    """Return the `!expand` variables that refer to these names, directly or not; not the names themselves."""
    if not node.expands:
        return frozenset()
    tainted, size = set(secret), -1
    while len(tainted) != size:
        size = len(tainted)
        tainted.update(name for name, entry in node.expands.items() if not tainted.isdisjoint(entry.references))
    return frozenset(tainted.difference(secret))
