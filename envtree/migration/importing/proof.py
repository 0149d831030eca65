"""The proof of an import: what each process will get is held against what Heroku gives its app, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.render.mask import one_line
from envtree.core.runit.envdir import decode, encode
from envtree.migration.apps.fleet import by_cell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Target
    from envtree.migration.importing.carried import ImportedApp


class Unequal(NamedTuple):
    """A variable that a process would not get as Heroku gives it."""

    target: Target
    name: str
    app: str


def delivered(node: Node) -> dict[str, str]:
    """What the nested chpst calls give a process: each envdir of the chain, encoded, and read as chpst reads it."""
    values = delivered(node.above) if node.above else {}
    for name, text in node.changes.items():
        read = decode(encode(text))
        if read is None:
            values.pop(name, None)
        else:
            values[name] = read
    return values


def unequal(
    parts: Iterable[ImportedApp], own: Mapping[Target, Node], kept: Collection[tuple[Target, str]] = ()
) -> Iterator[Unequal]:
    """Every variable of every process that is not as Heroku has it, less what is kept on purpose."""
    cells = by_cell(own)
    for part in parts:
        for target, node in cells[part.cell].items():
            values = delivered(node)
            names = sorted(values.keys() | part.values.keys())
            wrong = (name for name in names if values.get(name) != part.values.get(name))
            yield from (Unequal(target, name, part.app.name) for name in wrong if (target, name) not in kept)


def as_diagnostic(each: Unequal) -> Diagnostic:
    """What is said of one; it would be a bug of ours, and is never written."""
    message = f"{each.target} would not get `{one_line(each.name)}` as {each.app} has it"
    return Diagnostic("import-failed", message, help="nothing was written; please report it as a bug")
