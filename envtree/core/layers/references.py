"""The references of an `!expand`, and what is written for one by habits of shells, CI services and templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.tree import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

Parts = tuple[str | Reference, ...]

_DOLLAR = re.compile(r"\$(?:(\$)|\{([^{}$\s]+)\})?")
_NAME = r"[A-Za-z_]\w*"


class Habit(NamedTuple):
    """What a text has in place of a reference, and what to write; neither holds any of the text."""

    fault: str
    help: str


_PLAIN = "write `${NAME}` for a variable, `$$` for a dollar sign"
_OTHER = Habit("has a `$` that starts no reference", _PLAIN)
_NO_DEFAULT = Habit(
    "has a reference with a default, and an `!expand` has no defaults",
    "set the variable in a wider layer, where narrower ones override it, and write `${NAME}`",
)
_NO_REWRITING = Habit(
    "has a reference that a shell would cut or rewrite, and an `!expand` puts values in as they are",
    "give the other text a variable of its own, and write `${NAME}`",
)
_HABITS = (
    (
        re.compile(rf"\$\{{{_NAME}:?[-=]"),
        _NO_DEFAULT,
    ),
    (
        re.compile(rf"\$\{{{_NAME}:?\?"),
        Habit(
            "has a reference with a message, as `${NAME:?message}` is in a shell",
            "write `${NAME}`: where it has no value, that is an error anyway",
        ),
    ),
    (
        re.compile(rf"\$\{{{_NAME}:?\+"),
        Habit(
            "has a reference with an alternative, and an `!expand` asks no questions",
            "write the other text in the layers where it holds",
        ),
    ),
    (
        re.compile(r"\$\{(?:env|sys|var|vars|secrets|process\.env|config|ENV)[:.]\w"),
        Habit(
            "has a reference with a prefix, and an `!expand` refers to variables of the tree alone",
            "write `${NAME}` for a variable that a layer sets; what the machine itself sets is not known here",
        ),
    ),
    (re.compile(rf"\$\{{{_NAME}:\w*[A-Za-z]"), _NO_DEFAULT),  # Spring's `${NAME:default}`
    (re.compile(rf"\$\{{(?:[#!]{_NAME}|{_NAME}[:#%/^,@[])"), _NO_REWRITING),
    (
        re.compile(r"\$\{\{"),
        Habit("has a `${{`, which CI services replace and an `!expand` doesn't", _PLAIN),
    ),
    (
        re.compile(r"\$\("),
        Habit(
            "has a `$(`, and no command is run for a value",
            "write what the command prints, or run it in the `command` of the process; `$$(` is the text",
        ),
    ),
    (re.compile(rf"\$\{{(?:\s*{_NAME}\s*)\}}"), Habit("has a reference with blanks inside", "write `${NAME}`")),
    (re.compile(rf"\${_NAME}"), Habit("has a reference without braces", _PLAIN)),
    (re.compile(r"\$\{[^}]*\Z"), Habit("has a `${` that no `}` ends", _PLAIN)),
)
_TEMPLATES = (
    (re.compile(rf"\{{\{{-?\s*[.$]?{_NAME}[^{{}}]*\}}\}}"), "{{ ... }}"),
    (re.compile(rf"(?<![%\w])%{_NAME}%"), "%...%"),
    (re.compile(rf"#\{{\s*{_NAME}[^{{}}]*\}}"), "#{...}"),
    (re.compile(rf"(?<![\w$])%\{{\s*{_NAME}[^{{}}]*\}}"), "%{...}"),
    (re.compile(r"`[^`\n]+`"), "`...`"),
)
_IN_TEMPLATE = re.compile(rf"\{{\{{-?\s*[.$]?({_NAME})\s*-?\}}\}}|(?<![%\w])%({_NAME})%|#\{{\s*({_NAME})\s*\}}")


def split(text: str) -> Parts | None:
    """Split `a${B}$$` into literal text and references; None if a `$` is neither `${NAME}` nor `$$`."""
    pieces = tuple(_pieces(text))
    return None if None in pieces else tuple(piece for piece in pieces if piece is not None and piece != "")


def _pieces(text: str) -> Iterator[str | Reference | None]:
    end = 0
    for found in _DOLLAR.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        dollar, name = found.groups()
        yield "$" if dollar else Reference(name) if name else None
    yield text[end:]


def references(parts: Parts | None) -> tuple[str, ...]:
    """Return the names that an `!expand` refers to, each once, in the order written."""
    return tuple(dict.fromkeys(part.name for part in parts if isinstance(part, Reference))) if parts else ()


def habit_in(text: str) -> Habit:
    """Return what stands in the place of the first `$` that starts no reference."""
    wrong = next((found for found in _DOLLAR.finditer(text) if found[0] == "$"), None)
    return habit_of(text[wrong.start() :]) or _OTHER if wrong else _OTHER


def habit_of(text: str) -> Habit | None:
    """Return which other form of a reference a text starts with; None where it is none that is known."""
    return next((habit for form, habit in _HABITS if form.match(text)), None)


def template_habit(parts: Parts) -> Habit | None:
    """Return which other language's reference an `!expand` has that has none of its own; None without one."""
    if any(isinstance(part, Reference) or "$" in part for part in parts):
        return None
    text = "".join(part for part in parts if isinstance(part, str))
    shown = next((shown for form, shown in _TEMPLATES if form.search(text)), None)
    if shown is None:
        return None
    what = "backquotes, and no command is run" if shown == "`...`" else f"`{shown}`, which stays as it is"
    return Habit(
        f"is an `!expand` without a reference: it has {what}",
        "write `${NAME}` for a variable; leave `!expand` out if the text is meant as it is",
    )


def named_in_templates(text: str) -> frozenset[str]:
    """Return the names in a text that another language would replace: `{{ NAME }}`, `%NAME%`, `#{NAME}`."""
    return frozenset(name for found in _IN_TEMPLATE.findall(text) for name in found if name)
