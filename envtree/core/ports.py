"""Port clashes: two processes that run together on one machine, and listen on the same port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.diagnostic import Diagnostic, some
from envtree.core.govern import hidden_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.govern import Governance
    from envtree.core.resolve import Node
    from envtree.core.tree import Entry, Project, Target

Listener = tuple["Target", "Entry"]


def clashes(
    project: Project, own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> Iterable[Diagnostic]:
    """Each pair (or more) of lines that give two processes of one machine the same port."""
    together = {each.name for each in project.environments if each.instance == "together"}
    listeners: dict[tuple[str, str, str], list[Listener]] = {}
    for target, node in own.items():
        machine = (target.environment, "" if target.environment in together else target.service)
        for name in governed[target].ports:
            text = node.values.get(name)
            if text is not None and name not in node.failed:
                listeners.setdefault((*machine, text), []).append((target, node.provenance[name][-1]))
    found: dict[tuple[str, tuple[Entry, ...]], list[Target]] = {}
    hidden: set[Entry] = set()
    for (_, _, port), sharing in listeners.items():
        if len(sharing) > 1:
            entries = tuple(sorted({entry for _, entry in sharing}, key=lambda entry: entry.span))
            found.setdefault((port, entries), []).extend(target for target, _ in sharing)
            hidden.update(
                entry for target, entry in sharing if entry.name in hidden_names(own[target], governed[target])
            )
    for (port, entries), targets in found.items():
        number = "a port" if hidden.intersection(entries) else f"port {port}"
        yield _clash(number, entries, tuple(sorted(set(targets))), together)


def _clash(port: str, entries: tuple[Entry, ...], targets: tuple[Target, ...], together: set[str]) -> Diagnostic:
    *others, last = entries
    machine = "they share the machines of " + some(
        sorted(
            {
                each.environment if each.environment in together else f"{each.environment}/{each.service}"
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
    )
