"""Resolutions against schemas: what is unknown, missing or invalid, each mistake once, with the targets it hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import SCHEMAS
from envtree.core.runit.envdir import is_plain_name
from envtree.core.schema.finding import Finding, describe
from envtree.core.schema.governance import made_of
from envtree.core.schema.ports import clashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Project, Target
    from envtree.core.schema.governance import Governance
    from envtree.core.schema.messages import ValueFault
    from envtree.core.schema.rules import Schema

    _Judged = dict[tuple[Schema, int], Mapping[str, ValueFault]]


def check(
    project: Project, own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> tuple[Diagnostic, ...]:
    """All that the schemas have against the resolutions, and port clashes."""
    findings: dict[Finding, list[Target]] = {}
    judged: _Judged = {}
    for targets, node, governance in _alike(own, governed):
        for finding in _findings(node, governance, judged):
            findings.setdefault(finding, []).extend(targets)
    ungoverned = tuple(target for target in own if not governed[target].schemas)
    return (
        *(describe(finding, tuple(sorted(set(targets))), own, governed) for finding, targets in findings.items()),
        *clashes(project, own, governed),
        *((_ungoverned(ungoverned),) if ungoverned else ()),
    )


def _alike(
    own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> Iterable[tuple[list[Target], Node, Governance]]:
    """Targets that get the same from the same layers under the same classes, to be judged once."""
    groups: dict[tuple[int, int], tuple[list[Target], Node, Governance]] = {}
    for target, node in own.items():
        governance = governed[target]
        groups.setdefault((id(node.values), id(governance)), ([], node, governance))[0].append(target)
    return groups.values()


def _findings(node: Node, governance: Governance, judged: _Judged) -> Iterable[Finding]:
    """What is wrong with the variables of one resolution."""
    for name in node.provenance.keys() - governance.known:
        if governance.schemas or not is_plain_name(name):
            yield Finding("unknown", name, node.provenance[name][-1])
    for name in governance.required:
        if node.values.get(name) is None and name not in node.failed:
            yield Finding("missing", name, None, governance.requiring(name))
    for schema in governance.schemas:
        for name, fault in (_judge_together if schema.whole else _judge)(schema, node, judged).items():
            if name in node.failed:
                continue
            if name:
                yield Finding("invalid", name, node.provenance[name][-1], None, fault)
            else:
                yield Finding("inconsistent", name, _narrowest(schema, node), schema, fault)
    for name in made_of(node, governance.secret):
        yield Finding("undeclared-secret", name, node.expands[name])


def _judge(schema: Schema, node: Node, judged: _Judged) -> Mapping[str, ValueFault]:
    """The wrong values of a node, by name: those of the node above, but for what changes here."""
    if node.above is None:
        return {}
    key = (schema, id(node))
    if key not in judged:
        faults = _judge(schema, node.above, judged)
        changed = {name: text for name, text in node.changes.items() if name in schema.rules}
        if changed:
            found = ((name, schema.judge(name, text)) for name, text in changed.items() if text is not None)
            kept = {name: fault for name, fault in faults.items() if name not in changed}
            faults = kept | {name: fault for name, fault in found if fault}
        judged[key] = faults
    return judged[key]


def _judge_together(schema: Schema, node: Node, _judged: _Judged) -> Mapping[str, ValueFault]:
    """The wrong values of a node under a class that looks at all of them; nothing where one of them isn't known."""
    if not schema.rules.keys().isdisjoint(node.failed):
        return {}
    values = {name: text for name, text in node.values.items() if text is not None}
    faults = schema.judge_together(values)
    missing = any(rule.required and name not in values for name, rule in schema.rules.items())
    return {name: fault for name, fault in faults.items() if not (fault.crashed and missing)}


def _narrowest(schema: Schema, node: Node) -> Entry | None:
    """Of the lines that a validator over several looked at, the one that the fewest processes see."""
    names = [name for name in schema.involved() or schema.rules if node.values.get(name) is not None]
    entries = [node.provenance[name][-1] for name in names]
    return max(entries, key=lambda entry: (entry.file.count("/"), entry.file, entry.line), default=None)


def _ungoverned(targets: tuple[Target, ...]) -> Diagnostic:
    return Diagnostic(
        "ungoverned-process",
        "no schema governs these processes; their variables are checked for form alone",
        help=f"declare their variables in {SCHEMAS}common.py, or in a schema of their service",
        targets=targets,
        severity="warning",
    )
