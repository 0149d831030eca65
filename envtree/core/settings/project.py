"""The project: `envtree.yaml` and the service files of its tree, with every key and every value checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import CONFIGS, SETTINGS
from envtree.core.model.tree import Environment, LogSettings, Project, Span
from envtree.core.settings.log import read_log
from envtree.core.settings.reader import KEYS
from envtree.core.settings.requires import check_requires
from envtree.core.settings.runtimes import read_manager
from envtree.core.settings.service import read_service
from envtree.core.settings.values import ValueReader
from envtree.core.yaml.document import MappingNode, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Service
    from envtree.core.settings.reader import Field
    from envtree.core.yaml.document import Node, ScalarNode

_DEFAULTS = Project((), ())


def read_project(source: Source) -> tuple[Project, tuple[Diagnostic, ...]]:
    """Return the project that a source's settings and service files describe, and what is wrong with them."""
    reader = ValueReader(SETTINGS)
    root = reader.document(source, KEYS, "environments")
    if root is None:
        return Project((), ()), tuple(reader.problems)
    environments = _environments(reader, root)
    manager, folder = _manager(reader, root)
    tags, log = _tags(reader, root), read_log(reader, root, LogSettings())
    if "heroku" in root:
        from envtree.core.settings.heroku_reader import read_heroku

        read_heroku(reader, *root["heroku"])
    services, problems = _services(source, tuple(each.name for each in environments), log)
    problems = [*reader.problems, *problems, *check_requires(services)]
    if not problems:
        problems += _empty_environments(environments, services)
    return Project(environments, services, manager, folder, tags), tuple(problems)


def _environments(reader: ValueReader, root: dict[str, Field]) -> tuple[Environment, ...]:
    advice = "`environments: {production: {instance: service}}`"
    if "environments" not in root:
        reader.missing("environments", f"`{SETTINGS}`", Span(reader.path, 1, 1), f"add {advice}")
        return ()
    top, node = root["environments"]
    named = reader.mapping(node, None, "`environments`")
    if not named and isinstance(node, MappingNode):
        reader.report("missing-setting", "there are no environments", top, "empty", help=f"name one: {advice}")
    found = (_environment(reader, name, *field) for name, field in named.items())
    return tuple(each for each in found if each is not None)


def _environment(reader: ValueReader, name: str, key: ScalarNode, node: Node) -> Environment | None:
    span = span_of(reader.path, key)
    reader.check_name(name, span, "environment")
    fields = reader.mapping(node, ("instance",), f"environment `{name}`", "instance")
    if "instance" not in fields:
        advice = "write `{instance: together}` where one machine runs every service, else `{instance: service}`"
        reader.missing("instance", f"environment `{name}`", span, advice)
        return None
    instance = reader.choice(fields["instance"][1], "instance", ("together", "service"), "kind of instance")
    kind: Literal["together", "service"] = "together" if instance == "together" else "service"
    return Environment(name, kind, span)


def _manager(reader: ValueReader, root: dict[str, Field]) -> tuple[str, str]:
    if "runtimes" not in root:
        return _DEFAULTS.runtimes, _DEFAULTS.runtimes_directory
    return read_manager(reader, root["runtimes"][1])


def _tags(reader: ValueReader, root: dict[str, Field]) -> tuple[tuple[str, str], ...]:
    keys = tuple(key for key, _ in _DEFAULTS.tags)
    fields = reader.mapping(root["tags"][1], keys, "`tags`") if "tags" in root else {}
    return tuple((key, reader.optional(fields, key, reader.line) or default) for key, default in _DEFAULTS.tags)


def _services(
    source: Source, environments: tuple[str, ...], log: LogSettings
) -> tuple[tuple[Service, ...], list[Diagnostic]]:
    """Return every service of the tree, in the order of their names."""
    services: list[Service] = []
    problems: list[Diagnostic] = []
    for path in sorted(source.files):
        folder, _, file = path.removeprefix(CONFIGS).rpartition("/")
        if path.startswith(CONFIGS) and file == "service.yaml" and folder and "/" not in folder:
            service, found = read_service(source, path, folder, environments, log)
            problems += found
            services += [service] if service else []
    return tuple(services), problems


def _empty_environments(environments: Iterable[Environment], services: Iterable[Service]) -> Iterator[Diagnostic]:
    used = {name for service in services for name in service.environments}
    for each in environments:
        if each.name not in used:
            message, advice = f"no service runs in `{each.name}`", "add a service, or remove the environment"
            yield Diagnostic("empty-environment", message, each.span, help=advice, severity="warning", shown=True)
