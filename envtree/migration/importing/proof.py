"""The proof of an import: what each process will get is compared, byte for byte, with what Heroku gives its app."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.render.mask import one_line
from envtree.core.runit.envdir import decode, encode
from envtree.migration.apps.fleet import by_deployment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Target
    from envtree.migration.importing.carried import ImportedApp


class Mismatch(NamedTuple):
    """A variable that a process would not get as Heroku gives it."""

    target: Target
    name: str
    app: str


def delivered(node: Node) -> dict[str, str]:
    """Return what nested chpst calls give a process: each envdir encoded, and read as chpst reads it."""
    values = delivered(node.parent) if node.parent else {}
    for name, text in node.changes.items():
        read = decode(encode(text))
        if read is None:
            values.pop(name, None)
        else:
            values[name] = read
    return values


def mismatches(
    apps: Iterable[ImportedApp], own: Mapping[Target, Node], kept: Collection[tuple[Target, str]] = ()
) -> Iterator[Mismatch]:
    """Yield every variable of every process that is not as Heroku has it, except what is kept on purpose."""
    deployments = by_deployment(own)
    for each in apps:
        for target, node in deployments[each.deployment].items():
            values = delivered(node)
            names = sorted(values.keys() | each.values.keys())
            wrong = (name for name in names if values.get(name) != each.values.get(name))
            yield from (Mismatch(target, name, each.app.name) for name in wrong if (target, name) not in kept)


def as_diagnostic(mismatch: Mismatch) -> Diagnostic:
    """Return a diagnostic for a mismatch: it is a bug of envtree, and is never written."""
    message = f"{mismatch.target} would not get `{one_line(mismatch.name)}` as {mismatch.app} has it"
    return Diagnostic("import-failed", message, help="nothing was written; please report it as a bug")
