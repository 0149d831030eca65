"""Checks resolutions against schemas: each unknown, missing or invalid variable is reported once, with its targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import SCHEMAS
from envtree.core.runit.envdir import is_plain_name
from envtree.core.schema.finding import Finding, describe
from envtree.core.schema.governance import derived_from
from envtree.core.schema.ports import clashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Project, Target
    from envtree.core.schema.governance import Governance
    from envtree.core.schema.messages import ValueFault
    from envtree.core.schema.rules import Schema

    _FaultCache = dict[tuple[Schema, int], Mapping[str, ValueFault]]


def check(
    project: Project, own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> tuple[Diagnostic, ...]:
    """Return every fault that the schemas find in the resolutions, and the port clashes."""
    findings: dict[Finding, list[Target]] = {}
    cache: _FaultCache = {}
    for targets, node, governance in _groups(own, governed):
        for finding in _findings(node, governance, cache):
            findings.setdefault(finding, []).extend(targets)
    ungoverned = tuple(target for target in own if not governed[target].schemas)
    return (
        *(describe(finding, tuple(sorted(set(targets))), own, governed) for finding, targets in findings.items()),
        *clashes(project, own, governed),
        *((_ungoverned(ungoverned),) if ungoverned else ()),
    )


def _groups(
    own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> Iterable[tuple[list[Target], Node, Governance]]:
    """Return the targets in groups with the same layers and the same classes: each group is checked once."""
    groups: dict[tuple[int, int], tuple[list[Target], Node, Governance]] = {}
    for target, node in own.items():
        governance = governed[target]
        groups.setdefault((id(node.values), id(governance)), ([], node, governance))[0].append(target)
    return groups.values()


def _findings(node: Node, governance: Governance, cache: _FaultCache) -> Iterable[Finding]:
    """Yield what is wrong with the variables of one resolution."""
    for name in node.provenance.keys() - governance.known:
        if governance.schemas or not is_plain_name(name):
            yield Finding("unknown", name, node.provenance[name][-1])
    for name in governance.required:
        if node.values.get(name) is None and name not in node.failed:
            yield Finding("missing", name, None, governance.requiring(name))
    for schema in governance.schemas:
        for name, fault in (_joint_faults if schema.needs_whole_target else _value_faults)(schema, node, cache).items():
            if name in node.failed:
                continue
            if name:
                yield Finding("invalid", name, node.provenance[name][-1], None, fault)
            else:
                yield Finding("inconsistent", name, _narrowest(schema, node), schema, fault)
    for name in derived_from(node, governance.secret):
        yield Finding("undeclared-secret", name, node.expands[name])


def _value_faults(schema: Schema, node: Node, cache: _FaultCache) -> Mapping[str, ValueFault]:
    """Return the faults of a node's values by name: its parent's, except where this node changes a value."""
    if node.parent is None:
        return {}
    key = (schema, id(node))
    if key not in cache:
        faults = _value_faults(schema, node.parent, cache)
        changed = {name: text for name, text in node.changes.items() if name in schema.rules}
        if changed:
            found = ((name, schema.check_value(name, text)) for name, text in changed.items() if text is not None)
            kept = {name: fault for name, fault in faults.items() if name not in changed}
            faults = kept | {name: fault for name, fault in found if fault}
        cache[key] = faults
    return cache[key]


def _joint_faults(schema: Schema, node: Node, _cache: _FaultCache) -> Mapping[str, ValueFault]:
    """Return a node's faults under a class that compares several values; empty where one of these is not known."""
    if not schema.rules.keys().isdisjoint(node.failed):
        return {}
    values = {name: text for name, text in node.values.items() if text is not None}
    faults = schema.check_values(values)
    missing = any(rule.required and name not in values for name, rule in schema.rules.items())
    return {name: fault for name, fault in faults.items() if not (fault.crashed and missing)}


def _narrowest(schema: Schema, node: Node) -> Entry | None:
    """Return the entry that the fewest processes see, of those that a validator over several variables used."""
    names = [name for name in schema.involved() or schema.rules if node.values.get(name) is not None]
    entries = [node.provenance[name][-1] for name in names]
    return max(entries, key=lambda entry: (entry.file.count("/"), entry.file, entry.line), default=None)


def _ungoverned(targets: tuple[Target, ...]) -> Diagnostic:
    """Return the warning about processes that no schema governs."""
    return Diagnostic(
        "ungoverned-process",
        "no schema governs these processes; their variables are checked for form alone",
        help=f"declare their variables in {SCHEMAS}common.py, or in a schema of their service",
        targets=targets,
        severity="warning",
    )
