"""Values from files, fitted to a tree that has others: what the files don't say stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.tree import COMMON
from envtree.migration.importing.proof import delivered

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from envtree.core.compile import Compilation
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.fitting.origin import ValueOrigin
    from envtree.migration.importing.merge import Layers


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
    given = delivered(compilation.nodes[str(imported.deployment)])
    if origin.is_exact:
        return imported
    if imported.deployment.service not in known:
        values = {**imported.values, **given} if origin.is_default else {**given, **imported.values}
        return imported._replace(values=values)
    if not origin.is_default:
        return imported
    return imported._replace(values={name: text for name, text in imported.values.items() if name not in given})


def hoisted(layers: Layers, compilation: Compilation, secrets: Collection[str]) -> Layers:
    """Return the layers, with one entry for a service where each of its environments would get the same one."""
    found: Layers = {layer_id: dict(entries) for layer_id, entries in layers.items()}
    for service in compilation.project.services:
        common = f"{service.name}/{COMMON}"
        ids = [f"{service.name}/{environment}" for environment in service.environments]
        own = [layers.get(layer_id, {}) for layer_id in ids]
        taken = {*found.get(common, ()), *secrets, *_names(compilation, [common, *ids])}
        for name in sorted(set.intersection(*map(set, own)) - taken if len(own) > 1 else ()):
            if len({entries[name] for entries in own}) == 1:
                found.setdefault(common, {})[name] = own[0][name]
                for layer_id in ids:
                    del found[layer_id][name]
    return {layer_id: dict(sorted(found[layer_id].items())) for layer_id in sorted(found) if found[layer_id]}


def _names(compilation: Compilation, layer_ids: Sequence[str]) -> set[str]:
    layers: Mapping[str, object] = compilation.layers
    return {name for each in layer_ids if each in layers for name in compilation.layers[each].entries}
