"""Resolutions against schemas: what is unknown, missing or invalid, each mistake once, with the targets it hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.diagnostic import Diagnostic
from envtree.core.envdir import is_plain_name
from envtree.core.finding import Finding, describe
from envtree.core.govern import made_of
from envtree.core.ports import clashes
from envtree.core.source import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.govern import Governance
    from envtree.core.resolve import Node
    from envtree.core.rules import Schema
    from envtree.core.tree import Project, Target


def check(
    project: Project, own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> tuple[Diagnostic, ...]:
    """All that the schemas have against the resolutions, and port clashes."""
    findings: dict[Finding, list[Target]] = {}
    for targets, node, governance in _alike(own, governed):
        for finding in _findings(node, governance):
            findings.setdefault(finding, []).extend(targets)
    ungoverned = tuple(target for target in own if not governed[target].schemas)
    return (
        *(describe(finding, tuple(sorted(targets)), own, governed) for finding, targets in findings.items()),
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


def _findings(node: Node, governance: Governance) -> Iterable[Finding]:
    """What is wrong with the variables of one resolution."""
    for name in node.provenance.keys() - governance.known:
        if governance.schemas or not is_plain_name(name):
            yield Finding("unknown", name, node.provenance[name][-1])
    for name in governance.required:
        if node.values.get(name) is None and name not in node.failed:
            yield Finding("missing", name, None, next(each for each in governance.schemas if name in each.rules))
    texts = {name: text for name, text in node.values.items() if text is not None and name not in node.failed}
    for schema in governance.schemas:
        if schema.whole and not node.failed.keys() & schema.rules.keys():
            yield from _judged_together(node, schema, texts)
            continue
        for name in schema.rules.keys() & texts.keys():
            if fault := schema.judge(name, texts[name]):
                yield Finding("invalid", name, node.provenance[name][-1], None, fault)
    for name in made_of(node, governance.secret):
        yield Finding("undeclared-secret", name, node.expands[name])


def _judged_together(node: Node, schema: Schema, texts: Mapping[str, str]) -> Iterable[Finding]:
    for name, fault in schema.judge_together(texts).items():
        if name:
            yield Finding("invalid", name, node.provenance[name][-1], None, fault)
            continue
        entries = [node.provenance[each][-1] for each in schema.involved() or schema.rules if each in texts]
        narrowest = max(entries, key=lambda entry: (entry.file.count("/"), entry.file, entry.line), default=None)
        yield Finding("inconsistent", "", narrowest, schema, fault)


def _ungoverned(targets: tuple[Target, ...]) -> Diagnostic:
    return Diagnostic(
        "ungoverned-process",
        "no schema governs these processes; their variables are checked for form alone",
        help=f"declare their variables in {SCHEMAS}common.py, or in a schema of their service",
        targets=targets,
        severity="warning",
    )
