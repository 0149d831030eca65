"""Which config vars an envdir can carry to a process, and which are left for a person to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.render.mask import one_line
from envtree.core.runit.envdir import name_fault, value_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.settings.heroku import Deployment
    from envtree.migration.apps.fleet import App


class ImportedApp(NamedTuple):
    """An app and where it belongs, with those of its config vars that can be carried."""

    cell: Deployment
    app: App
    values: Mapping[str, str]


def parts_of(assigned: Iterable[tuple[Deployment, App]]) -> tuple[tuple[ImportedApp, ...], tuple[Diagnostic, ...]]:
    """The apps whose config vars are known, with what can be carried; and what can't, each with its app."""
    parts = []
    left: list[Diagnostic] = []
    for cell, app in assigned:
        if app.values is None:
            continue
        found = {
            name: fault for name, text in app.values.items() if (fault := name_fault(name) or value_fault(name, text))
        }
        parts.append(
            ImportedApp(cell, app, {name: app.values[name] for name in sorted(app.values) if name not in found})
        )
        for name, fault in sorted(found.items()):
            advice = f"{fault.help}; " if fault.help else ""
            left.append(
                Diagnostic(
                    "uncarried-value",
                    f"`{one_line(name)}` of {app.name} ({cell}) {fault.message}",
                    help=f"{advice}change the value on Heroku, or set another in the tree and expect it to differ",
                )
            )
    return tuple(parts), tuple(left)
