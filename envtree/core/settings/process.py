"""A process in a service.yaml: its command, when it is ready, and how it is stopped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from envtree.core.model.selector import did_you_mean_name
from envtree.core.model.tree import Process, Task
from envtree.core.yaml.document import MappingNode, ScalarNode, span_of

if TYPE_CHECKING:
    from envtree.core.settings.reader import Field
    from envtree.core.settings.values import ValueReader
    from envtree.core.yaml.document import Node

SIGNALS = (
    "ABRT",
    "ALRM",
    "CONT",
    "HUP",
    "INT",
    "KILL",
    "QUIT",
    "TERM",
    "USR1",
    "USR2",
    "WINCH",
)
LOST = ("TSTP", "TTIN", "TTOU")
"""No signals to stop by: runsv sends CONT after each, and the kernel drops one that has not been heard by then."""
RELOADS = ("HUP", "USR1", "USR2", "ALRM", "INT", "QUIT")
"""Those that runsv sends, but for the ones that end or pause any process."""
TASKS: tuple[Task, ...] = get_args(Task)
_KEYS = ("command", "count", "task", "ready", "stop", "before_stop", "after_stop", "reload", "on_failure")
_OF_SERVICES = ("count", "ready", "reload", "on_failure")
"""The keys that mean nothing to a task, which ends by itself."""
_BACKGROUND = re.compile(r"(?<![\\&<>|;])(?:\\\\)*&\Z")
_COMMENT = re.compile(r"(?:^|\s)#")


def read_process(reader: ValueReader, name: str, key: ScalarNode, node: Node, environments: tuple[str, ...]) -> Process:
    """Return one process of a service that runs in `environments`; the reader collects what is wrong with it."""
    span = span_of(reader.path, key)
    reader.check_name(name, span, "process")
    if isinstance(node, ScalarNode) and node.value:
        message, advice = f"process `{name}` is its command alone", f"write `{name}: {{command: ...}}`"
        reader.report("invalid-setting", message, node, "expected `command: ...`", help=advice)
        return Process(name, "", span)
    fields = reader.mapping(node, _KEYS, f"process `{name}`", "command")
    if "command" not in fields and isinstance(node, MappingNode):
        reader.missing("command", f"process `{name}`", span, f"write `{name}: {{command: ...}}`")
    default = Process(name, "", span)
    ready, ready_timeout = _ready(reader, fields)
    signal, stop_timeout = _stop(reader, fields)
    return Process(
        name,
        _command(reader, fields),
        span,
        ready,
        default.ready_timeout if ready_timeout is None else ready_timeout,
        signal or default.stop_signal,
        default.stop_timeout if stop_timeout is None else stop_timeout,
        reader.optional(fields, "before_stop", reader.command),
        reader.optional(fields, "after_stop", reader.command),
        reader.choice(fields["reload"][1], "reload", RELOADS, "signal to reload by") if "reload" in fields else None,
        *_on_failure(reader, fields, default),
        _counts(reader, fields, environments),
        _task(reader, fields),
    )


def _counts(
    reader: ValueReader, fields: dict[str, Field], environments: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    """Return the copies by environment; `count:` is a number for all of them, or a mapping."""
    if "count" not in fields:
        return ()
    node = fields["count"][1]
    if not isinstance(node, MappingNode):
        number = reader.copies(node, "count")
        return () if number is None else tuple((each, number) for each in environments)
    found = []
    for name, (key, inner) in reader.mapping(node, None, "`count`").items():
        if name not in environments:
            message = f"the service doesn't run in `{name}`{did_you_mean_name(name, environments)}"
            known = f"it runs in {', '.join(environments)}" if environments else ""
            reader.report("unknown-environment", message, key, help=known)
        elif (number := reader.copies(inner, name)) is not None:
            found.append((name, number))
    return tuple(sorted(found))


def _task(reader: ValueReader, fields: dict[str, Field]) -> Task | None:
    if "task" not in fields:
        return None
    text = reader.choice(fields["task"][1], "task", TASKS, "time at which a task is started")
    for key in _OF_SERVICES:
        if key in fields:
            message = f"a task has no `{key}`: it isn't kept running"
            reader.report("invalid-setting", message, fields[key][0], help="keep one of the two")
    return next((each for each in TASKS if each == text), None)


def _command(reader: ValueReader, fields: dict[str, Field]) -> str:
    text = reader.optional(fields, "command", reader.command) or ""
    if is_background(text):
        message = "`command` ends in `&`: it would run in the background, where runit can't watch it"
        expected = "expected what runs until it is stopped"
        reader.report("invalid-setting", message, fields["command"][1], expected, help="leave out the `&`")
    return text


def is_background(text: str) -> bool:
    """Return whether a command ends in the operator `&`, as far as one can see without a shell."""
    last = text.rstrip().rpartition("\n")[2]
    return _BACKGROUND.search(last) is not None and not _COMMENT.search(last)


def _ready(reader: ValueReader, fields: dict[str, Field]) -> tuple[str | None, float | None]:
    """Return the command and the timeout in seconds; `ready:` is a command, or `{command, timeout}`."""
    if "ready" not in fields:
        return None, None
    key, node = fields["ready"]
    if not isinstance(node, MappingNode):
        return reader.command(node, "ready"), None
    inner = reader.mapping(node, ("command", "timeout"), "`ready`", "command")
    if "command" not in inner:
        advice = "write `ready: {command: ..., timeout: 60s}`"
        reader.missing("command", "`ready`", span_of(reader.path, key), advice)
    timeout = reader.optional(inner, "timeout", reader.duration)
    if timeout == 0:
        message = "`timeout` of `ready` is 0, and nothing is ready at once"
        reader.report("invalid-setting", message, inner["timeout"][1], "expected more than `0s`")
    return reader.optional(inner, "command", reader.command), timeout


def _stop_signal(reader: ValueReader, node: Node) -> str | None:
    if isinstance(node, ScalarNode) and node.value in LOST:
        message = f"`{node.value}` can get lost: runsv sends `CONT` right after it, which takes it back"
        reader.report("invalid-setting", message, node, "expected a signal that ends the process, such as `TERM`")
        return None
    return reader.choice(node, "signal", SIGNALS, "signal")


def _on_failure(reader: ValueReader, fields: dict[str, Field], default: Process) -> tuple[str | None, int, float]:
    """Return the command, after how many ends it runs, and in how many seconds these are.

    `on_failure:` is a command, or `{command, times, within}`.
    """
    if "on_failure" not in fields:
        return None, default.failures, default.failure_window
    key, node = fields["on_failure"]
    if not isinstance(node, MappingNode):
        return reader.command(node, "on_failure"), default.failures, default.failure_window
    inner = reader.mapping(node, ("command", "times", "within"), "`on_failure`", "command")
    if "command" not in inner:
        advice = "write `on_failure: {command: ..., times: 3, within: 10m}`"
        reader.missing("command", "`on_failure`", span_of(reader.path, key), advice)
    times = reader.times(inner["times"][1], "times") if "times" in inner else None
    within = reader.optional(inner, "within", reader.duration)
    if within == 0:
        message = "`within` of `on_failure` is 0, and nothing ends in no time"
        reader.report("invalid-setting", message, inner["within"][1], "expected more than `0s`")
    return (
        reader.optional(inner, "command", reader.command),
        default.failures if times is None else times,
        default.failure_window if within is None else within,
    )


def _stop(reader: ValueReader, fields: dict[str, Field]) -> tuple[str | None, float | None]:
    """Return the signal, and the seconds that the process may take to end."""
    inner = reader.mapping(fields["stop"][1], ("signal", "timeout"), "`stop`") if "stop" in fields else {}
    signal = _stop_signal(reader, inner["signal"][1]) if "signal" in inner else None
    return signal, reader.optional(inner, "timeout", reader.duration)
