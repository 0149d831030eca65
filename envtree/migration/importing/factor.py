"""The config vars of many apps as the fewest layer entries that give each app exactly its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import COMMON
from envtree.core.settings.heroku import Deployment
from envtree.migration.importing.placement import ABSENT, ALONE, NO_APP, NOTHING, SHORT, Column, place, place_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from envtree.migration.importing.placement import Placement


class SharedSecret(NamedTuple):
    """A secret with one value in several environments, and the cells that have it."""

    name: str
    cells: tuple[Deployment, ...]


def factor(
    values: Mapping[Deployment, Mapping[str, str]], secrets: Collection[str]
) -> dict[str, dict[str, str | None]]:
    """Layers by place, each with its entries by name (None: `!unset`), sorted, and the same in any order of `values`.

    A cell that lacks a name gets none. The names in `secrets` stand in no layer that spans environments.
    """
    environments = sorted({cell.environment for cell in values})
    services = sorted({cell.service for cell in values})
    hidden = frozenset(secrets)
    placed: dict[Column, Placement] = {}
    layers: dict[str, dict[str, str | None]] = {}
    for name in sorted({name for row in values.values() for name in row}):
        wanted = {cell: row.get(name) for cell, row in values.items()}
        texts = _repeated(wanted.values())
        column = Column(_rows(wanted, environments, services, texts), _short(texts), name in hidden)
        if column not in placed:
            placed[column] = place(column)
        wide = _wide(placed[column], environments, services, texts)
        for where, text in (wide | _narrow(wanted, wide)).items():
            layers.setdefault(where, {})[name] = text
    return {where: layers[where] for where in sorted(layers)}


def place_below(
    row: Mapping[str, str | None], inherited: Mapping[str, str | None], *, secret: bool
) -> dict[str, str | None]:
    """One service's values of one name by environment, as the fewest entries below what wider layers give there.

    Texts are None where the name is not set. The entries are by layer of the service: `common`, or an environment.
    """
    environments = sorted(row)
    texts = _repeated((*row.values(), *(inherited.get(each) for each in environments)))
    codes = _codes(texts)
    # what is inherited and in no cell of the row must be equal to none, not even to another such text
    entry = place_row(
        tuple(codes.get(row[each], ALONE) for each in environments),
        tuple(codes.get(inherited.get(each), NOTHING) for each in environments),
        secret=secret,
    )
    common = {} if entry == NOTHING else {COMMON: _text(entry, texts)}
    given = {each: common.get(COMMON, inherited.get(each)) for each in environments}
    return common | differing(row, given)


def differing(row: Mapping[str, str | None], inherited: Mapping[str, str | None]) -> dict[str, str | None]:
    """The same where the service's `common` is fixed too: an entry for each environment that differs."""
    return {
        environment: row[environment] for environment in sorted(row) if row[environment] != inherited.get(environment)
    }


def entries(layers: Mapping[str, Mapping[str, str | None]]) -> int:
    """How many entries all layers have together."""
    return sum(map(len, layers.values()))


def shared_secrets(
    values: Mapping[Deployment, Mapping[str, str]], secrets: Collection[str]
) -> tuple[SharedSecret, ...]:
    """The secrets that several environments share, by name; an empty text is no secret."""
    found: dict[tuple[str, str], list[Deployment]] = {}
    for cell in sorted(values):
        for name, text in values[cell].items():
            if text and name in secrets:
                found.setdefault((name, text), []).append(cell)
    return tuple(
        sorted(
            SharedSecret(name, tuple(cells))
            for (name, _), cells in found.items()
            if len({cell.environment for cell in cells}) > 1
        )
    )


def _rows(
    wanted: Mapping[Deployment, str | None], environments: list[str], services: list[str], texts: tuple[str, ...]
) -> tuple[tuple[int, ...], ...]:
    known = _codes(texts)
    codes = {cell: known.get(text, ALONE) for cell, text in wanted.items()}
    return tuple(
        tuple(codes.get(Deployment(environment, service), NO_APP) for environment in environments)
        for service in services
    )


def _repeated(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Those that stand there more than once, in text order: only these can be shared."""
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
    """What a placement says, by place."""
    codes = {
        COMMON: placement.common,
        **dict(zip(environments, placement.environments, strict=True)),
        **{f"{service}/{COMMON}": code for service, code in zip(services, placement.services, strict=True)},
    }
    return {where: _text(code, texts) for where, code in codes.items() if code != NOTHING}


def _narrow(wanted: Mapping[Deployment, str | None], wide: Mapping[str, str | None]) -> dict[str, str | None]:
    """An entry for each cell to which wider layers give something else."""
    found = {}
    for cell, text in wanted.items():
        layers = (f"{cell.service}/{COMMON}", cell.environment, COMMON)
        if text != next((wide[each] for each in layers if each in wide), None):
            found[f"{cell.service}/{cell.environment}"] = text
    return found
