"""Variables that the shell of a run script sets itself, so that the process gets another value than is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.runit.shell import BASH, BASHS_OWN, DASHS_OWN, shell_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target

_EITHERS = DASHS_OWN | BASHS_OWN
_HELP = "give it another name; `envtree exec` and `envtree export` carry it as it is"


def shell_variables(own: Mapping[Target, Node]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each entry that the shell in front of a process replaces, with its targets."""
    found: dict[tuple[Entry, str, bool], list[Target]] = {}
    for target, node in own.items():
        names = [name for name in _EITHERS if node.values.get(name) is not None and name not in node.failed]
        shell = shell_for(node.values) if names else ""
        for name in names:
            text = node.values[name] or ""
            stops = name == "OPTIND" and shell != BASH and not text.isdecimal()
            if name in (BASHS_OWN if shell == BASH else DASHS_OWN):
                found.setdefault((node.provenance[name][-1], shell, stops), []).append(target)
    for (entry, shell, stops), targets in found.items():
        yield _described(entry, shell, tuple(sorted(targets)), stops=stops)


def _described(entry: Entry, shell: str, targets: tuple[Target, ...], *, stops: bool) -> Diagnostic:
    message = f"`{entry.name}` is a variable that {shell} sets itself: the process gets another value"
    if stops:
        message = f"`{entry.name}` is no number, and {shell} does not start with it"
    return Diagnostic(
        "shell-variable",
        message,
        entry.name_span,
        help=_HELP,
        targets=targets,
        severity="error" if stops else "warning",
        variable=entry.name,
    )
