"""The classes of an import's schemas: what a service always has is required, and only what all have is common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import some
from envtree.core.model.tree import COMMON as COMMON_LAYER
from envtree.migration.importing.guess import TEXT, guess, is_secret
from envtree.migration.importing.schemas.schema_file import COMMON, FieldDeclaration, SchemaClass, path_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from envtree.core.settings.heroku import Deployment
    from envtree.migration.importing.factor import Layers

MAX_LACKING = 3
"""How many variables a deployment may lack that all others of its service have, before it gets a class of its own."""


def secret_names(deployments: Mapping[Deployment, Mapping[str, str]]) -> frozenset[str]:
    """Return the variables that must be hidden, by all the values that each has."""
    texts: dict[str, list[str]] = {}
    for values in deployments.values():
        for name, text in values.items():
            texts.setdefault(name, []).append(text)
    return frozenset(name for name, found in texts.items() if is_secret(name, found))


def classes_by_path(
    deployments: Mapping[Deployment, Mapping[str, str]], secrets: Collection[str], layers: Layers
) -> dict[str, tuple[SchemaClass, ...]]:
    """Return the classes of each schema file; common are only the variables that all of several services have.

    `layers` are those that give the deployments their variables: what one removes, its processes must know.
    """
    services: dict[str, dict[str, Mapping[str, str]]] = {}
    for deployment, values in deployments.items():
        services.setdefault(deployment.service, {})[deployment.environment] = values
    common = set.intersection(*(set(values) for values in deployments.values())) if len(services) > 1 else set()
    texts = {name: [values[name] for values in deployments.values()] for name in sorted(common)}
    found: dict[str, tuple[SchemaClass, ...]] = {}
    if common:
        found[COMMON] = (SchemaClass(tuple(declare(name, texts[name], secrets) for name in texts)),)
    for service, rows in sorted(services.items()):
        own = {each: {name: text for name, text in row.items() if name not in common} for each, row in rows.items()}
        removed = {each: _removed(layers, service, each) for each in rows}
        if classes := service_classes(own, secrets, removed):
            found[path_of(service)] = classes
    return dict(sorted(found.items()))


def service_classes(
    rows: Mapping[str, Mapping[str, str]], secrets: Collection[str], removed: Mapping[str, Collection[str]]
) -> tuple[SchemaClass, ...]:
    """Return a service's classes, from its values by environment: one, and one for each environment that is odd.

    `removed` are the names that its layers remove, which its processes must know.
    """
    odd = _odd(rows)
    groups = [[each for each in sorted(rows) if each not in odd], *([each] for each in odd)]
    classes = []
    for group in groups:
        own = {each: rows[each] for each in group}
        unset = sorted(
            {name for each in group for name in removed.get(each, ())} - {n for each in group for n in rows[each]}
        )
        fields = (*_declared(own, secrets), *(declare(name, (), secrets, group) for name in unset))
        classes.append(SchemaClass(tuple(sorted(fields)), tuple(group) if odd else ()))
    return tuple(each for each in classes if each.fields)


def _removed(layers: Layers, service: str, environment: str) -> set[str]:
    """Return the names that the layers of one deployment remove."""
    ids = (environment, f"{service}/{COMMON_LAYER}", f"{service}/{environment}")
    return {name for layer_id in ids for name, text in layers.get(layer_id, {}).items() if text is None}


def declare(
    name: str, texts: Collection[str], secrets: Collection[str], lacking: Sequence[str] = ()
) -> FieldDeclaration:
    """Return the declaration of a variable, from all its values; optional where something is `lacking` it."""
    narrow = guess(name, texts)
    secret = name in secrets
    kind = TEXT if secret and not narrow.is_pydantic_type else narrow
    comment = f"optional: not in {some(lacking, 6)}" if lacking else ""
    return FieldDeclaration(name, kind.annotation, kind.is_pydantic_type, secret, bool(lacking), comment=comment)


def declare_from(rows: Mapping[str, Mapping[str, str]], name: str, secrets: Collection[str]) -> FieldDeclaration:
    """Return the declaration of a variable, from a service's values by environment."""
    texts = [row[name] for row in rows.values() if name in row]
    return declare(name, texts, secrets, [each for each in sorted(rows) if name not in rows[each]])


def _odd(rows: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the environments that lack much of what all the others have."""
    if len(rows) < 2:
        return []
    return [
        each
        for each in sorted(rows)
        if len(set.intersection(*(set(rows[other]) for other in rows if other != each)) - set(rows[each])) > MAX_LACKING
    ]


def _declared(rows: Mapping[str, Mapping[str, str]], secrets: Collection[str]) -> tuple[FieldDeclaration, ...]:
    names: Iterable[str] = sorted({name for row in rows.values() for name in row})
    return tuple(declare_from(rows, name, secrets) for name in names)
