"""The config vars of many apps as the fewest layer entries that give each app exactly its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import COMMON
from envtree.core.settings.heroku import Deployment
from envtree.migration.importing.placement import ABSENT, NO_APP, NO_ENTRY, SHORT, UNIQUE, Column, place, place_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.migration.importing.placement import Placement

    Row = tuple[int, ...]
    """A code for each environment."""


MAX_UNSETS = 3
"""How many variables one layer may remove: of more, none is common to all that the wider layers are for."""
Layers = dict[str, dict[str, str | None]]
"""Entries by layer id and name; None is an `!unset`."""


class SharedSecret(NamedTuple):
    """A secret with one value in several environments, and the deployments that have it."""

    name: str
    deployments: tuple[Deployment, ...]


def factor(
    values: Mapping[Deployment, Mapping[str, str]], secrets: Collection[str]
) -> dict[str, dict[str, str | None]]:
    """Return layers by id, each with its entries by name (None: `!unset`).

    Both are sorted, and the same in any order of `values`. A deployment that lacks a name gets none. The names in
    `secrets` are in no layer that spans environments. A deployment that lacks much of what others share is no reason to
    remove it there: what isn't shared isn't common.
    """
    wanted: dict[str, dict[Deployment, str]] = {}
    for deployment, row in values.items():
        for name in row:
            wanted.setdefault(name, {})[deployment] = row[name]
    layers = _factored(values, wanted, sorted(wanted), frozenset(secrets), may_unset=True)
    unset = {layer_id: {name for name, text in found.items() if text is None} for layer_id, found in layers.items()}
    odd = {name for found in unset.values() if len(found) > MAX_UNSETS for name in found}
    if odd:
        plain = _factored(values, wanted, sorted(odd), frozenset(secrets), may_unset=False)
        for layer_id in (layers := _without(layers, odd)).keys() | plain.keys():
            layers[layer_id] = dict(sorted({**layers.get(layer_id, {}), **plain.get(layer_id, {})}.items()))
    return {layer_id: layers[layer_id] for layer_id in sorted(layers)}


def _without(layers: Layers, names: Collection[str]) -> Layers:
    kept = {layer_id: {name: found[name] for name in found if name not in names} for layer_id, found in layers.items()}
    return {layer_id: found for layer_id, found in kept.items() if found}


def _factored(
    deployments: Iterable[Deployment],
    wanted: Mapping[str, Mapping[Deployment, str]],
    names: Iterable[str],
    secrets: frozenset[str],
    *,
    may_unset: bool,
) -> Layers:
    """Return the entries of these names, each placed for itself."""
    grid = _Grid(deployments)
    placed: dict[Column, Placement] = {}
    layers: Layers = {}
    for name in names:
        texts = _repeated(wanted[name].values())
        rows = grid.rows(wanted[name], _codes(texts))
        column = Column(rows.codes, rows.counts, _short(texts), name in secrets)
        if column not in placed:
            placed[column] = place(column, may_unset=may_unset)
        wide = _wide(placed[column], grid, rows, texts)
        for layer_id, text in (wide | _narrow(wanted[name], grid, rows, wide)).items():
            layers.setdefault(layer_id, {})[name] = text
    return layers


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


class _Rows(NamedTuple):
    """The codes of one name, by service and environment."""

    services: tuple[str, ...]
    """Those that have the name."""
    codes: tuple[Row, ...]
    """Of these services, in their order; then of all others, a row for those that are alike."""
    counts: tuple[int, ...]
    """How many services have each row."""


class _Grid:
    """The deployments that there are.

    Services that lack a name are alike where they have apps in the same environments, so that a name takes no more time
    in a large fleet than in a small one.
    """

    def __init__(self, deployments: Iterable[Deployment]) -> None:
        self.deployments = frozenset(deployments)
        self.environments = sorted({deployment.environment for deployment in self.deployments})
        self._services = {
            service: tuple(
                ABSENT if Deployment(environment, service) in self.deployments else NO_APP
                for environment in self.environments
            )
            for service in sorted({deployment.service for deployment in self.deployments})
        }
        self._alike: dict[Row, list[str]] = {}
        for service, row in self._services.items():
            self._alike.setdefault(row, []).append(service)

    def rows(self, wanted: Mapping[Deployment, str], codes: Mapping[str | None, int]) -> _Rows:
        """Return the codes of a name that these deployments have."""
        services = tuple(sorted({deployment.service for deployment in wanted}))
        having = Counter(self._services[service] for service in services)
        lacking = {row: len(alike) - having[row] for row, alike in self._alike.items() if len(alike) > having[row]}
        own = (
            tuple(
                codes.get(wanted[deployment], UNIQUE) if (deployment := Deployment(each, service)) in wanted else empty
                for each, empty in zip(self.environments, self._services[service], strict=True)
            )
            for service in services
        )
        return _Rows(services, (*own, *lacking), (*(1 for _ in services), *lacking.values()))

    def others(self, row: Row, services: Collection[str]) -> Iterator[str]:
        """Yield the services that have a row where they lack a name, but for those that have it."""
        return (service for service in self._alike[row] if service not in services)

    def of(self, services: Iterable[str]) -> Iterator[Deployment]:
        """Yield the deployments of some services."""
        for service in services:
            pairs = zip(self.environments, self._services[service], strict=True)
            yield from (Deployment(environment, service) for environment, code in pairs if code != NO_APP)


def _repeated(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Return the texts that occur more than once, in text order: only these can be shared."""
    return tuple(sorted(text for text, count in Counter(texts).items() if text is not None and count > 1))


def _codes(texts: tuple[str, ...]) -> dict[str | None, int]:
    return {None: ABSENT} | {text: code for code, text in enumerate(texts)}


def _text(code: int, texts: tuple[str, ...]) -> str | None:
    return None if code == ABSENT else texts[code]


def _short(texts: tuple[str, ...]) -> frozenset[int]:
    return frozenset(code for code, text in enumerate(texts) if len(text) <= SHORT)


def _wide(placement: Placement, grid: _Grid, rows: _Rows, texts: tuple[str, ...]) -> dict[str, str | None]:
    """Return the entries of a placement, by layer id."""
    codes = {COMMON: placement.common, **dict(zip(grid.environments, placement.environments, strict=True))}
    for number, code in enumerate(placement.services):
        if code != NO_ENTRY:
            services = rows.services[number : number + 1] or grid.others(rows.codes[number], frozenset(rows.services))
            codes |= {f"{service}/{COMMON}": code for service in services}
    return {layer_id: _text(code, texts) for layer_id, code in codes.items() if code != NO_ENTRY}


def _narrow(
    wanted: Mapping[Deployment, str], grid: _Grid, rows: _Rows, wide: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Return an entry for each deployment to which wider layers give something else."""
    is_for_others = not wide.keys().isdisjoint((COMMON, *grid.environments))
    found = {}
    for deployment in grid.deployments if is_for_others else grid.of(rows.services):
        layers = (f"{deployment.service}/{COMMON}", deployment.environment, COMMON)
        text = wanted.get(deployment)
        if text != next((wide[each] for each in layers if each in wide), None):
            found[f"{deployment.service}/{deployment.environment}"] = text
    return found
