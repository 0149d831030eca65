"""A fleet as one JSON text, and back; and the JSON that `heroku config --json` prints of one app.

Every part of the text is checked, and no error message quotes any of the text, which may be a value.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

from envtree.migration.apps.fleet import App, Attachment, Fleet, ProcessType

if TYPE_CHECKING:
    from collections.abc import Callable

    Object = dict[str, Any]

FORMAT = "envtree heroku snapshot 1"
_ANY_FORMAT = re.compile(r"envtree heroku snapshot ([1-9][0-9]{0,5})")
_SURROUNDINGS = ("buildpacks", "domains", "drains")
"""What older snapshots don't have."""
_APP = (
    *("name", "id", "pipeline", "stage", "values", "release", "formation", "attachments", "features"),
    *_SURROUNDINGS,
    "fault",
)

Item = TypeVar("Item")


class InvalidSnapshot(Exception):
    """A text that is no snapshot; the message quotes nothing of the text."""


def as_json(fleet: Fleet) -> str:
    """Return a whole fleet as JSON, config vars in clear; equal for equal fleets."""
    data = {
        "format": FORMAT,
        "host": fleet.host,
        "taken": fleet.taken,
        "apps": [_app_data(app) for app in fleet.apps],
    }
    return json.dumps(data, indent=2) + "\n"


def _app_data(app: App) -> Object:
    return {
        "name": app.name,
        "id": app.id,
        "pipeline": app.pipeline,
        "stage": app.stage,
        "values": None if app.values is None else dict(sorted(app.values.items())),
        "release": app.release,
        "formation": app.formation and [_process_data(each) for each in app.formation],
        "attachments": app.attachments
        and [
            {"name": each.name, "addon": each.addon, "plan": each.plan, "names": each.names} for each in app.attachments
        ],
        "features": app.features,
        **{each: getattr(app, each) for each in _SURROUNDINGS},
        "fault": app.fault,
    }


def _process_data(each: ProcessType) -> Object:
    return {"name": each.name, "command": each.command, "quantity": each.quantity, "size": each.size}


def read(text: str) -> Fleet:
    """Return the fleet that a snapshot holds; raises InvalidSnapshot where the text is none."""
    data = _parsed(text)
    name = data.get("format") if isinstance(data, dict) else None
    if not isinstance(name, str) or not (match := _ANY_FORMAT.fullmatch(name)):
        raise InvalidSnapshot("it is no snapshot: it doesn't say which format it has")
    if name != FORMAT:
        raise InvalidSnapshot(f"it was made by a newer envtree (format {match[1]}, and this one reads {FORMAT[-1]})")
    fields = _object(data, ("format", "host", "taken", "apps"), "it")
    apps = _list(fields["apps"], "`apps`", _app)
    if len({app.name for app in apps}) < len(apps):
        raise InvalidSnapshot("it holds an app twice")
    return Fleet(apps, _text(fields["host"], "`host`"), _text(fields["taken"], "`taken`"))


def read_config(name: str, text: str) -> App:
    """Return an app of which only the config vars are known, from one flat object of names and texts."""
    return App(name, values=_values(_parsed(text), "it"))


def _parsed(text: str) -> Any:
    if not text.strip():
        raise InvalidSnapshot("it is empty; what printed it may have failed")
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        pass  # the error holds the whole text
    raise InvalidSnapshot("it is not JSON, or ends before it is complete")


def _unique(pairs: list[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidSnapshot("a key stands twice in one object")
    return found


def _app(data: Any, where: str) -> App:
    known = {**dict.fromkeys(_SURROUNDINGS), **data} if isinstance(data, dict) else data
    fields = _object(known, _APP, where)
    return App(
        _text(fields["name"], f"`name` of {where}"),
        _text(fields["id"], f"`id` of {where}"),
        _text(fields["pipeline"], f"`pipeline` of {where}"),
        _text(fields["stage"], f"`stage` of {where}"),
        None if fields["values"] is None else _values(fields["values"], f"`values` of {where}"),
        None if fields["release"] is None else _number(fields["release"], f"`release` of {where}"),
        _optional_list(fields["formation"], f"`formation` of {where}", _process_type),
        _optional_list(fields["attachments"], f"`attachments` of {where}", _attachment),
        _optional_list(fields["features"], f"`features` of {where}", _text),
        _text(fields["fault"], f"`fault` of {where}"),
        buildpacks=_optional_list(fields["buildpacks"], f"`buildpacks` of {where}", _text),
        domains=_optional_list(fields["domains"], f"`domains` of {where}", _text),
        drains=_optional_list(fields["drains"], f"`drains` of {where}", _text),
    )


def _process_type(data: Any, where: str) -> ProcessType:
    known = {"size": "", **data} if isinstance(data, dict) else data  # snapshots of before have none
    fields = _object(known, ("name", "command", "quantity", "size"), where)
    return ProcessType(
        _text(fields["name"], f"`name` of {where}"),
        _text(fields["command"], f"`command` of {where}"),
        _number(fields["quantity"], f"`quantity` of {where}"),
        _text(fields["size"], f"`size` of {where}"),
    )


def _attachment(data: Any, where: str) -> Attachment:
    fields = _object(data, ("name", "addon", "plan", "names"), where)
    return Attachment(
        _text(fields["name"], f"`name` of {where}"),
        _text(fields["addon"], f"`addon` of {where}"),
        _text(fields["plan"], f"`plan` of {where}"),
        _list(fields["names"], f"`names` of {where}", _text),
    )


def _object(data: Any, keys: tuple[str, ...], where: str) -> Object:
    """Return the object, which must have exactly these keys."""
    if not isinstance(data, dict):
        raise InvalidSnapshot(f"{where} is no object")
    if missing := next((key for key in keys if key not in data), None):
        raise InvalidSnapshot(f"{where} has no `{missing}`")
    if len(data) > len(keys):
        raise InvalidSnapshot(f"{where} has a key that this format doesn't know")
    return data


def _list(data: Any, where: str, read_item: Callable[[Any, str], Item]) -> tuple[Item, ...]:
    if not isinstance(data, list):
        raise InvalidSnapshot(f"{where} is no list")
    return tuple(read_item(each, f"item {number} of {where}") for number, each in enumerate(data, 1))


def _optional_list(data: Any, where: str, read_item: Callable[[Any, str], Item]) -> tuple[Item, ...] | None:
    return None if data is None else _list(data, where, read_item)


def _values(data: Any, where: str) -> dict[str, str]:
    if not isinstance(data, dict):
        raise InvalidSnapshot(f"{where} is no object of names and texts")
    for number, value in enumerate(data.values(), 1):
        if not isinstance(value, str):
            raise InvalidSnapshot(f"variable {number} of {where} is no text")
    return data


def _text(data: Any, where: str) -> str:
    if not isinstance(data, str):
        raise InvalidSnapshot(f"{where} is no text")
    return data


def _number(data: Any, where: str) -> int:
    if type(data) is not int:  # True is an int too
        raise InvalidSnapshot(f"{where} is no whole number")
    return data
