"""Suggestions for many wrong words: the known words are indexed once, and only so many of them are compared."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import MAX_LENGTH_DIFFERENCE, some, suggestion
from envtree.core.model.selector import meant_name

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_COMPARED = 10_000
"""How many times a known word is compared with a wrong one; all of these take a fifth of a second."""
MAX_LISTED = 100


class Vocabulary:
    """Known words, which give few wrong ones the suggestions of `did_you_mean` and `did_you_mean_name`."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = dict.fromkeys(known)
        self._index: dict[tuple[int, str], dict[str, None]] = {}
        self._suggestions: dict[str, str] = {}
        self._meant: dict[str, str | None] = {}
        self._compared = 0

    def __contains__(self, word: str) -> bool:
        """Return whether a word is known."""
        return word in self._known

    @cached_property
    def listed(self) -> str:
        """The words in the order given; of very many, the first."""
        return some(self._known, MAX_LISTED)

    def did_you_mean(self, wrong: str) -> str:
        """Return `; did you mean X?`; empty if no known word is alike, or if too many have been compared already."""
        if wrong not in self._suggestions:
            alike = self._alike(wrong) if self._compared < MAX_COMPARED else ()
            self._compared += len(alike)
            self._suggestions[wrong] = suggestion(wrong, alike)
        return self._suggestions[wrong]

    def meant_name(self, wrong: str) -> str | None:
        """Return the name that is meant; None if none surely is, or if too many have been compared already."""
        if wrong not in self._meant:
            names = self._known if self._compared < MAX_COMPARED else ()
            self._compared += len(names)
            self._meant[wrong] = meant_name(wrong, names)
        return self._meant[wrong]

    def did_you_mean_name(self, wrong: str) -> str:
        """Return `; did you mean X?` for the environment, service or process that is meant; empty if none is."""
        meant = self.meant_name(wrong)
        return f"; did you mean `{meant}`?" if meant else ""

    def _alike(self, wrong: str) -> tuple[str, ...]:
        """Return the words of about the same length that share a first or last letter with a wrong one."""
        if not self._index:
            for each in self._known:
                for letter in {*each[:1], *each[-1:]}:
                    self._index.setdefault((len(each), letter), {})[each] = None
        lengths = range(len(wrong) - MAX_LENGTH_DIFFERENCE, len(wrong) + MAX_LENGTH_DIFFERENCE + 1)
        keys = [(length, letter) for length in lengths for letter in {*wrong[:1], *wrong[-1:]}]
        return tuple({each: None for key in keys for each in self._index.get(key, ())})
