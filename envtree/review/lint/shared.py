"""Secrets that are one in several environments, where no schema says whether they are to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import some
from envtree.core.schema.promises.marks import Differs, Same
from envtree.review.lint.occurrences import location_of
from envtree.review.lint.security import declaration, holds_real_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry
    from envtree.core.schema.governance import Governance
    from envtree.review.lint.occurrences import EntryIndex, Lint

MAX_PLACES = 6
DECIDED = (Differs("environment"), Same("environment"))
"""What a schema says of a secret in several environments: then a promise is proved, and nothing is proposed."""


def shared_secrets(index: EntryIndex) -> Iterator[Lint]:
    """Yield a warning for each secret that several environments have; a closed one is known by its line."""
    own, governed = index.compilation.own, index.compilation.governed
    sharing: dict[tuple[str, str | Entry], dict[str, set[Entry]]] = {}
    undecided = {id(governance): _undecided(governance) for governance in governed.values()}
    for target, node in own.items():
        for name in undecided[id(governed[target])] & node.provenance.keys():
            value, entry = _value(node, name), node.provenance[name][-1]
            if value and (entry.is_closed or holds_real_value(entry)):
                sharing.setdefault((name, value), {}).setdefault(target.environment, set()).add(entry)
    found: dict[frozenset[Entry], set[str]] = {}
    for by_environment in sharing.values():
        if len(by_environment) > 1:
            entries = frozenset(entry for each in by_environment.values() for entry in each)
            found.setdefault(entries, set()).update(by_environment)
    for entries, environments in found.items():
        yield _shared(tuple(sorted(entries, key=lambda each: each.span)), environments, index)


def _undecided(governance: Governance) -> frozenset[str]:
    """Return the names that a class declares `Secret`, and of which none says whether environments share them."""
    rules = [rule for schema in governance.schemas for rule in schema.rules.values()]
    decided = {rule.name for rule in rules if not set(DECIDED).isdisjoint(rule.promises)}
    return frozenset(rule.name for rule in rules if rule.secret) - decided


def _value(node: Node, name: str) -> str | Entry | None:
    entry = node.provenance[name][-1]
    return entry if entry.is_closed else None if name in node.failed else node.values.get(name)


def _shared(entries: tuple[Entry, ...], environments: set[str], index: EntryIndex) -> Lint:
    first, *others = entries
    where = declaration(first.name, index.targets(*entries), index.compilation)
    return index.warning(
        "shared-secret",
        entries,
        f"`{first.name}` is one secret in {some(sorted(environments))}",
        "who has it in one environment has it in all of these",
        (f"also at {some(map(location_of, others), MAX_PLACES)}",) if others else (),
        f'give each its own, and declare it `Annotated[Secret, Differs("environment")]` in {where}; or say by '
        '`Same("environment")` that they share it',
    )
