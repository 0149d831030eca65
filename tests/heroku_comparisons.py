"""Fleets in memory held against what a tree would give them, from plain tables of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.tree import Entry, Span
from envtree.core.settings.heroku import Deployment, Expectation
from envtree.migration.apps.fleet import App, Attachment
from envtree.migration.comparing.compare import ProcessValues, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.settings.heroku import Expected
    from envtree.migration.comparing.comparison import Difference, HerokuComparison

    Row = Mapping[str, str | None]

SEALED = "\0sealed"
"""In a table of ours, a value that can't be known."""
HERE = "production/accounts"


def a_cell(text: str) -> Deployment:
    return Deployment(*text.split("/"))


def an_app(values: Mapping[str, str] | None, cell: str = HERE, *addon: str, release: int | None = 41) -> App:
    """An app, in which an add-on sets some of the config vars."""
    attachments = (Attachment("DATABASE", "postgresql-clear-1", "heroku-postgresql:mini", addon),) if addon else ()
    name = f"acme-{cell.replace('/', '-')}"
    return App(name, values=values, release=release, attachments=attachments)


def ours(values: Row, process: str = "common") -> ProcessValues:
    """What a process gets; None is removed by an entry. The n-th variable stands in line n."""
    entries = {
        name: Entry(name, text, f"configs/accounts/{process}.yaml", line, 10, 1, line, 1)
        for line, (name, text) in enumerate(values.items(), 1)
    }
    return ProcessValues(
        {name: text for name, text in values.items() if text not in (None, SEALED)},
        entries,
        frozenset(name for name, text in values.items() if text == SEALED),
    )


def expect(
    name: str,
    selector: str = "",
    reason: str = "we know",
    owner: str = "",
    what: Expected = "different",
    *,
    shared: bool = False,
) -> Expectation:
    return Expectation(name, owner, selector, reason, Span("envtree.yaml", 9, 5, len(name)), what, shared)


def compared(
    heroku: Mapping[str, str] | App,
    *processes: Row,
    expectations: tuple[Expectation, ...] = (),
    base: Mapping[str, str] | None = None,
    dyno: Mapping[str, str] | None = None,
    elsewhere: Mapping[str, Mapping[str, str]] | None = None,
) -> HerokuComparison:
    """One app held against its processes (`web`, then `worker`), beside others that are the same."""
    app = heroku if isinstance(heroku, App) else an_app(heroku)
    own = {name: ours(row, f"{name}/common") for name, row in zip(("web", "worker"), processes, strict=False)}
    others = [(a_cell(name), an_app(values, name), {"web": ours(values)}) for name, values in (elsewhere or {}).items()]
    return compare(
        [(a_cell(HERE), app, own), *others],
        expectations,
        {} if base is None else {app.name: base},
        {} if dyno is None else {a_cell(HERE): dyno},
    )


def single(comparison: HerokuComparison) -> Difference:
    """The one difference that there is."""
    (found,) = comparison.differences
    return found
