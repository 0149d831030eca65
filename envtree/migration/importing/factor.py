"""The config vars of many apps as the fewest layer entries that give each app exactly its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import COMMON
from envtree.core.settings.heroku import Deployment
from envtree.migration.importing.placement import ABSENT, NO_APP, NO_ENTRY, SHORT, UNIQUE, Column, place, place_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from envtree.migration.importing.placement import Placement


class SharedSecret(NamedTuple):
    """A secret with one value in several environments, and the deployments that have it."""

    name: str
    deployments: tuple[Deployment, ...]


def factor(
    values: Mapping[Deployment, Mapping[str, str]], secrets: Collection[str]
) -> dict[str, dict[str, str | None]]:
    """Return layers by id, each with its entries by name (None: `!unset`).

    Both are sorted, and the same in any order of `values`. A deployment that lacks a name gets none. The names in
    `secrets` are in no layer that spans environments.
    """
    environments = sorted({deployment.environment for deployment in values})
    services = sorted({deployment.service for deployment in values})
    hidden = frozenset(secrets)
    placed: dict[Column, Placement] = {}
    layers: dict[str, dict[str, str | None]] = {}
    for name in sorted({name for row in values.values() for name in row}):
        wanted = {deployment: row.get(name) for deployment, row in values.items()}
        texts = _repeated(wanted.values())
        column = Column(_rows(wanted, environments, services, texts), _short(texts), name in hidden)
        if column not in placed:
            placed[column] = place(column)
        wide = _wide(placed[column], environments, services, texts)
        for layer_id, text in (wide | _narrow(wanted, wide)).items():
            layers.setdefault(layer_id, {})[name] = text
    return {layer_id: layers[layer_id] for layer_id in sorted(layers)}


def place_below(
    row: Mapping[str, str | None], inherited: Mapping[str, str | None], *, secret: bool
) -> dict[str, str | None]:
    """Return one service's values of one name as the fewest entries below what wider layers give.

    `row` and `inherited` have texts by environment, None where the name is not set. The entries are by layer of the
    service: `common`, or an environment.
    """
    environments = sorted(row)
    texts = _repeated((*row.values(), *(inherited.get(each) for each in environments)))
    codes = _codes(texts)
    # an inherited text that no deployment of the row has is equal to nothing, not even to another such text
    entry = place_row(
        tuple(codes.get(row[each], UNIQUE) for each in environments),
        tuple(codes.get(inherited.get(each), NO_ENTRY) for each in environments),
        secret=secret,
    )
    common = {} if entry == NO_ENTRY else {COMMON: _text(entry, texts)}
    given = {each: common.get(COMMON, inherited.get(each)) for each in environments}
    return common | differing(row, given)


def differing(row: Mapping[str, str | None], inherited: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return an entry per environment that differs from what it inherits: `place_below` for a fixed `common`."""
    return {
        environment: row[environment] for environment in sorted(row) if row[environment] != inherited.get(environment)
    }


def count_entries(layers: Mapping[str, Mapping[str, str | None]]) -> int:
    """Return how many entries all layers have together."""
    return sum(map(len, layers.values()))


def shared_secrets(
    values: Mapping[Deployment, Mapping[str, str]], secrets: Collection[str]
) -> tuple[SharedSecret, ...]:
    """Return the secrets that several environments share, sorted by name; an empty text is no secret."""
    found: dict[tuple[str, str], list[Deployment]] = {}
    for deployment in sorted(values):
        for name, text in values[deployment].items():
            if text and name in secrets:
                found.setdefault((name, text), []).append(deployment)
    return tuple(
        sorted(
            SharedSecret(name, tuple(deployments))
            for (name, _), deployments in found.items()
            if len({deployment.environment for deployment in deployments}) > 1
        )
    )


def _rows(
    wanted: Mapping[Deployment, str | None], environments: list[str], services: list[str], texts: tuple[str, ...]
) -> tuple[tuple[int, ...], ...]:
    known = _codes(texts)
    codes = {deployment: known.get(text, UNIQUE) for deployment, text in wanted.items()}
    return tuple(
        tuple(codes.get(Deployment(environment, service), NO_APP) for environment in environments)
        for service in services
    )


def _repeated(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Return the texts that occur more than once, in text order: only these can be shared."""
    return tuple(sorted(text for text, count in Counter(texts).items() if text is not None and count > 1))


def _codes(texts: tuple[str, ...]) -> dict[str | None, int]:
    return {None: ABSENT} | {text: code for code, text in enumerate(texts)}


def _text(code: int, texts: tuple[str, ...]) -> str | None:
    return None if code == ABSENT else texts[code]


def _short(texts: tuple[str, ...]) -> frozenset[int]:
    return frozenset(code for code, text in enumerate(texts) if len(text) <= SHORT)


def _wide(
    placement: Placement, environments: list[str], services: list[str], texts: tuple[str, ...]
) -> dict[str, str | None]:
    """Return the entries of a placement, by layer id."""
    codes = {
        COMMON: placement.common,
        **dict(zip(environments, placement.environments, strict=True)),
        **{f"{service}/{COMMON}": code for service, code in zip(services, placement.services, strict=True)},
    }
    return {layer_id: _text(code, texts) for layer_id, code in codes.items() if code != NO_ENTRY}


def _narrow(wanted: Mapping[Deployment, str | None], wide: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return an entry for each deployment to which wider layers give something else."""
    found = {}
    for deployment, text in wanted.items():
        layers = (f"{deployment.service}/{COMMON}", deployment.environment, COMMON)
        if text != next((wide[each] for each in layers if each in wide), None):
            found[f"{deployment.service}/{deployment.environment}"] = text
    return found
