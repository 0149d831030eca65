"""The variables of a resolution for a human reader: each with its value, hidden where it must be, and its location."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from envtree.core.export.limits import is_dotenv_name, is_shell_name
from envtree.core.export.quoting import dotenv_line, shell_line
from envtree.core.model.source import CONFIGS
from envtree.core.render.mask import HIDDEN, SEALED, clip, has_password, json_lines, mask_passwords, one_line
from envtree.core.schema.governance import hidden_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target
    from envtree.core.schema.governance import Governance

MIN_COLUMN = 20
MAX_COLUMN = 48


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a target: its value (None: removed), and the entry that won."""

    name: str
    value: str | None
    entry: Entry
    hidden: bool
    masked: bool = False
    """A part of the value is a password: the table shows the rest, other formats show nothing of it."""
    closed: bool = False
    """The value is not known here: it is sealed, or made of what is."""


def variables_of(node: Node, governance: Governance) -> tuple[Variable, ...]:
    """Return what a chain sets or removes, sorted by name; what is not opened here is empty and stays hidden."""
    hidden = hidden_names(node, governance)
    closed = dict.fromkeys(node.failed, "")
    return tuple(
        Variable(name, text, node.provenance[name][-1], name in hidden, has_password(text or ""), name in closed)
        for name, text in sorted({**node.values, **closed}.items())
    )


def revealed(variables: Iterable[Variable]) -> tuple[Variable, ...]:
    """Return the variables with only those hidden that are not opened."""
    return tuple(
        Variable(each.name, each.value, each.entry, hidden=each.closed, closed=each.closed) for each in variables
    )


def as_table(variables: Iterable[Variable], width: int | None) -> str:
    """Return a table of names, values and locations, clipped to a width; None keeps each value whole."""
    rows = [(each.name, _value_text(each), _location(each)) for each in variables]
    names = max(len(name) for name in ("NAME", *(name for name, _, _ in rows)))
    locations = max((len(location) for _, _, location in rows), default=0)
    widest = max((len(value) for _, value, _ in rows), default=0)
    room = MAX_COLUMN
    if width is not None:
        if width - names - locations - 4 < MIN_COLUMN:
            rows = [(name, value, location.removeprefix(CONFIGS)) for name, value, location in rows]
            locations = max((len(location) for _, _, location in rows), default=0)
        room = max(MIN_COLUMN, width - names - locations - 4)
        rows = [(name, clip(value, room), location) for name, value, location in rows]
    values = min(widest, room)
    lines = (("NAME", "VALUE", "FROM"), *rows)
    return "".join(f"{name:<{names}}  {value:<{values}}  {location}\n" for name, value, location in lines)


def as_json(target: Target, variables: Iterable[Variable]) -> str:
    """Return a JSON object: the target, and the value (null if hidden), state and location of each variable."""
    data = {
        "target": str(target),
        "variables": {
            each.name: {
                "value": None if each.hidden or each.masked else each.value,
                "hidden": each.hidden or each.masked,
                "unset": each.value is None,
                "file": each.entry.file,
                "line": each.entry.line,
                "column": each.entry.column,
            }
            for each in variables
        },
    }
    return json_lines(data)


def as_dotenv(variables: Iterable[Variable]) -> str:
    """Return `NAME='value'` lines for dotenv readers that don't interpolate; a hidden value is a comment."""
    return "".join(_dotenv_line(each) for each in variables)


def as_shell(variables: Iterable[Variable]) -> str:
    """Return `export NAME='value'` lines for a POSIX shell, and `unset NAME` for removed variables."""
    return "".join(_shell_line(each) for each in variables)


def _value_text(variable: Variable) -> str:
    if variable.value is None:
        return "(unset)"
    if variable.hidden:
        return SEALED if variable.closed else HIDDEN
    return one_line(mask_passwords(variable.value) if variable.masked else variable.value) or '""'


def _location(variable: Variable) -> str:
    return f"{variable.entry.file}:{variable.entry.line}"


def _hidden_comment(variable: Variable) -> str:
    """Return a comment in place of a hidden value, since a placeholder could reach a process as a value."""
    return f"# {variable.name} is {'sealed' if variable.closed else 'hidden (--reveal shows it)'}\n"


def _dotenv_line(variable: Variable) -> str:
    if not is_dotenv_name(variable.name):
        return f"# {one_line(variable.name)} is no name that dotenv readers take\n"
    if variable.value is None:
        return f"# {variable.name} is unset\n"
    if variable.hidden or variable.masked:
        return _hidden_comment(variable)
    return dotenv_line(variable.name, variable.value)


def _shell_line(variable: Variable) -> str:
    if not is_shell_name(variable.name):
        return f"# {one_line(variable.name)} is no name that a shell can set\n"
    if variable.value is not None and (variable.hidden or variable.masked):
        return _hidden_comment(variable)
    return shell_line(variable.name, variable.value)
