"""Port clashes: two processes that run on one machine and listen on the same port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.schema.governance import hidden_names

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Project, Target
    from envtree.core.schema.governance import Governance, TargetGroup

Listener = tuple["Target", "Entry"]


def clashes(
    project: Project, groups: Mapping[Target, TargetGroup], refused: Container[tuple[Target, str]]
) -> Iterable[Diagnostic]:
    """Yield a diagnostic for each group of entries that give processes of one machine the same port.

    A value that is refused already, which is said by the target and its name, is no port.
    """
    shared = {each.name for each in project.environments if each.instance == "together"}
    listeners: dict[tuple[str, str, str], list[Listener]] = {}
    for target, group in groups.items():
        machine, node = _machine(target, shared), group.node
        for name in group.governance.ports:
            text = node.values.get(name)
            if text is not None and name not in node.failed and (target, name) not in refused:
                for port in dict.fromkeys(text.split(",")):  # of a `Csv[Port]`, each item is one
                    listeners.setdefault((*machine, port), []).append((target, node.provenance[name][-1]))
    found: dict[tuple[str, tuple[Entry, ...]], list[Target]] = {}
    hidden: set[Entry] = set()
    for (_, _, port), sharing in listeners.items():
        if len(sharing) > 1:
            entries = tuple(sorted({entry for _, entry in sharing}, key=lambda entry: entry.span))
            found.setdefault((port, entries), []).extend(target for target, _ in sharing)
            hidden.update(entry for target, entry in sharing if entry.name in groups[target].hidden)
    for (port, entries), targets in found.items():
        number = "a port" if hidden.intersection(entries) else f"port {port}"
        yield _clash(number, entries, tuple(sorted(set(targets))), shared)


def neighbours(project: Project, targets: Iterable[Target]) -> frozenset[Target]:
    """Return all targets that run on the machines of these targets, these included."""
    shared = {each.name for each in project.environments if each.instance == "together"}
    machines = {_machine(target, shared) for target in targets}
    return frozenset(target for target in project.targets if _machine(target, shared) in machines)


def _machine(target: Target, shared: set[str]) -> tuple[str, str]:
    """Return what identifies a target's machine: its environment, and its service unless services share machines."""
    return target.environment, "" if target.environment in shared else target.service


def ports_by_service(
    project: Project, own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> dict[str, tuple[str, ...] | None]:
    """Return each service's ports where services share a machine; None where one is hidden: it is written nowhere."""
    shared = {each.name for each in project.environments if each.instance == "together"}
    found: dict[str, tuple[str, ...] | None] = {}
    for target, node in own.items():
        if target.environment in shared:
            key = f"{target.environment}/{target.service}"
            names = governed[target].ports & node.values.keys()
            known = found.get(key, ())
            texts = sorted(node.values[name] or "" for name in names)
            hidden = known is None or (names and names & hidden_names(node, governed[target]))
            found[key] = None if hidden else (*(known or ()), *texts)
    return found


def _clash(port: str, entries: tuple[Entry, ...], targets: tuple[Target, ...], shared: set[str]) -> Diagnostic:
    *others, last = entries
    machine = "they share the machines of " + some(
        sorted(
            {
                each.environment if each.environment in shared else f"{each.environment}/{each.service}"
                for each in targets
            }
        )
    )
    return Diagnostic(
        "port-clash",
        f"{port} is given twice to {targets[0]}"
        if len(targets) == 1
        else f"{port} is given to more than one process of a machine",
        last.span if port != "a port" else last.name_span,
        label="the same port" if others else "every process here gets this port",
        notes=(*(f"also `{entry.name}` at {entry.span}" for entry in others), machine),
        help="give each process a port of its own, in its own folder" if not others else "change one of them",
        targets=targets,
        shown=port != "a port",
        involved=tuple(dict.fromkeys(entry.name for entry in entries)),
    )
