"""Where one name's values stand in a tree: the fewest entries, under guards against what is equal only by chance.

A name's values are seen as a grid of codes. The search is exact: it takes `common` and each environment's layer in
turn, and leaves a choice where even the least that must follow can't be better than what was found.
"""

from __future__ import annotations

from collections import Counter
from operator import add
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NO_APP, NOTHING, ALONE, ABSENT = -4, -3, -2, -1
"""A cell without an app; a layer without an entry; a text that no other cell has; not set, or an entry that unsets.

The texts that several cells have are 0, 1, 2 ... in text order, so that the order of choices is that of numbers.
"""
SHORT = 5
"""Characters: `1`, `true`, `false`, `info` are often equal, and mean nothing by it."""
FEW, FEW_SHORT = 2, 3
"""The cells that must agree before their value stands in a wider layer."""
SAVED = 2
"""The entries by which a placement with unsets must be shorter."""

ENTRY, UNSET, IN_COMMON, IN_ENVIRONMENT, IN_SERVICE = (1 << shift for shift in (64, 48, 32, 16, 0))
"""What is to be few, the most important first: a cost is a sum of these, and costs compare as numbers."""
NEVER = 1 << 96
"""More than any placement costs: the price of what is not allowed."""


class Column(NamedTuple):
    """One name over all services and environments: equal columns are placed alike, whatever their texts are."""

    rows: tuple[tuple[int, ...], ...]
    """By service, then by environment."""
    short: frozenset[int]
    secret: bool


class Placement(NamedTuple):
    """The entry of each wider layer; what differs from it stands in the cells' own layers."""

    common: int
    environments: tuple[int, ...]
    services: tuple[int, ...]


class _Choice(NamedTuple):
    """An entry that an environment's layer may have, and what each service then pays for its cell there."""

    entry: int
    price: int
    paid: tuple[int, ...]


def place(column: Column) -> Placement:
    """The fewest entries; of equally many the fewest unsets, then the least in wide layers, then by text order."""
    search = _Search(column, NEVER, NEVER)
    plain = search.run()
    assert plain is not None  # each cell's own layer can have its value
    if not any(ABSENT in row for row in column.rows):
        return plain
    return _Search(column, ENTRY + UNSET, _worth_unsetting(search.cost)).run() or plain


def place_row(row: Sequence[int], inherited: Sequence[int], *, secret: bool) -> int:
    """The entry of a service's `common`, below layers that give its cells so much."""
    cost, entry = _place_row(row, inherited, NEVER, secret=secret)
    unsetting, other = _place_row(row, inherited, ENTRY + UNSET, secret=secret)
    return other if unsetting < _worth_unsetting(cost) else entry


def _worth_unsetting(plain: int) -> int:
    """What a placement with unsets must cost less than, where the best without them costs so much."""
    return NEVER if plain >= NEVER else (plain // ENTRY - SAVED + 1) * ENTRY


def _common_entries(column: Column) -> list[int]:
    """The guards of `common`: no secret, two services, and a cell of every environment that has any."""
    cells = Counter(code for row in column.rows for code in row if code >= 0)
    environments = [codes for codes in zip(*column.rows, strict=True) if any(code != NO_APP for code in codes)]
    return [
        code
        for code in _frequent(cells, column.short)
        if not column.secret
        and sum(code in row for row in column.rows) >= FEW
        and all(code in codes for codes in environments)
    ]


def _environment_entries(column: Column, index: int) -> list[int]:
    """The guard of an environment's layer: two services agree."""
    return _frequent(Counter(row[index] for row in column.rows), column.short)


def _service_entries(row: Sequence[int], *, secret: bool) -> list[int]:
    """The guards of a service's `common`: no secret, and two environments agree."""
    return [] if secret else _frequent(Counter(row), frozenset())


def _frequent(cells: Counter[int], short: frozenset[int]) -> list[int]:
    """What enough cells have, in the order of choices."""
    return sorted(
        code for code, count in cells.items() if code >= ABSENT and count >= (FEW_SHORT if code in short else FEW)
    )


def _narrowest(*entries: int) -> int:
    """What layers give, widest first."""
    return next((each for each in reversed(entries) if each != NOTHING), ABSENT)


def _place_row(row: Sequence[int], inherited: Sequence[int], unset: int, *, secret: bool) -> tuple[int, int]:
    """What a service costs below layers that give its cells so much, and the entry of its `common` for that."""
    without = sum(_price(held, code, unset) for held, code in zip(inherited, row, strict=True))
    return min([(without, NOTHING), *_own(row, unset, secret=secret)])


def _own(row: Sequence[int], unset: int, *, secret: bool) -> Iterator[tuple[int, int]]:
    """What a service costs with each entry that its `common` may have: what wider layers give doesn't matter then."""
    for entry in _service_entries(row, secret=secret):
        price = (unset if entry == ABSENT else ENTRY) + IN_SERVICE
        yield price + sum(_price(entry, code, unset) for code in row), entry


def _price(held: int, code: int, unset: int) -> int:
    """What a cell's own layer costs, where another would give it this."""
    if code in (held, NO_APP):
        return 0
    return unset if code == ABSENT else ENTRY


class _Search:
    """Goes through the placements that cost less than a limit, where an entry that unsets costs `unset`."""

    def __init__(self, column: Column, unset: int, limit: int) -> None:
        self.column, self.unset, self.cost = column, unset, limit
        self.best: Placement | None = None
        self.caps = tuple(
            min((cost for cost, _ in _own(row, unset, secret=column.secret)), default=NEVER) for row in column.rows
        )
        self.width = range(len(column.rows[0]))
        self.left = [
            tuple(max(1, sum(code != NO_APP for code in row[level:])) for row in column.rows) for level in self.width
        ]
        self.levels: list[list[_Choice]] = []

    def run(self) -> Placement | None:
        """The cheapest, and of equals the first in the order of choices; None where none is below the limit."""
        for common in (NOTHING, *_common_entries(self.column)):
            self.levels = [list(self._choices(index, common)) for index in self.width]
            self._descend(common, (), 0 if common == NOTHING else ENTRY + IN_COMMON, (0,) * len(self.caps))
        return self.best

    def _choices(self, index: int, common: int) -> Iterator[_Choice]:
        """Nothing first; never what `common` gives already, so that an unset stands only where it gives something."""
        codes = [row[index] for row in self.column.rows]
        given = _narrowest(common)
        for entry in (NOTHING, *_environment_entries(self.column, index)):
            if entry != given:
                price = 0 if entry == NOTHING else (self.unset if entry == ABSENT else ENTRY) + IN_ENVIRONMENT
                held = _narrowest(common, entry)
                yield _Choice(entry, price, tuple(_price(held, code, self.unset) for code in codes))

    def _descend(self, common: int, chosen: tuple[int, ...], cost: int, paid: tuple[int, ...]) -> None:
        least = self._least(len(chosen), cost, paid)
        if least >= self.cost:
            return
        if len(chosen) == len(self.levels):
            self.cost, self.best = least, self._placement(common, chosen)
            return
        for choice in self.levels[len(chosen)]:
            self._descend(common, (*chosen, choice.entry), cost + choice.price, tuple(map(add, paid, choice.paid)))

    def _least(self, level: int, cost: int, paid: tuple[int, ...]) -> int:
        """A bound: what a service may yet pay before its own `common` is cheaper is shared among its cells to come.

        min(cap, a + b) is at least min(cap / 2, a) + min(cap / 2, b), the least of which is found for each
        environment alone. At the last level nothing is to come, and it is the cost itself.
        """
        total = cost + sum(map(min, self.caps, paid))
        if level < len(self.levels):
            shares = [
                max(0, cap - own) // cells for cap, own, cells in zip(self.caps, paid, self.left[level], strict=True)
            ]
            for choices in self.levels[level:]:
                total += min(price + sum(map(min, shares, own)) for _, price, own in choices)
        return total

    def _placement(self, common: int, environments: tuple[int, ...]) -> Placement:
        inherited = [_narrowest(common, each) for each in environments]
        rows = (_place_row(row, inherited, self.unset, secret=self.column.secret) for row in self.column.rows)
        return Placement(common, environments, tuple(entry for _, entry in rows))
