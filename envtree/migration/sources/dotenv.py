"""A `.env` file, as far as all its usual readers agree on what it says: the rest is refused, with its line.

The readers are dotenv for Ruby, python-dotenv and dotenv for Node (`dotenv`); `docker run --env-file` (`docker`); and
(`any`) these and foreman. What each does was read in its source; none of them has a specification.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span
from envtree.core.render.mask import from_outside
from envtree.migration.sources.value import agreed_fault, dotenv_value

if TYPE_CHECKING:
    from collections.abc import Iterator

DotenvReader = Literal["any", "dotenv", "docker"]
LONGEST_NAME = 60
BLANKS = " \t"
_NAMES = {
    "any": re.compile(r"(?!export$)[A-Za-z_][A-Za-z0-9_]*"),
    "dotenv": re.compile(r"(?!export$)[A-Za-z_][A-Za-z0-9_.]*"),
    "docker": re.compile(r"[^\s#=][^\s=]*"),
}
_EXPORT = re.compile(r"export[ \t]+(?=[^\s=])")
_BY_HAND = "leave the line out, and write the variable into the tree by hand: there, a value is just what is written"
_ANY_HELP = f"say who reads this file, by `--reader dotenv` or `--reader docker`; or {_BY_HAND}"


class DotenvFile(NamedTuple):
    """The variables of a file, and what is wrong with it."""

    values: dict[str, str]
    problems: tuple[Diagnostic, ...]


def read_dotenv(path: str, text: str, reader: DotenvReader = "any") -> DotenvFile:
    """Return what every reader of a kind makes of a file, and a diagnostic for each line of which they differ."""
    problems: list[Diagnostic] = []
    values: dict[str, str] = {}
    first: dict[str, int] = {}
    if text.startswith("\ufeff"):
        if reader != "docker":
            message = "the file starts with a byte order mark, which most readers take for part of a name"
            problems.append(
                Diagnostic("ambiguous-line", message, Span(path, 1, 1), help="save it as UTF-8 without one")
            )
        text = text[1:]
    for found in _lines(_split(text), reader):
        if isinstance(found, _Refusal):
            problems.append(_diagnostic(path, found, reader))
        elif found.name in first:
            problems.append(_twice(path, found, first[found.name]))
        else:
            first[found.name] = found.number
            values[found.name] = found.text
    return DotenvFile(values, tuple(problems))


class _Refusal(NamedTuple):
    number: int
    column: int
    length: int
    message: str


class _Variable(NamedTuple):
    number: int
    column: int
    name: str
    text: str


def _split(text: str) -> list[str]:
    """Return the lines; the carriage return that ends one is no part of it, where a line feed follows."""
    *lines, last = text.split("\n")
    return [*(line.removesuffix("\r") for line in lines), last]


def _lines(lines: list[str], reader: DotenvReader) -> Iterator[_Variable | _Refusal]:
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if "\r" in line and reader != "docker":
            message = "the line holds a carriage return, which some readers take for a line end"
            yield _Refusal(number, 1, line.index("\r") + 1, message)
        elif line.strip(BLANKS) and not line.lstrip(BLANKS).startswith("#"):
            found, more = _line(number, line, lines[number:], reader)
            yield found
            number += more


def _line(number: int, line: str, below: list[str], reader: DotenvReader) -> tuple[_Variable | _Refusal, int]:
    """Return a variable, or why there is none, and how many of the lines below belong to it."""
    line = line.removesuffix("\r")
    name, sign, rest = line.partition("=")
    column, fault = 1, ""
    if reader == "docker":
        name = name.lstrip()
        column = line.index(name) + 1
    elif reader == "dotenv":
        indent = len(name) - len(name.lstrip(BLANKS))
        export = _EXPORT.match(name, indent)
        column = (export.end() if export else indent) + 1
        name, rest = name[column - 1 :].rstrip(BLANKS), rest.lstrip(BLANKS)
    shown = from_outside(name.strip() or line.strip(), LONGEST_NAME)
    if not sign:
        fault = "the line has no `=`, and readers skip it, fail, or take the value from elsewhere"
    elif reader == "any" and _EXPORT.match(name.lstrip(BLANKS)):
        fault = "the line begins with `export`, which some readers take for part of the name"
    elif not _NAMES[reader].fullmatch(name):
        stripped = name.strip(BLANKS)
        around = stripped != name and _NAMES[reader].fullmatch(stripped)
        fault = f"`{shown}` has blanks around it" if around else "the name is none that all readers take"
    if fault:
        return _Refusal(number, 1, max(1, len(line)), fault), 0
    if reader == "dotenv":
        value = dotenv_value(rest, below)
    else:
        value = rest, (_docker_fault(rest) if reader == "docker" else agreed_fault(rest)), 0
    text, fault, more = value
    if fault:
        return _Refusal(number, column, len(name), f"`{shown}` {fault}"), more
    return _Variable(number, column, name, text), more


def _docker_fault(text: str) -> str:
    return "holds a NUL" if "\0" in text else ""


def _diagnostic(path: str, found: _Refusal, reader: DotenvReader) -> Diagnostic:
    span = Span(path, found.number, found.column, found.length)
    return Diagnostic("ambiguous-line", found.message, span, help=_ANY_HELP if reader == "any" else _BY_HAND)


def _twice(path: str, found: _Variable, first: int) -> Diagnostic:
    return Diagnostic(
        "ambiguous-line",
        f"`{from_outside(found.name, LONGEST_NAME)}` is set twice, and readers differ in which one counts",
        Span(path, found.number, found.column, len(found.name)),
        notes=(f"first set at {path}:{first}",),
        help="remove one of the two",
    )
