"""Answers of Heroku's API as values: every type in the decoded JSON is checked, and no error holds a value."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from envtree.core.render.mask import from_outside
from envtree.migration.apps.fleet import App, Attachment, ProcessType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Fields: TypeAlias = "Mapping[str, Fields | None]"
    """The names that are needed of an object; one with fields of its own is an object, too."""

LONGEST_NAME = 60
"""Characters of a name from outside that a message shows."""

NAMED: Fields = {"id": None, "name": None}
"""What is read of an app or a pipeline; and so on for other parts of lists, all of which need an `id`."""
COUPLING: Fields = {"id": None, "app": {"id": None}, "pipeline": {"id": None}, "stage": None}
ATTACHMENT: Fields = {
    "id": None,
    "name": None,
    "app": {"id": None},
    "addon": {"name": None, "plan": {"name": None}},
    "config_vars": None,
}
PROCESS: Fields = {"id": None, "type": None, "command": None, "quantity": None, "size": None}
FEATURE: Fields = {"id": None, "name": None, "enabled": None}
RELEASE: Fields = {"version": None}
BUILDPACK: Fields = {"ordinal": None, "buildpack": {"name": None}}
DOMAIN: Fields = {"id": None, "hostname": None, "kind": None}
DRAIN: Fields = {"id": None, "url": None, "addon": {"id": None}}

_APP = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
_IDENTITY = re.compile(r"[0-9A-Za-z-]{1,64}")
_SIZE = re.compile(r"[0-9A-Za-z.-]{1,64}")
_ADDRESS = re.compile(r"[a-z+]+://(?:[^/?#]*@)?(?P<host>[\w.-]{1,253}(?::\d{1,5})?)(?:[/?#].*)?", re.ASCII | re.DOTALL)
_SECRET_PARTS = re.compile(r"(?<=://)\S*@|\?[^#]*")
"""A login in an address, whatever it holds, and a query."""
_PROCESS = re.compile(r"[-\w]{1,128}")


class UnexpectedAnswer(Exception):
    """An answer that is not what the API promises; its message holds no value."""


def decode(data: bytes) -> Any:
    """Return a body as JSON (RFC 8259): UTF-8, every name of an object once, no `NaN`."""
    try:
        return json.loads(data.decode(), object_pairs_hook=as_object, parse_constant=no_number)
    except (ValueError, RecursionError):  # the text of the error may quote the body
        raise UnexpectedAnswer("the answer is no JSON") from None


def apps(found: Any) -> tuple[App, ...]:
    """Return the apps of `/apps`, sorted by name, without what takes a request for each app."""
    known: dict[str, App] = {}
    for each in _objects(found, "apps"):
        name = _text(each, "name", "an app")
        if not _APP.fullmatch(name):
            raise UnexpectedAnswer(f"`{short(name)}` is no name of an app")
        if name in known:
            raise UnexpectedAnswer(f"the app `{name}` is listed twice")
        known[name] = App(name, id=_text(each, "id", f"the app `{name}`"))
    return tuple(known[name] for name in sorted(known))


def with_pipelines(found: Sequence[App], pipelines: Any, couplings: Any) -> tuple[App, ...]:
    """Return the apps with pipeline and stage; an app whose pipeline this account may not see stays as it is."""
    names = {
        _text(each, "id", "a pipeline"): _text(each, "name", "a pipeline") for each in _objects(pipelines, "pipelines")
    }
    by_app: dict[str, tuple[str, str]] = {}
    for each in _objects(couplings, "pipeline couplings"):
        app, pipeline = (_text(_inner(each, key), "id", "a pipeline coupling") for key in ("app", "pipeline"))
        if app in by_app:
            raise UnexpectedAnswer("an app is coupled to a pipeline twice")
        by_app[app] = (pipeline, _text(each, "stage", "a pipeline coupling"))
    return tuple(_with_pipeline(app, by_app, names) for app in found)


def _with_pipeline(app: App, by_app: Mapping[str, tuple[str, str]], names: Mapping[str, str]) -> App:
    pipeline, stage = by_app.get(app.id, ("", ""))
    return replace(app, pipeline=names[pipeline], stage=stage) if pipeline in names else app


def review_stages(found: Sequence[App], pipelines: Any, couplings: Any) -> tuple[App, ...]:
    """Return the review stage of each pipeline that has one of these apps, sorted; `PIPELINE/review` is its name.

    Names of pipelines repeat: then their ids tell the stages apart.
    """
    ids = {app.id for app in found}
    wanted = {
        _text(_inner(each, "pipeline"), "id", "a pipeline coupling")
        for each in _objects(couplings, "pipeline couplings")
        if _inner(each, "app").get("id") in ids
    }
    names = {
        _text(each, "id", "a pipeline"): _text(each, "name", "a pipeline") for each in _objects(pipelines, "pipelines")
    }
    if any(not _IDENTITY.fullmatch(each) for each in wanted):
        raise UnexpectedAnswer("a pipeline has an `id` that is none")
    counts = Counter(names[each] for each in wanted if each in names)
    stages = (
        App(f"{names[each]}/review{f'-{each[:8]}' if counts[names[each]] > 1 else ''}", each, names[each], "review")
        for each in wanted
        if each in names
    )
    return tuple(sorted(stages, key=lambda stage: stage.name))


def config_vars(found: Any) -> dict[str, str]:
    """Return the config vars of an app or of one of its releases; every value is a text, whatever it looks like."""
    if not isinstance(found, dict):
        raise UnexpectedAnswer("its config vars are no object")
    for name, value in found.items():
        if not isinstance(value, str):
            raise UnexpectedAnswer(f"its config var `{short(name)}` is no text")
        if not _encodable(name) or not _encodable(value):
            raise UnexpectedAnswer(f"its config var `{short(name)}` is no Unicode text")
    return found


def newest_release(found: Any) -> int | None:
    """Return the version of the newest of some releases; None where there is none."""
    versions = [_count(each, "version", "a release") for each in _objects(found, "releases")]
    return max(versions, default=None)


def attachments(found: Any) -> dict[str, tuple[Attachment, ...]]:
    """Return the attachments of `/addon-attachments` by the id of the app that has them.

    The config vars of an add-on must be known exactly, so an attachment that doesn't list its own is refused.
    """
    by_app: dict[str, list[Attachment]] = {}
    for each in _objects(found, "attachments"):
        name, addon = _text(each, "name", "an attachment"), _inner(each, "addon")
        names = each.get("config_vars")
        if not isinstance(names, list) or not all(isinstance(var, str) and _encodable(var) for var in names):
            raise UnexpectedAnswer(f"the attachment `{short(name)}` doesn't say which config vars it sets")
        plan = _text(addon["plan"], "name", "a plan") if isinstance(addon.get("plan"), dict) else ""
        attachment = Attachment(name, _text(addon, "name", "an add-on"), plan, tuple(sorted(names)))
        by_app.setdefault(_text(_inner(each, "app"), "id", "an attachment"), []).append(attachment)
    return {app: tuple(sorted(each)) for app, each in by_app.items()}


def formation(found: Any) -> tuple[ProcessType, ...]:
    """Return the process types of `/apps/X/formation`, sorted by name."""
    known: dict[str, ProcessType] = {}
    for each in _objects(found, "process types"):
        name = _text(each, "type", "a process type")
        if name in known or not _PROCESS.fullmatch(name):
            raise UnexpectedAnswer(f"the process type `{short(name)}` is listed twice or has no valid name")
        about = f"the process type `{short(name)}`"
        known[name] = ProcessType(name, _text(each, "command", about), _count(each, "quantity", about), _size(each))
    return tuple(known[name] for name in sorted(known))


def _size(found: Mapping[str, Any]) -> str:
    """Return the size of the dynos in small letters; what is no such word is not known."""
    size = found.get("size")
    return size.lower() if isinstance(size, str) and _SIZE.fullmatch(size) else ""


def enabled_features(found: Any) -> tuple[str, ...]:
    """Return the names of the labs features of `/apps/X/features` that are enabled."""
    states = {_text(each, "name", "a feature"): each.get("enabled") for each in _objects(found, "features")}
    if any(not isinstance(each, bool) for each in states.values()):
        raise UnexpectedAnswer("a feature doesn't say whether it is enabled")
    return tuple(sorted(name for name, enabled in states.items() if enabled))


def buildpacks(found: Any) -> tuple[str, ...]:
    """Return the buildpacks of `/apps/X/buildpack-installations` in order, by name or address."""
    known = {
        _count(each, "ordinal", "a buildpack"): _text(_inner(each, "buildpack"), "name", "a buildpack")
        for each in _objects(found, "buildpacks")
    }
    return tuple(_SECRET_PARTS.sub("", known[each]) for each in sorted(known))


def domains(found: Any) -> tuple[str, ...]:
    """Return the hosts of `/apps/X/domains`, sorted, but for the one that Heroku itself gives an app."""
    kinds = {
        _text(each, "hostname", "a domain"): _text(each, "kind", "a domain") for each in _objects(found, "domains")
    }
    return tuple(sorted(host for host, kind in kinds.items() if kind != "heroku"))


def drains(found: Any) -> tuple[str, ...]:
    """Return the hosts that `/apps/X/log-drains` send logs to, sorted: the rest of an address may be a secret.

    The drain of an add-on goes with the add-on, and is left out.
    """
    own = (each for each in _objects(found, "drains") if not isinstance(each.get("addon"), dict))
    return tuple(sorted({_host(_text(each, "url", "a drain")) for each in own}))


def _host(address: str) -> str:
    found = _ADDRESS.fullmatch(address)
    return found["host"] if found else "an address that is no URL"


def short(text: str) -> str:
    """Return a text from outside as a message may show it: on one line, cut after `LONGEST_NAME` characters."""
    return from_outside(text, LONGEST_NAME)


def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; raises UnexpectedAnswer where it has a name twice."""
    found = dict(pairs)
    if len(found) != len(pairs):  # no rule says which one counts
        raise UnexpectedAnswer("the answer says a name twice")
    return found


def no_number(_: str) -> NoReturn:
    """Raise UnexpectedAnswer for `NaN` and the like, which are no JSON."""
    raise UnexpectedAnswer("the answer is no JSON")


def _objects(found: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UnexpectedAnswer(f"the answer is no list of {what}")
    return found


def _inner(found: Mapping[str, Any], key: str) -> dict[str, Any]:
    inner = found.get(key)
    if not isinstance(inner, dict):
        raise UnexpectedAnswer(f"the answer lacks an object `{key}`")
    return inner


def _text(found: Mapping[str, Any], key: str, about: str) -> str:
    text = found.get(key)
    if not isinstance(text, str) or not _encodable(text):
        raise UnexpectedAnswer(f"{about} has no `{key}` that is a text")
    return text


def _count(found: Mapping[str, Any], key: str, about: str) -> int:
    number = found.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise UnexpectedAnswer(f"{about} has no `{key}` that is a number")
    return number


def _encodable(text: str) -> bool:
    """Return whether a text is Unicode: half of a surrogate pair, which JSON can write, is no text."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
