"""Which config vars an envdir can carry to a process, and which a person must decide about."""

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
    """An app and its deployment, with those of its config vars that can be carried."""

    deployment: Deployment
    app: App
    values: Mapping[str, str]


def imported_apps(assigned: Iterable[tuple[Deployment, App]]) -> tuple[tuple[ImportedApp, ...], tuple[Diagnostic, ...]]:
    """Return the apps whose config vars are known, with what can be carried; and a diagnostic for what can't."""
    apps = []
    uncarried: list[Diagnostic] = []
    for deployment, app in assigned:
        if app.values is None:
            continue
        faults = {
            name: fault for name, text in app.values.items() if (fault := name_fault(name) or value_fault(name, text))
        }
        apps.append(
            ImportedApp(deployment, app, {name: app.values[name] for name in sorted(app.values) if name not in faults})
        )
        for name, fault in sorted(faults.items()):
            advice = f"{fault.help}; " if fault.help else ""
            uncarried.append(
                Diagnostic(
                    "uncarried-value",
                    f"`{one_line(name)}` of {app.name} ({deployment}) {fault.message}",
                    help=f"{advice}change the value on Heroku, or set another in the tree and expect it to differ",
                )
            )
    return tuple(apps), tuple(uncarried)
