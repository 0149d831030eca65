"""The gate of one service: what is left before a person could switch it, each with the command that closes it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import layer_id_of
from envtree.core.model.diagnostic import errors
from envtree.core.model.tree import COMMON
from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.mask import json_lines, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.core.model.tree import Span
    from envtree.core.settings.heroku import Deployment
    from envtree.migration.comparing.comparison import AppSummary, Difference, HerokuComparison, MigrationFinding

    Paint = Callable[[str, str], str]

EXPECT = "heroku: expect:"
_DIFFERENCES = {
    "missing": "is on Heroku, and not in the tree",
    "extra": "is in the tree, and not on Heroku",
    "different": "is not what Heroku has",
    "owned": "is not what the add-on sets",
    "uncarried": "can't be carried as Heroku has it",
    "unknown": "is sealed, and no key is here, so it can't be compared",
    "invalid": "is wrong in the tree",
}
_FINDINGS = {
    "add-on": "is still what a Heroku add-on sets",
    "clear": "is in clear",
    "unchanged": "is to differ from Heroku, and is the same",
    "another's": "is what Heroku gives another app",
    "gone": "is to be new, and has no value",
    "unconfirmed": "is a process that nobody has compared with a dyno",
    "command": "is a process without a command of its own",
    "add-ons unknown": "it isn't known which variables add-ons set",
}


class GateItem(NamedTuple):
    """One thing that is left, with the command that closes it, and what may be written instead or as well."""

    kind: str
    name: str
    message: str
    command: str
    advice: str = ""
    span: Span | None = None


def remaining(comparison: HerokuComparison, deployment: Deployment) -> tuple[GateItem, ...]:
    """Return all that is left for one deployment; nothing only where a person could switch it now."""
    return (
        *_problems(comparison, deployment),
        *(_fault(each) for each in comparison.apps if each.deployment == deployment and each.fault),
        *(
            _difference(each)
            for each in comparison.differences
            if each.deployment == deployment and each.section != "expected"
        ),
        *(_finding(each) for each in comparison.findings if each.deployment == deployment),
    )


def _problems(comparison: HerokuComparison, deployment: Deployment) -> Iterator[GateItem]:
    if number := len(errors(comparison.problems)):
        message = f"the tree has {counted(number, 'error')} that {deployment} depends on"
        yield GateItem("problem", "", message, f"envtree validate {deployment}")


def _fault(app: AppSummary) -> GateItem:
    command = f"envtree diff heroku {app.deployment}"
    if "403" in app.fault:
        command = "heroku authorizations:create -s read-protected -e 86400"
    return GateItem("fault", "", f"`{one_line(app.app)}` could not be compared: {one_line(app.fault)}", command)


def _difference(found: Difference) -> GateItem:
    deployment, name = found.deployment, shlex.quote(found.name)
    command, advice = f"envtree set {deployment} {name}", _expecting(found)
    if found.section == "extra":
        command = f"envtree unset {_scope(found.span, deployment)} {name}"
    elif found.section == "invalid":
        command, advice = f"envtree validate {deployment}", ""
    elif found.section == "unknown":
        command, advice = f"SOPS_AGE_KEY_FILE=FILE envtree heroku status --gate {deployment}", ""
    message = f"`{one_line(found.name)}` {_DIFFERENCES[found.section]}{f'; {found.hint}' if found.hint else ''}"
    return GateItem(found.section, found.name, message, command, advice, found.span)


def _expecting(found: Difference) -> str:
    """Return the line that says that a difference is on purpose."""
    word = ""
    if found.equal_to:
        word = "shared: true, "
    if found.section == "extra":
        word += "new: true, "
    elif found.ours is None or not found.ours.strip():
        word = "unset: true, "
    where = f"`{one_line(found.name)}: {{in: {found.deployment}, {word}reason: ...}}`"
    return f"or, where that is on purpose, write under `{EXPECT}` {where}"


def _finding(found: MigrationFinding) -> GateItem:
    if found.kind in ("process", "stopped", "processes unknown"):
        return _process(found)
    deployment, name = found.deployment, shlex.quote(found.name)
    command, advice = f"envtree set {deployment} {name}", ""
    if found.kind == "add-on":
        advice = f"and write under `{EXPECT}` `{one_line(found.name)}: {{in: {deployment}, reason: ...}}`"
    elif found.kind == "clear":
        command = f"envtree secret seal {_scope(found.span, deployment)} --also {name}"
        advice = "or say under `heroku: expect_clear:` why it may be in clear"
    elif found.kind == "unconfirmed":
        command = (
            f"heroku run --no-tty -a {found.app} 'env -0' > dyno && "
            f"envtree diff heroku {deployment} --runtime dyno --confirm"
        )
    elif found.kind == "command":
        command = f'"$EDITOR" configs/{deployment.service}/service.yaml'
    elif found.kind == "add-ons unknown":
        command = _ask_the_api(deployment)
    elif found.kind == "another's":
        advice = f"or write `shared: true` under `{EXPECT}`, where that is on purpose"
    elif found.kind in ("unchanged", "gone"):
        advice = f"or correct what `{EXPECT}` says: {one_line(found.detail)}"
    joint = ", and " if found.kind == "clear" else ": "
    detail = (
        f"{joint}{one_line(found.detail)}" if found.kind in ("add-on", "clear", "another's") and found.detail else ""
    )
    subject = f"`{one_line(found.name)}` " if found.name else ""
    return GateItem(found.kind, found.name, f"{subject}{_FINDINGS[found.kind]}{detail}", command, advice, found.span)


def _process(found: MigrationFinding) -> GateItem:
    """Return what is left of a process type of the app."""
    deployment, name, advice = found.deployment, one_line(found.name), ""
    command = f'"$EDITOR" configs/{deployment.service}/service.yaml'
    if found.kind == "processes unknown":
        message = f"it isn't known which processes run in {found.app}: {one_line(found.detail)}"
        command = _ask_the_api(deployment)
    elif found.kind == "process":
        message = f"`{name}` runs in {found.app}, and is no process of {deployment}"
    else:
        message = f"`{name}` runs in {found.app}, and its `count` is 0 in {deployment.environment}"
        advice = f"or, where that is on purpose: heroku ps:scale {shlex.quote(found.name)}=0 -a {found.app}"
    return GateItem(found.kind, found.name, message, command, advice)


def _ask_the_api(deployment: Deployment) -> str:
    return f"HEROKU_API_KEY=TOKEN envtree heroku status --gate {deployment}"


def _scope(span: Span | None, deployment: Deployment) -> str:
    """Return the scope of the layer that a line is in, as a shell takes it."""
    *folder, last = layer_id_of(span.file).split("/") if span else ("",)
    if not last:
        return str(deployment)
    return shlex.quote("/".join(("*" if last == COMMON else last, *folder)) if folder else last)


def as_text(deployment: Deployment, left: tuple[GateItem, ...], paint: Paint = plain) -> str:
    """Return whether the service could be switched, and a line for all that is left, with what closes it."""
    if not left:
        return paint("good", f"{deployment} can be switched: nothing is left") + "\n"
    lines = [
        paint("message", f"{deployment} can't be switched yet: {counted(len(left), 'thing is', 'things are')} left")
    ]
    for each in left:
        at = paint("frame", f"  {each.span.file}:{each.span.line}") if each.span else ""
        lines += [f"  {paint('changed', each.message)}{at}", f"      {each.command}"]
        lines += [f"      {each.advice}"] if each.advice else []
    return "".join(f"{line}\n" for line in lines)


def as_json(deployment: Deployment, left: tuple[GateItem, ...]) -> str:
    """Return one object: whether the service could be switched, and what is left."""
    return json_lines(
        {
            "environment": deployment.environment,
            "service": deployment.service,
            "ready": not left,
            "left": [
                {
                    "kind": each.kind,
                    "name": each.name or None,
                    "message": each.message,
                    "command": each.command,
                    "advice": each.advice or None,
                    "file": each.span.file if each.span else None,
                    "line": each.span.line if each.span else None,
                }
                for each in left
            ],
        }
    )
