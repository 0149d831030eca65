"""Values from files, fitted to a tree that has others: what the files don't say stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.migration.importing.proof import delivered

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from envtree.core.compile import Compilation
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.fitting.origin import ValueOrigin


def fitted(
    apps: Sequence[ImportedApp], compilation: Compilation, known: Collection[str], origin: ValueOrigin
) -> tuple[ImportedApp, ...]:
    """Return the apps as an exact import takes them: a new service has what the tree gives every service, too.

    Of a service that is `known`, defaults are left out where there is a value.
    """
    return tuple(_fitted(each, compilation, known, origin) for each in apps)


def _fitted(
    imported: ImportedApp, compilation: Compilation, known: Collection[str], origin: ValueOrigin
) -> ImportedApp:
    if origin.is_exact:
        return imported
    given = delivered(compilation.nodes[str(imported.deployment)])
    if imported.deployment.service not in known:
        values = {**imported.values, **given} if origin.is_default else {**given, **imported.values}
        return imported._replace(values=values)
    if not origin.is_default:
        return imported
    return imported._replace(values={name: text for name, text in imported.values.items() if name not in given})
