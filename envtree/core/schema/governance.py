"""Which schema classes govern a target, which variables they declare, and therefore which values may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import TYPE_CHECKING

from envtree.core.layers.expand import inherited_texts, references_of
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.render.mask import has_password
from envtree.core.schema.promises.marks import PromiseLine
from envtree.core.secrets.judgement import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Target
    from envtree.core.schema.rules import Schema

    Scope = tuple[str | None, str | None, str | None]
    """A service, a process and an environment (None: any)."""


JUDGED = 1 << 16
"""How many pairs of a name and a value are judged once."""


@dataclass(frozen=True)
class Governance:
    """The classes that govern a set of targets, and the variables that these classes declare.

    It has no slots, so that what is needed for findings alone is computed with the first one.
    """

    schemas: tuple[Schema, ...]
    known: frozenset[str]
    required: frozenset[str]
    secret: frozenset[str]
    """The names that any class of the tree declares `Secret`: a secret of one service is not shown for another."""
    ports: frozenset[str]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The variables that are declared, for suggestions."""
        return Vocabulary(self.known)

    @cached_property
    def declaring(self) -> Mapping[str, Sequence[Schema]]:
        """The classes that declare each variable."""
        found: dict[str, list[Schema]] = {}
        for schema in self.schemas:
            for name in schema.rules:
                found.setdefault(name, []).append(schema)
        return found

    @cached_property
    def deprecated(self) -> Mapping[str, Schema]:
        """The variables that are deprecated, each with a class that says so."""
        return {
            name: schema for schema in reversed(self.schemas) for name, rule in schema.rules.items() if rule.deprecated
        }

    @cached_property
    def promises(self) -> tuple[PromiseLine, ...]:
        """The lines that promise something of a variable."""
        return tuple(
            dict.fromkeys(
                PromiseLine(schema.location(name), name, promise)
                for schema in self.schemas
                for name, rule in schema.rules.items()
                for promise in rule.promises
            )
        )

    def requiring(self, name: str) -> Schema | None:
        """Return a class that requires a variable."""
        return next((each for each in self.declaring.get(name, ()) if each.rules[name].required), None)


class TargetGroup:
    """Targets with the same layers and the same classes; what is needed for each of their findings is computed once."""

    def __init__(self, node: Node, governance: Governance) -> None:
        self.targets: list[Target] = []
        self.node = node
        self.governance = governance
        self._holding_secrets: dict[Schema, bool] = {}

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The variables whose value must not be shown."""
        return hidden_names(self.node, self.governance)

    def holds_secret(self, schema: Schema) -> bool:
        """Return whether one of the variables of a class is hidden, or holds a password."""
        if schema not in self._holding_secrets:
            self._holding_secrets[schema] = any(
                name in self.hidden or has_password(self.node.values.get(name) or "") for name in schema.rules
            )
        return self._holding_secrets[schema]


def group_targets(own: Mapping[Target, Node], governed: Mapping[Target, Governance]) -> dict[Target, TargetGroup]:
    """Return the group of each target."""
    by_key: dict[tuple[int, int], TargetGroup] = {}
    found = {}
    for target, node in own.items():
        governance = governed[target]
        key = (id(node.values), id(governance))
        if key not in by_key:
            by_key[key] = TargetGroup(node, governance)
        by_key[key].targets.append(target)
        found[target] = by_key[key]
    return found


def govern(targets: Iterable[Target], schemas: tuple[Schema, ...]) -> dict[Target, Governance]:
    """Return the governance of each target; targets with the same classes share one object."""
    secret = frozenset(rule.name for schema in schemas for rule in schema.rules.values() if rule.secret)
    by_scope: dict[Scope, list[tuple[int, Schema]]] = {}
    for number, schema in enumerate(sorted(schemas, key=lambda each: each.service is not None)):
        by_scope.setdefault((schema.service, schema.process, schema.environment), []).append((number, schema))
    processes, environments = ({scope[part] for scope in by_scope} for part in (1, 2))
    shared: dict[tuple[Schema, ...], Governance] = {}
    known: dict[Scope, Governance] = {}
    found = {}
    for target in targets:
        process = target.process if target.process in processes else None
        environment = target.environment if target.environment in environments else None
        scope = (target.service, process, environment)
        if scope not in known:
            governing = _governing(scope, by_scope)
            if governing not in shared:
                shared[governing] = _governance(governing, secret)
            known[scope] = shared[governing]
        found[target] = known[scope]
    return found


def _governing(scope: Scope, by_scope: Mapping[Scope, list[tuple[int, Schema]]]) -> tuple[Schema, ...]:
    """Return the classes of a scope and of all wider ones, by their numbers."""
    service, process, environment = scope
    wider = {*product((None, service), (None, process), (None, environment))}
    return tuple(schema for _, schema in sorted(each for every in wider for each in by_scope.get(every, ())))


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
    """Return a target's hidden names: undeclared, secret, sealed, of doubtful value, or derived from one of these."""
    sealed = {
        name
        for name, entries in node.provenance.items()
        if any(each.sealed for each in node.expands.get(name, entries[-1:]))
    }
    hidden = (node.provenance.keys() - governance.known) | governance.secret | sealed
    hidden |= {name for name, text in node.values.items() if text and name not in hidden and _is_doubtful(name, text)}
    hidden |= {name for name in node.expands if name not in hidden and _has_doubtful_part(node, name)}
    return frozenset(hidden | derived_from(node, hidden))


def _has_doubtful_part(node: Node, name: str) -> bool:
    """Return whether an `!expand` is made of a value of its own name that may be a secret, or is part of a password."""
    made_of = node.expands[name]
    if len(made_of) == 1:
        return False
    texts = [text for text in inherited_texts(made_of, node.values) if text]
    return any(_is_doubtful(name, text) or has_password(text) for text in texts)


@lru_cache(JUDGED)
def _is_doubtful(name: str, text: str) -> bool:
    """Return whether a value may be a secret that no class declares; of a password in an address, the rest is shown."""
    return judge(name, text).certainty != "plain" and not has_password(text)


def derived_from(node: Node, secret: Iterable[str]) -> frozenset[str]:
    """Return the `!expand` variables that refer to these names, directly or not; not the names themselves."""
    if not node.expands:
        return frozenset()
    users: dict[str, list[str]] = {}
    for name, made_of in node.expands.items():
        for each in references_of(made_of):
            users.setdefault(each, []).append(name)
    secret = frozenset(secret)
    tainted: set[str] = set()
    pending = list(secret.intersection(users))
    while pending:
        new = [name for name in users.get(pending.pop(), ()) if name not in tainted and name not in secret]
        tainted.update(new)
        pending += new
    return frozenset(tainted)
