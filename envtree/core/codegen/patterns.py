"""Regular expressions that mean the same in pydantic, Python, JavaScript, Go and Ruby; others are not carried over."""

from __future__ import annotations

import re
from typing import NamedTuple

START, END, DIGIT = "\ue000", "\ue001", "\ue002"
"""What languages write differently: the start and the end of the whole text, and a decimal digit of any script."""

MAX_REPEATS = 1000
"""The most repeats that Go allows."""
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d{1,4})(,?)(\d{0,4})\})\??")
_SYNTAX = frozenset((*"^$\\.*", *"+?()[]{}|/"))
_CONTROLS = {"n": r"\n", "t": r"\t", "r": r"\r"}
_REFUSED_IN_CLASS = ("[", "&&", "--", "~~", "||")


class _Part(NamedTuple):
    """A stretch of an expression: its portable text, where it ends, and whether it repeats without a bound."""

    text: str
    end: int
    repeats: bool


def portable(pattern: str) -> str | None:
    """Return a regular expression in what all languages share; None if it has more than that.

    What could take exponential time, a repeat without a bound inside of another, is more than that too.
    """
    if not pattern.isascii():
        return None
    part = _alternatives(pattern, 0)
    return part.text if part and part.end == len(pattern) else None


def in_language(text: str, start: str, end: str, digit: str) -> str:
    """Return a portable expression as a language writes it."""
    return text.replace(START, start).replace(END, end).replace(DIGIT, digit)


def _alternatives(pattern: str, at: int) -> _Part | None:
    """Read up to the end, or to the bracket that closes a group."""
    text, repeats = "", False
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            text, at = f"{text}|", at + 1
            continue
        atom = _atom(pattern, at)
        if atom is None:
            return None
        text, at, repeats = text + atom.text, atom.end, repeats or atom.repeats
        found = _QUANTIFIER.match(pattern, at)
        if found:
            is_unbounded = found[0][0] in ("*", "+") or bool(found[2] and not found[3])
            if atom.text in (START, END) or (is_unbounded and atom.repeats) or not _is_small(found):
                return None
            text, at, repeats = text + found[0], found.end(), repeats or is_unbounded
            if _QUANTIFIER.match(pattern, at):
                return None
    return _Part(text, at, repeats)


def _is_small(found: re.Match[str]) -> bool:
    numbers = [int(each) for each in (found[1], found[3]) if each]
    return all(number <= MAX_REPEATS for number in numbers) and numbers == sorted(numbers)


def _atom(pattern: str, at: int) -> _Part | None:
    letter = pattern[at]
    if letter == "(":
        inner = at + 3 if pattern.startswith("(?:", at) else at + 1
        if pattern.startswith("?", inner):
            return None
        group = _alternatives(pattern, inner)
        if group is None or not pattern.startswith(")", group.end):
            return None
        return _Part(f"(?:{group.text})", group.end + 1, group.repeats)
    if letter == "[":
        return _class(pattern, at + 1)
    if letter in "^$.":
        return _Part({"^": START, "$": END, ".": r"[^\n]"}[letter], at + 1, repeats=False)
    if letter in ("*", "+", *"?{}]"):
        return None
    literal = _literal(pattern, at)
    return _Part(*literal, repeats=False) if literal else None


def _literal(pattern: str, at: int) -> tuple[str, int] | None:
    """Return one character as it is written everywhere, and where it ends."""
    letter = pattern[at]
    if letter == "\\":
        at += 1
        letter = pattern[at : at + 1]
        if letter == "d":
            return DIGIT, at + 1
        if letter in _CONTROLS:
            return _CONTROLS[letter], at + 1
        if not letter or letter.isalnum() or letter in "<>_":
            return None
    if not letter.isprintable():
        return None
    return (f"\\{letter}" if letter in _SYNTAX else letter), at + 1


def _class(pattern: str, at: int) -> _Part | None:
    """Read what stands between square brackets."""
    negated = pattern.startswith("^", at)
    at += negated
    text = ""
    while at < len(pattern) and pattern[at] != "]":
        if pattern.startswith(_REFUSED_IN_CLASS, at):
            return None
        first = _member(pattern, at)
        if first is None:
            return None
        member, at = first
        if pattern.startswith("-", at) and not pattern.startswith("-]", at):
            last = _member(pattern, at + 1)
            if last is None or not (member.isalnum() and last[0].isalnum() and member <= last[0]):
                return None
            member, at = f"{member}-{last[0]}", last[1]
        text += member
    if not text or at >= len(pattern):
        return None
    return _Part(f"[{'^' if negated else ''}{text}]", at + 1, repeats=False)


def _member(pattern: str, at: int) -> tuple[str, int] | None:
    if pattern.startswith("]", at) or pattern.startswith(_REFUSED_IN_CLASS, at):
        return None
    literal = _literal(pattern, at)
    return (r"\-", literal[1]) if literal and literal[0] == "-" else literal
