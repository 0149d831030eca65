"""`envtree.yaml` and the `service.yaml` files: text to a Project, every key known, every value checked in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from envtree.core.circles import circles, order
from envtree.core.diagnostic import Diagnostic, did_you_mean
from envtree.core.document import MappingNode, span_of
from envtree.core.reader import Reader
from envtree.core.source import CONFIGS, SETTINGS
from envtree.core.tree import Environment, Process, Project, Service, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.document import Node, ScalarNode
    from envtree.core.reader import Field
    from envtree.core.source import Source

KEYS = ("environments", "runtimes", "tags", "heroku")

SIGNALS = (
    "ABRT",
    "ALRM",
    "CONT",
    "HUP",
    "INT",
    "KILL",
    "QUIT",
    "TERM",
    "TSTP",
    "TTIN",
    "TTOU",
    "USR1",
    "USR2",
    "WINCH",
)
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
MAX_CIRCLE = 8
MAX_SECONDS = 86_400.0
_SERVICE_KEYS = ("directory", "user", "environments", "runtimes", "requires", "processes")
_PROCESS_KEYS = ("command", "ready", "stop", "before_stop", "after_stop")
_DEFAULTS = Project((), ())


def read_project(source: Source) -> tuple[Project, tuple[Diagnostic, ...]]:
    """The project that a source's settings and service files describe, and what is wrong with them."""
    reader = _ProjectReader(SETTINGS)
    root = reader.document(source, KEYS)
    if root is None:
        return Project((), ()), tuple(reader.problems)
    environments = reader.environments(root)
    runtimes, tags = reader.runtimes(root), reader.tags(root)
    if "heroku" in root:
        from envtree.core.heroku.settings import read_heroku

        read_heroku(reader, *root["heroku"])
    names = tuple(each.name for each in environments)
    problems = list(reader.problems)
    services: list[Service] = []
    for path in sorted(source.files):
        folder, _, file = path.removeprefix(CONFIGS).rpartition("/")
        if path.startswith(CONFIGS) and file == "service.yaml" and folder and "/" not in folder:
            service, found = _read_service(source, path, folder, names)
            problems += found
            services += [service] if service else []
    problems += _check_requires(services)
    if not problems:
        problems += _empty_environments(environments, services)
    return Project(environments, tuple(services), runtimes, tags), tuple(problems)


def _read_service(
    source: Source, path: str, name: str, environments: tuple[str, ...]
) -> tuple[Service | None, list[Diagnostic]]:
    reader = _ProjectReader(path)
    reader.check_name(name, Span(path, 1, 1, 0), "service")
    root = reader.document(source, _SERVICE_KEYS)
    if root is None:
        return None, reader.problems
    service = Service(
        name,
        Span(path, 1, 1),
        reader.processes(root),
        reader.some_environments(root, environments),
        reader.optional(root, "directory", reader.directory),
        reader.optional(root, "user", reader.text),
        reader.optional(root, "runtimes", reader.versions) or (),
        reader.optional(root, "requires", reader.names) or (),
    )
    return service, reader.problems


class _ProjectReader(Reader):
    """Reads what stands in the settings of a tree, and of a service."""

    def directory(self, node: Node, what: str) -> str | None:
        text = self.text(node, what)
        if text is not None and not text.startswith("/"):
            self.report(
                "invalid-setting", f"`{what}` is not an absolute path", node, "expected a path that starts with `/`"
            )
        return text

    def environments(self, root: dict[str, Field]) -> tuple[Environment, ...]:
        if "environments" not in root:
            self.missing(
                "environments",
                f"`{SETTINGS}`",
                Span(self.path, 1, 1),
                "add `environments: {production: {instance: service}}`",
            )
            return ()
        found: list[Environment] = []
        named = self.mapping(root["environments"][1], None, "`environments`")
        if not named and isinstance(root["environments"][1], MappingNode):
            advice = "name one: `environments: {production: {instance: service}}`"
            self.report("missing-setting", "there are no environments", root["environments"][0], "empty", help=advice)
        for name, (key, node) in named.items():
            span = span_of(self.path, key)
            self.check_name(name, span, "environment")
            fields = self.mapping(node, ("instance",), f"environment `{name}`")
            if "instance" not in fields:
                self.missing(
                    "instance",
                    f"environment `{name}`",
                    span,
                    "write `{instance: together}` where one machine runs every service, else `{instance: service}`",
                )
                continue
            instance = self.word(fields["instance"][1], "instance", ("together", "service"), "kind of instance")
            kind: Literal["together", "service"] = "together" if instance == "together" else "service"
            found.append(Environment(name, kind, span))
        return tuple(found)

    def runtimes(self, root: dict[str, Field]) -> str:
        if "runtimes" not in root:
            return _DEFAULTS.runtimes
        return self.word(root["runtimes"][1], "runtimes", ("mise", "asdf"), "version manager") or _DEFAULTS.runtimes

    def tags(self, root: dict[str, Field]) -> tuple[tuple[str, str], ...]:
        if "tags" not in root:
            return _DEFAULTS.tags
        fields = self.mapping(root["tags"][1], ("environment", "service", "process"), "`tags`")
        chosen = {key: self.text(node, key) for key, (_, node) in fields.items()}
        return tuple((key, chosen.get(key) or default) for key, default in _DEFAULTS.tags)

    def some_environments(self, root: dict[str, Field], all_of_them: tuple[str, ...]) -> tuple[str, ...]:
        """The environments that a service runs in: those it lists, or all."""
        if "environments" not in root:
            return all_of_them
        chosen: list[str] = []
        for name, node in self.texts(root["environments"][1], "environments"):
            if name not in all_of_them:
                self.report(
                    "unknown-environment",
                    f"`{SETTINGS}` has no environment `{name}`{did_you_mean(name, all_of_them)}",
                    node,
                    help=f"the environments are {', '.join(all_of_them)}",
                )
            elif name not in chosen:
                chosen.append(name)
        return tuple(chosen)

    def processes(self, root: dict[str, Field]) -> tuple[Process, ...]:
        advice = "add `processes: {web: {command: ...}}`"
        if "processes" not in root:
            self.missing("processes", f"`{self.path}`", Span(self.path, 1, 1), advice)
            return ()
        key, node = root["processes"]
        fields = self.mapping(node, None, "`processes`")
        if not fields and isinstance(node, MappingNode):
            self.report("missing-setting", "the service has no processes", key, "empty", help=advice)
        found = (self.process(name, *field) for name, field in fields.items())
        return tuple(each for each in found if each is not None)

    def process(self, name: str, key: ScalarNode, node: Node) -> Process:
        span = span_of(self.path, key)
        self.check_name(name, span, "process")
        fields = self.mapping(node, _PROCESS_KEYS, f"process `{name}`")
        if "command" not in fields and isinstance(node, MappingNode):
            self.missing("command", f"process `{name}`", span, f"write `{name}: {{command: ...}}`")
        stop = self.mapping(fields["stop"][1], ("signal", "timeout"), "`stop`") if "stop" in fields else {}
        usual = Process(name, "", span)
        timeout = self.optional(stop, "timeout", self.duration)
        return Process(
            name,
            self.optional(fields, "command", self.text) or "",
            span,
            self.optional(fields, "ready", self.text),
            self.optional(stop, "signal", self.signal) or usual.stop_signal,
            usual.stop_timeout if timeout is None else timeout,
            self.optional(fields, "before_stop", self.text),
            self.optional(fields, "after_stop", self.text),
        )

    def signal(self, node: Node, what: str) -> str | None:
        return self.word(node, what, SIGNALS, "signal")

    def duration(self, node: Node, what: str) -> float | None:
        text = self.text(node, what)
        found = _DURATION.fullmatch(text or "")
        if text is not None and not found:
            self.report(
                "invalid-setting",
                f"`{text}` is no duration",
                node,
                "expected a number and a unit: `500ms`, `30s`, `5m`, `1h`",
            )
        seconds = float(found[1]) * _SECONDS[found[2]] if found else None
        if seconds is not None and seconds > MAX_SECONDS:
            self.report("invalid-setting", f"`{what}` is longer than a day", node, "expected at most `24h`")
            return None
        return seconds


def _check_requires(services: Iterable[Service]) -> Iterable[Diagnostic]:
    """What a service requires is there, and no service waits for itself."""
    by_name = {service.name: service for service in services}
    for service in by_name.values():
        for name, span in service.requires:
            if name not in by_name:
                known = did_you_mean(name, by_name)
                message = f"`{service.name}` requires `{name}`, and there is no such service{known}"
                advice = f"the services are {', '.join(by_name)}"
                yield Diagnostic("invalid-setting", message, span, help=advice, shown=True)
    _, waiting = order({name: [each for each, _ in service.requires] for name, service in by_name.items()})
    for circle in dict.fromkeys(circles(waiting).values()):
        names = [f"`{name}`" for name in (*circle, circle[0])]
        path = ", which requires ".join(names if len(names) <= MAX_CIRCLE else [*names[:MAX_CIRCLE], "...", names[-1]])
        span = next(span for name, span in by_name[circle[0]].requires if name == circle[1 % len(circle)])
        message = f"{path.replace(', which', '', 1)}: none of them could start first"
        yield Diagnostic("invalid-setting", message, span, help="remove one of them", shown=True)


def _empty_environments(environments: Iterable[Environment], services: Iterable[Service]) -> list[Diagnostic]:
    used = {name for service in services for name in service.environments}
    return [
        Diagnostic(
            "empty-environment",
            f"no service runs in `{each.name}`",
            each.span,
            help="add a service, or remove the environment",
            severity="warning",
            shown=True,
        )
        for each in environments
        if each.name not in used
    ]
