"""Checks resolutions against schemas: each unknown, missing or invalid variable is reported once, with its targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import SCHEMAS
from envtree.core.runit.envdir import is_plain_name
from envtree.core.schema.finding import Finding, describe
from envtree.core.schema.governance import derived_from, group_targets
from envtree.core.schema.marks.deprecated import deprecations
from envtree.core.schema.ports import clashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Project, Target
    from envtree.core.schema.governance import Governance, TargetGroup
    from envtree.core.schema.rules import Schema
    from envtree.core.schema.words.messages import ValueFault

    _FaultCache = dict[tuple[Schema, int], Mapping[str, ValueFault]]


def check(
    project: Project, own: Mapping[Target, Node], governed: Mapping[Target, Governance], today: str = ""
) -> tuple[Diagnostic, ...]:
    """Return every fault that the schemas find in the resolutions, the port clashes, and what is deprecated.

    `today` is the day by which deprecations are judged, as `2027-01-31`; empty for one on which none is over.
    """
    groups = group_targets(own, governed)
    findings: dict[Finding, list[Target]] = {}
    cache: _FaultCache = {}
    for group in dict.fromkeys(groups.values()):
        for finding in _findings(group.node, group.governance, cache):
            findings.setdefault(finding, []).extend(group.targets)
    refused = {
        (target, finding.name)
        for finding, targets in findings.items()
        if finding.kind == "invalid"
        for target in targets
    }
    ungoverned = tuple(target for target in own if not governed[target].schemas)
    return (
        *(_described(finding, targets, groups) for finding, targets in findings.items()),
        *clashes(project, groups, refused),
        *deprecations(groups, today),
        *((_ungoverned(ungoverned),) if ungoverned else ()),
    )


def _described(finding: Finding, targets: Iterable[Target], groups: Mapping[Target, TargetGroup]) -> Diagnostic:
    first, *others = sorted(set(targets))
    return describe(finding, (first, *others), groups[first])


def _findings(node: Node, governance: Governance, cache: _FaultCache) -> Iterable[Finding]:
    """Yield what is wrong with the variables of one resolution."""
    for entry in _unknown(node, governance):
        yield Finding("unknown", entry.name, entry)
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
        yield Finding("undeclared-secret", name, node.expands[name][-1])


def _unknown(node: Node, governance: Governance) -> list[Entry]:
    """Return the entries of variables that no class declares, in the order of their lines; without classes, odd names.

    The order decides which of very many get a suggestion.
    """
    names = node.provenance.keys() - governance.known
    found = [node.provenance[name][-1] for name in names if governance.schemas or not is_plain_name(name)]
    return sorted(found, key=lambda entry: (entry.file, entry.name_line, entry.name_column))


def _value_faults(schema: Schema, node: Node, cache: _FaultCache) -> Mapping[str, ValueFault]:
    """Return the faults of a node's values by name: its parent's, except where this node changes a value."""
    if node.parent is None:
        return {}
    key = (schema, id(node))
    if key not in cache:
        faults = _value_faults(schema, node.parent, cache)
        rules, changes = schema.rules, node.changes
        names = rules if len(rules) < len(changes) else changes
        changed = {name: changes[name] for name in names if name in changes and name in rules}
        if changed:
            kept = {name: fault for name, fault in faults.items() if name not in changed}
            faults = kept | schema.check_each({name: text for name, text in changed.items() if text is not None})
        cache[key] = faults
    return cache[key]


def _joint_faults(schema: Schema, node: Node, _cache: _FaultCache) -> Mapping[str, ValueFault]:
    """Return a node's faults under a class that compares several values; empty where one of these is not known."""
    if not schema.rules.keys().isdisjoint(node.failed):
        return {}
    faults = schema.check_values(node.values)
    if not any(fault.crashed for fault in faults.values()):
        return faults
    missing = any(rule.required and node.values.get(name) is None for name, rule in schema.rules.items())
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
