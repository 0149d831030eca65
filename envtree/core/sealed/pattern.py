"""Regular expressions as SOPS reads them (RE2), matched in a time that a pattern can't blow up.

Python's `re` has another syntax, and takes exponential time for some patterns: whoever can commit one could stop every
build. https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from envtree.core.sealed.matching import (
    RANGES,
    any_of,
    at_end,
    at_start,
    at_word_edge,
    in_order,
    named,
    not_at_word_edge,
    one,
    times,
)

if TYPE_CHECKING:
    from envtree.core.sealed.matching import Letters, Part

MAX_PATTERN = 1024
MAX_REPEAT = 1000
MAX_DEPTH = 50
CACHED = 4096
"""The pairs of a pattern and a text whose answer is kept: the same names are in many files."""
_REPEAT = re.compile(r"\{([0-9]{1,4})(,)?([0-9]{1,4})?\}")
_GROUP = re.compile(r"\?(?::|P?<[A-Za-z_][A-Za-z0-9_]*>)")
_FLAGS = re.compile(r"\?i([:)])")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}")
_POSIX = re.compile(r"\[:(\^?)([a-z]+):\]")
_CONTROLS = {"t": "\t", "n": "\n", "f": "\f", "r": "\r", "v": "\v", "a": "\a"}


class UnknownPattern(Exception):
    """A pattern that RE2 refuses, or that uses what is not understood here."""


@lru_cache(CACHED)
def fits_anywhere(pattern: str, text: str) -> bool:
    """Return whether a pattern matches a part of a text. Raises UnknownPattern."""
    return bool(_read(pattern)(text, (2 << len(text)) - 1))


@lru_cache(maxsize=64)
def _read(pattern: str) -> Part:
    if len(pattern) > MAX_PATTERN:
        raise UnknownPattern
    return _Parser(pattern).whole()


class _Parser:
    """A pattern on its way to a function."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.ignores_case = False
        self.depth = 0

    def whole(self) -> Part:
        part = self.alternatives()
        if self.at < len(self.pattern):  # a `)` that nothing opens
            raise UnknownPattern
        return part

    def alternatives(self) -> Part:
        before = self.ignores_case
        parts = [self.sequence()]
        while self.take("|"):
            parts.append(self.sequence())
        self.ignores_case = before
        return parts[0] if len(parts) == 1 else any_of(parts)

    def sequence(self) -> Part:
        parts: list[Part] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self.repeated(self.atom()))
        return in_order(parts)

    def repeated(self, part: Part) -> Part:
        if self.take("*"):
            low, high = 0, None
        elif self.take("+"):
            low, high = 1, None
        elif self.take("?"):
            low, high = 0, 1
        elif found := self.match(_REPEAT):
            low = int(found[1])
            high = int(found[3]) if found[3] else (None if found[2] else low)
        else:
            return part
        self.take("?")  # fewest first: what is matched is the same
        if max(low, high or 0) > MAX_REPEAT or (high is not None and high < low):
            raise UnknownPattern
        if self.pattern[self.at : self.at + 1] in ("*", "+", "?") or _REPEAT.match(self.pattern, self.at):
            raise UnknownPattern
        return times(part, low, high)

    def atom(self) -> Part:
        letter = self.pattern[self.at]
        self.at += 1
        if letter == "(":
            return self.group()
        if letter == "[":
            return one(self.letter_class())
        if letter == "\\":
            return self.escape()
        if letter in ("*", "+", "?"):
            raise UnknownPattern
        simple = {".": one(lambda each: each != "\n"), "^": at_start, "$": at_end}
        return simple.get(letter) or one(self.literal(letter))

    def group(self) -> Part:
        before = self.ignores_case
        if found := self.match(_FLAGS):
            self.ignores_case = True
            if found[1] == ")":  # for the rest of the group around it
                return in_order([])
        elif not self.match(_GROUP) and self.pattern.startswith("?", self.at):
            raise UnknownPattern
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnknownPattern
        part = self.alternatives()
        self.depth -= 1
        self.ignores_case = before
        if not self.take(")"):
            raise UnknownPattern
        return part

    def escape(self) -> Part:
        edges = {"A": at_start, "z": at_end, "b": at_word_edge, "B": not_at_word_edge}
        if (letter := self.pattern[self.at : self.at + 1]) in edges:
            self.at += 1
            return edges[letter]
        return one(self.escaped())

    def escaped(self) -> Letters:
        """Read what follows a backslash and stands for one letter."""
        if found := self.match(_HEX):
            code = int(found[1] or found[2], 16)
            if code > 0x10FFFF:
                raise UnknownPattern
            return self.literal(chr(code))
        letter = self.pattern[self.at : self.at + 1]
        self.at += 1
        if letter.lower() in ("d", "w", "s"):
            return named(letter.lower(), negated=letter.isupper())
        if not letter or (letter.isalnum() and letter not in _CONTROLS) or not letter.isascii():
            raise UnknownPattern
        return self.literal(_CONTROLS.get(letter, letter))

    def letter_class(self) -> Letters:
        negated = self.take("^")
        members: list[Letters] = []
        while not members or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                raise UnknownPattern
            members.append(self.member())
        self.at += 1
        return lambda letter: any(member(letter) for member in members) != negated

    def member(self) -> Letters:
        if found := self.match(_POSIX):
            if found[2] not in RANGES or len(found[2]) == 1:
                raise UnknownPattern
            return named(found[2], negated=bool(found[1]))
        first = self.class_letter()
        if not isinstance(first, str):
            return first
        if not self.pattern.startswith("-", self.at) or self.pattern.startswith("-]", self.at):
            return self.literal(first)
        self.at += 1
        last = self.class_letter()
        if not isinstance(last, str) or last < first:
            raise UnknownPattern
        return self.folded(lambda letter: first <= letter <= last)

    def class_letter(self) -> str | Letters:
        """Read one letter of a class, or an escape that stands for several."""
        if not self.take("\\"):
            letter = self.pattern[self.at : self.at + 1]
            self.at += 1
            return letter
        start = self.at
        letters = self.escaped()
        if self.pattern[start].lower() in ("d", "w", "s"):
            return letters
        found = _HEX.match(self.pattern, start)
        return chr(int(found[1] or found[2], 16)) if found else _CONTROLS.get(self.pattern[start], self.pattern[start])

    def literal(self, letter: str) -> Letters:
        return self.folded(lambda each: each == letter)

    def folded(self, letters: Letters) -> Letters:
        """Return letters of either case, where case is ignored."""
        if not self.ignores_case:
            return letters
        return lambda each: letters(each) or letters(each.lower()) or letters(each.upper())

    def take(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def match(self, form: re.Pattern[str]) -> re.Match[str] | None:
        found = form.match(self.pattern, self.at)
        self.at = found.end() if found else self.at
        return found
