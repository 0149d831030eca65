"""Environments from outside a tree: of a running process (proc(5)), a JSON file, or the output of `env -0`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason

MAX_JSON = 16 << 20
PROC = "/proc"


def read_process(pid: str) -> dict[str, str]:
    """Return the variables that a process was started with; raises EnvtreeError where they can't be read."""
    try:
        data = Path(f"{PROC}/{pid}/environ").read_bytes()
    except OSError as error:
        is_gone = isinstance(error, (FileNotFoundError, ProcessLookupError))
        reason = "there is no such process" if is_gone else system_reason(error)
        advice = "`sv status SERVICE` shows its number" if is_gone else "ask as the user it runs as, or as root"
        raise _unreadable(f"the environment of process {pid} can't be read: {reason}", advice) from None
    pairs = (each.partition(b"=") for each in data.split(b"\0") if b"=" in each)
    return {_text(name): _text(value) for name, _, value in pairs}


def read_json(path: str) -> tuple[dict[str, str], frozenset[str]]:
    """Return the variables in a JSON file, and the names of those that it hides.

    The file is `{NAME: text}`, or the output of `show --format json`. Removed variables are left out. Raises
    EnvtreeError where the file is anything else.
    """
    data = _read(path)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise _unreadable(f"`{path}` is not JSON", _SHAPES) from None
    if isinstance(found, dict) and isinstance(found.get("target"), str) and isinstance(found.get("variables"), dict):
        return _shown(path, found["variables"])
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise _unreadable(f"`{path}` is no object of names and texts", _SHAPES)
    return found, frozenset()


_SHAPES = 'write `{"NAME": "text", ...}`, or what `envtree show --format json --reveal` prints'


def _shown(path: str, variables: dict[str, Any]) -> tuple[dict[str, str], frozenset[str]]:
    values, hidden = {}, set()
    for name, each in variables.items():
        if not isinstance(each, dict) or not isinstance(each.get("value", 0), (str, type(None))):
            raise _unreadable(f"`{path}` says no value of `{name}`", _SHAPES)
        if each["value"] is not None:
            values[name] = each["value"]
        elif not each.get("unset"):
            hidden.add(name)
    return values, frozenset(hidden)


def read_environment(path: str) -> dict[str, str]:
    """Return the variables in `env -0`'s output (`NAME=value`, NUL; the last may lack it), or raise EnvtreeError."""
    data = _read(path)
    records = data.split(b"\0")
    if not records[-1].strip(b"\r\n"):  # a terminal in between may add a line end
        records.pop()
    if not records:
        raise _unreadable(f"`{path}` is empty", _ENV)
    if len(records) == 1 and b"\0" not in data and b"\n" in data:
        raise _unreadable(f"`{path}` has lines, which a value may have too, and no NUL between its variables", _ENV)
    values: dict[str, str] = {}
    for record in records:
        name, value = _variable(path, record)
        if name in values:
            raise _unreadable(f"`{path}` sets a name twice", _ENV)
        values[name] = value
    return values


_ENV = "use `env -0`, for example `heroku run --no-tty -a APP -- env -0 > FILE`"


def _variable(path: str, record: bytes) -> tuple[str, str]:
    """Return the name and the value of one variable; an error shows neither, since the wrong part may be a value."""
    name, sign, value = record.partition(b"=")
    try:
        pair = name.decode(), value.decode()
    except UnicodeDecodeError:
        raise _unreadable(f"`{path}` is not UTF-8", _ENV) from None
    if not sign or not name or not pair[0].isprintable():
        raise _unreadable(f"`{path}` holds more than the variables that `env -0` prints", _ENV)
    return pair


def _read(path: str) -> bytes:
    """Return the bytes of a file that is not too large."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_JSON + 1)
    except OSError as error:
        raise _unreadable(f"`{path}` can't be read: {system_reason(error)}", "") from None
    if len(data) > MAX_JSON:
        raise _unreadable(f"`{path}` is larger than {MAX_JSON >> 20} MiB", "")
    return data


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _unreadable(message: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("unreadable-environment", message, help=advice))
