"""The layers that one name's values go to: the fewest entries, under guards against what is equal only by chance.

A name's values are a grid of codes: services by environments. The search is exact (branch and bound): it decides
`common` and each environment's layer in turn, and drops a choice where even the least that must follow can't be better
than the best placement so far.
"""

from __future__ import annotations

from collections import Counter
from operator import add, mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NO_APP, NO_ENTRY, UNIQUE, ABSENT = -4, -3, -2, -1
"""A cell without an app; a layer without an entry; a text that no other cell has; not set, or an entry that unsets.

The texts that several cells have are 0, 1, 2 ... in text order, so that choices are in the order of numbers.
"""
SHORT = 5
"""Characters of a short text: `1`, `true`, `false`, `info` are often equal by chance."""
MIN_EQUAL, MIN_EQUAL_SHORT = 2, 3
"""How many cells must agree before their value goes to a wider layer."""
MIN_SAVED = 2
"""How many entries fewer a placement with unsets must have."""

ENTRY, UNSET, IN_COMMON, IN_ENVIRONMENT, IN_SERVICE = (1 << shift for shift in (64, 48, 32, 16, 0))
"""The weights of what must be few, the most important first: a cost is a sum of these, and costs compare as numbers."""
FORBIDDEN = 1 << 96
"""The price of what is not allowed: more than any placement costs."""


class Column(NamedTuple):
    """One name over all services and environments: equal columns are placed alike, whatever their texts are."""

    rows: tuple[tuple[int, ...], ...]
    """By service, then by environment."""
    counts: tuple[int, ...]
    """How many services have each row: those that lack the name are alike where they have apps in the same places."""
    short: frozenset[int]
    secret: bool

    def counted(self) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield each row, and how many services have it."""
        return zip(self.rows, self.counts, strict=True)


class Placement(NamedTuple):
    """The entry of each wider layer; a cell that differs has its own entry in its own layer."""

    common: int
    environments: tuple[int, ...]
    services: tuple[int, ...]


class _Choice(NamedTuple):
    """An entry that an environment's layer may have, its price, and what each service then pays for its cell there."""

    entry: int
    price: int
    paid: tuple[int, ...]


def place(column: Column, *, may_unset: bool = True) -> Placement:
    """Return the placement with the fewest entries, then fewest unsets, least in wide layers, then text order."""
    search = _Search(column, FORBIDDEN, FORBIDDEN)
    plain = search.run()
    assert plain is not None  # each cell's own layer can have its value
    if not may_unset or not any(ABSENT in row for row in column.rows):
        return plain
    return _Search(column, ENTRY + UNSET, _unset_limit(search.cost)).run() or plain


def place_row(row: Sequence[int], inherited: Sequence[int], *, secret: bool) -> int:
    """Return the entry of a service's `common`, below layers that give its cells `inherited`."""
    cost, entry = _place_row(row, inherited, FORBIDDEN, secret=secret)
    unsetting, other = _place_row(row, inherited, ENTRY + UNSET, secret=secret)
    return other if unsetting < _unset_limit(cost) else entry


def _unset_limit(plain: int) -> int:
    """Return what a placement with unsets must cost less than, where the best one without unsets costs `plain`."""
    return FORBIDDEN if plain >= FORBIDDEN else (plain // ENTRY - MIN_SAVED + 1) * ENTRY


def _common_entries(column: Column) -> list[int]:
    """Return what passes the guards of `common`: no secret, two services, and a cell of every environment with apps."""
    cells = _weighted((code, count) for row, count in column.counted() for code in row if code >= 0)
    environments = [codes for codes in zip(*column.rows, strict=True) if any(code != NO_APP for code in codes)]
    return [
        code
        for code in _frequent(cells, column.short)
        if not column.secret
        and sum(count for row, count in column.counted() if code in row) >= MIN_EQUAL
        and all(code in codes for codes in environments)
    ]


def _environment_entries(column: Column, index: int) -> list[int]:
    """Return what passes the guard of an environment's layer: two services agree."""
    return _frequent(_weighted((row[index], count) for row, count in column.counted()), column.short)


def _weighted(counts: Iterable[tuple[int, int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for code, count in counts:
        total[code] += count
    return total


def _service_entries(row: Sequence[int], *, secret: bool) -> list[int]:
    """Return what passes the guards of a service's `common`: no secret, and two environments agree."""
    return [] if secret else _frequent(Counter(row), frozenset())


def _frequent(cells: Counter[int], short: frozenset[int]) -> list[int]:
    """Return the codes that enough cells have, in the order of choices."""
    return sorted(
        code
        for code, count in cells.items()
        if code >= ABSENT and count >= (MIN_EQUAL_SHORT if code in short else MIN_EQUAL)
    )


def _narrowest(*entries: int) -> int:
    """Return what layers give together; their entries are listed from the widest layer to the narrowest."""
    return next((each for each in reversed(entries) if each != NO_ENTRY), ABSENT)


def _place_row(row: Sequence[int], inherited: Sequence[int], unset: int, *, secret: bool) -> tuple[int, int]:
    """Return what a service costs below layers that give its cells `inherited`, and the entry of its `common`."""
    without = sum(_price(held, code, unset) for held, code in zip(inherited, row, strict=True))
    return min([(without, NO_ENTRY), *_service_costs(row, unset, secret=secret)])


def _service_costs(row: Sequence[int], unset: int, *, secret: bool) -> Iterator[tuple[int, int]]:
    """Yield a service's cost with each entry that its `common` may have: what wider layers give doesn't matter."""
    for entry in _service_entries(row, secret=secret):
        price = (unset if entry == ABSENT else ENTRY) + IN_SERVICE
        yield price + sum(_price(entry, code, unset) for code in row), entry


def _price(given: int, code: int, unset: int) -> int:
    """Return what a cell's own layer costs, where wider layers give `given`."""
    if code in (given, NO_APP):
        return 0
    return unset if code == ABSENT else ENTRY


class _Search:
    """A search of the placements that cost less than a limit, where an entry that unsets costs `unset`."""

    def __init__(self, column: Column, unset: int, limit: int) -> None:
        self.column, self.unset, self.cost = column, unset, limit
        self.best: Placement | None = None
        self.caps = tuple(
            min((cost for cost, _ in _service_costs(row, unset, secret=column.secret)), default=FORBIDDEN)
            for row in column.rows
        )
        self.indexes = range(len(column.rows[0]))
        self.remaining = [
            tuple(max(1, sum(code != NO_APP for code in row[level:])) for row in column.rows) for level in self.indexes
        ]
        self.levels: list[list[_Choice]] = []

    def run(self) -> Placement | None:
        """Return the cheapest, and of equals the first in the order of choices; None where none is below the limit."""
        for common in (NO_ENTRY, *_common_entries(self.column)):
            self.levels = [list(self._choices(index, common)) for index in self.indexes]
            self._descend(common, (), 0 if common == NO_ENTRY else ENTRY + IN_COMMON, (0,) * len(self.caps))
        return self.best

    def _choices(self, index: int, common: int) -> Iterator[_Choice]:
        """Yield an environment's choices, nothing first; `common`'s is left out to avoid needless unsets."""
        codes = [row[index] for row in self.column.rows]
        given = _narrowest(common)
        for entry in (NO_ENTRY, *_environment_entries(self.column, index)):
            if entry != given:
                price = 0 if entry == NO_ENTRY else (self.unset if entry == ABSENT else ENTRY) + IN_ENVIRONMENT
                held = _narrowest(common, entry)
                yield _Choice(entry, price, tuple(_price(held, code, self.unset) for code in codes))

    def _descend(self, common: int, chosen: tuple[int, ...], cost: int, paid: tuple[int, ...]) -> None:
        bound = self._lower_bound(len(chosen), cost, paid)
        if bound >= self.cost:
            return
        if len(chosen) == len(self.levels):
            self.cost, self.best = bound, self._placement(common, chosen)
            return
        for choice in self.levels[len(chosen)]:
            self._descend(common, (*chosen, choice.entry), cost + choice.price, tuple(map(add, paid, choice.paid)))

    def _lower_bound(self, level: int, cost: int, paid: tuple[int, ...]) -> int:
        """Return the least that a placement can cost that continues this one.

        What a service may still pay before its own `common` is cheaper is divided among its cells to come:
        min(cap, a + b) is at least min(cap / 2, a) + min(cap / 2, b), the least of which is found for each
        environment alone. At the last level nothing is to come, and the bound is the cost itself.
        """
        counts = self.column.counts
        total: int = cost + sum(map(mul, counts, map(min, self.caps, paid)))
        if level < len(self.levels):
            shares = [
                max(0, cap - own) // cells
                for cap, own, cells in zip(self.caps, paid, self.remaining[level], strict=True)
            ]
            for choices in self.levels[level:]:
                total += min(price + sum(map(mul, counts, map(min, shares, own))) for _, price, own in choices)
        return total

    def _placement(self, common: int, environments: tuple[int, ...]) -> Placement:
        inherited = [_narrowest(common, each) for each in environments]
        rows = (_place_row(row, inherited, self.unset, secret=self.column.secret) for row in self.column.rows)
        return Placement(common, environments, tuple(entry for _, entry in rows))
