"""What the parts of a pattern do with a text: from where one may start to where it then ends.

All positions that a part can end at are followed at once, and a part that is repeated is tried once at each position,
however deep it lies in others that are: no pattern takes exponential time.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Positions = int
    """A set of positions in a text, a bit for each: such a set is made of others by one operation."""
    Part = Callable[[str, Positions], Positions]
    """From the positions at which a part may start to those at which it then ends, none of which is before them."""
    Table = list[Positions]
    """Where a part ends that starts at each position."""
    Letters = Callable[[str], bool]

RANGES = {
    "d": "09",
    "w": "09AZaz__",
    "s": "\t\n\f\r  ",
    "alnum": "09AZaz",
    "alpha": "AZaz",
    "ascii": "\0\x7f",
    "blank": "\t\t  ",
    "cntrl": "\0\x1f\x7f\x7f",
    "digit": "09",
    "graph": "!~",
    "lower": "az",
    "print": " ~",
    "punct": "!/:@[`{~",
    "space": "\t\r  ",
    "upper": "AZ",
    "word": "09AZaz__",
    "xdigit": "09AFaf",
}
"""Classes by name: the first and last letters of their ranges."""


def _each(positions: Positions) -> Iterator[int]:
    while positions:
        first = positions & -positions
        yield first.bit_length() - 1
        positions ^= first


def one(letters: Letters) -> Part:
    """Return a part that is one of these letters."""
    return lambda text, at: sum(2 << each for each in _each(at) if each < len(text) and letters(text[each]))


def named(name: str, *, negated: bool) -> Letters:
    """Return the letters of a class, or all others."""
    ends = RANGES[name]
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    return lambda letter: any(first <= letter <= last for first, last in pairs) != negated


def in_order(parts: Iterable[Part]) -> Part:
    """Return a part that is all of these, one after the other."""
    steps = tuple(parts)

    def follow(text: str, at: Positions) -> Positions:
        for step in steps:
            at = step(text, at)
        return at

    return follow


def any_of(parts: Iterable[Part]) -> Part:
    """Return a part that is one of these."""
    choices = tuple(parts)
    return lambda text, at: reduce(or_, (choice(text, at) for choice in choices))


def times(part: Part, low: int, high: int | None) -> Part:
    """Return a part that is another one, repeated so often (`high` None: or more often)."""

    @lru_cache(maxsize=1)
    def ends(text: str) -> Table:
        once = [part(text, 1 << start) for start in range(len(text) + 1)]
        least = _power(once, low)
        if high is None:
            closure = _closure(once)
            return [_onwards(closure, at) for at in least]
        return _after(least, _power([1 << start | each for start, each in enumerate(once)], high - low))

    return lambda text, at: _through(ends(text), at)


def _through(table: Table, at: Positions) -> Positions:
    return reduce(or_, (table[each] for each in _each(at)), 0)


def _after(first: Table, second: Table) -> Table:
    return [_through(second, at) for at in first]


def _power(once: Table, count: int) -> Table:
    """Return where a part ends that is repeated; more often than there are positions makes no difference."""
    table, count = [1 << start for start in range(len(once))], min(count, len(once))
    while count:
        if count % 2:
            table = _after(table, once)
        count //= 2
        once = _after(once, once) if count else once
    return table


def _closure(once: Table) -> Table:
    """Return where a part ends that is repeated as often as one likes; the last positions first, as none goes back."""
    table = [1 << start for start in range(len(once))]
    for start in reversed(range(len(once))):
        table[start] |= _onwards(table, once[start] & ~table[start])
    return table


def _onwards(closure: Table, at: Positions) -> Positions:
    """Go through a closure: a position that another one leads to leads nowhere else."""
    reached = 0
    while at:
        reached |= closure[(at & -at).bit_length() - 1]
        at &= ~reached
    return reached


def at_start(_: str, at: Positions) -> Positions:
    """Is empty, and fits at the start of a text."""
    return at & 1


def at_end(text: str, at: Positions) -> Positions:
    """Is empty, and fits at the end of a text."""
    return at & 1 << len(text)


def at_word_edge(text: str, at: Positions) -> Positions:
    """Is empty, and fits where a word of ASCII begins or ends."""
    word = named("w", negated=False)
    return sum(
        1 << each
        for each in _each(at)
        if any(map(word, text[max(each - 1, 0) : each])) != any(map(word, text[each : each + 1]))
    )


def not_at_word_edge(text: str, at: Positions) -> Positions:
    """Is empty, and fits where no word begins or ends."""
    return at & ~at_word_edge(text, at)
