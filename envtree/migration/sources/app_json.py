"""`app.json`: the variables that an app has or needs, and what else of the app is part of a move."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span
from envtree.core.render.mask import from_outside
from envtree.core.runit.envdir import name_fault
from envtree.migration.sources.json_places import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Path = tuple[str | int, ...]

_KEYS = ("description", "value", "required", "generator")
LONGEST = 60
_KINDS = {str: "a text", bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "an object"}


class DeclaredVariable(NamedTuple):
    """A variable of an app: what it is for, its text (None: none given), and whether an app must have it."""

    name: str
    description: str
    value: str | None
    is_required: bool
    is_generated: bool


class AppJson(NamedTuple):
    """The variables; the processes, each with how many there are; and the rest in words, a line each."""

    variables: tuple[DeclaredVariable, ...]
    formation: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]


def read_app_json(path: str, text: str) -> tuple[AppJson, tuple[Diagnostic, ...]]:
    """Return what an `app.json` says, and what is wrong with it."""
    data = _parsed(text)
    if not isinstance(data, dict):
        message = "the file is no JSON, or not of Unicode, or says a key twice"
        message = message if data is None else "the file is no JSON object"
        advice = "`python3 -m json.tool FILE` says where it isn't JSON"
        return AppJson((), (), ()), (Diagnostic("unusable-file", message, Span(path, 1, 1, 0), help=advice),)
    reader = _AppJsonReader(path, text)
    variables = tuple(reader.variables(data.get("env", {})))
    formation = tuple(reader.formation(data.get("formation", {})))
    return AppJson(variables, formation, tuple(_remarks(data))), tuple(reader.problems)


def _parsed(text: str) -> Any:
    try:
        data = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_unique, parse_constant=_refuse)
        json.dumps(data, ensure_ascii=False).encode()  # half of a surrogate pair is no text
        return data
    except (ValueError, RecursionError):  # the error holds the whole text
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(_: str) -> None:
    raise ValueError


class _AppJsonReader:
    """What is wrong is collected, each with its place."""

    def __init__(self, path: str, text: str) -> None:
        self.problems: list[Diagnostic] = []
        self._path = path
        self._places = places(text)

    def variables(self, env: Any) -> Iterator[DeclaredVariable]:
        """Yield what `env` declares, each either as a text or as an object."""
        if not isinstance(env, dict):
            self._report(("env",), env, "an object of variables")
            return
        for name, each in env.items():
            at: Path = ("env", name)
            if fault := name_fault(name):
                self._add(at, f"`{_shown((name,))}` {fault.message}", fault.help)
            elif isinstance(each, str):
                yield DeclaredVariable(name, "", each, is_required=True, is_generated=False)
            elif isinstance(each, dict):
                yield self._variable(name, at, each)
            else:
                self._report(at, each, "a text, or an object with `value`", _quote_help(each))

    def _variable(self, name: str, at: Path, found: Mapping[str, Any]) -> DeclaredVariable:
        for key in found:
            if key not in _KEYS:
                self._add((*at, key), f"`{_shown((*at, key))}` is not known", f"the keys are {', '.join(_KEYS)}")
        value = self._text((*at, "value"), found.get("value"))
        description = self._text((*at, "description"), found.get("description")) or ""
        required = found.get("required", True)
        if not isinstance(required, bool):
            self._report((*at, "required"), required, "`true` or `false`")
        generator = found.get("generator")
        if generator not in (None, "secret"):
            self._add((*at, "generator"), f"`{_shown((*at, 'generator'))}` is not `secret`", "nothing else is known")
        return DeclaredVariable(name, description, value, required is not False, generator == "secret")

    def formation(self, found: Any) -> Iterator[tuple[str, str]]:
        """Yield each process, and how many there are of which size."""
        if not isinstance(found, dict):
            self._report(("formation",), found, "an object of processes")
            return
        for name, each in found.items():
            quantity = each.get("quantity", 1) if isinstance(each, dict) else each
            if type(quantity) is not int:
                self._report(("formation", name), quantity, "an object with a `quantity`")
                continue
            size = each.get("size") if isinstance(each, dict) else None
            yield name, f"{quantity}{f' of {from_outside(size, LONGEST)}' if isinstance(size, str) else ''}"

    def _text(self, at: Path, found: Any) -> str | None:
        if found is None or isinstance(found, str):
            return found
        self._report(at, found, "a text", _quote_help(found))
        return None

    def _report(self, at: Path, found: Any, expected: str, advice: str = "") -> None:
        kind = _KINDS.get(type(found), "nothing")
        self._add(at, f"`{_shown(at)}` is {kind}, and {expected} is expected", advice)

    def _add(self, at: Path, message: str, advice: str) -> None:
        line, column, length = self._places.get(at, (1, 1, 0))
        self.problems.append(Diagnostic("unusable-file", message, Span(self._path, line, column, length), help=advice))


def _quote_help(found: object) -> str:
    return "a variable is a text: write it in quotes, as the program is to get it" if found is not None else ""


def _shown(at: Path) -> str:
    return ".".join(from_outside(str(part), LONGEST) for part in at)


def _remarks(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is no configuration, but part of a move; never a value."""
    for key, what in (("buildpacks", "url"), ("addons", "plan")):
        names = [each.get(what) if isinstance(each, dict) else each for each in _list(data.get(key))]
        if names:
            yield f"{key}: {', '.join(from_outside(str(name), LONGEST) for name in names)}"
    for key in ("stack", "image"):
        if isinstance(data.get(key), str):
            yield f"{key}: {from_outside(data[key], LONGEST)}"
    for key, command in _pairs(data.get("scripts")):
        if isinstance(command, str):
            yield f"scripts.{from_outside(key, LONGEST)}: {from_outside(command, LONGEST)}"
    for name, each in _pairs(data.get("environments")):
        for key, inner in _pairs(each):
            named = f": {', '.join(from_outside(str(part), LONGEST) for part in inner)}" if key == "env" else ""
            yield f"environments.{from_outside(name, LONGEST)}.{from_outside(key, LONGEST)}{named}"


def _pairs(found: Any) -> list[tuple[str, Any]]:
    return list(found.items()) if isinstance(found, dict) else []


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
