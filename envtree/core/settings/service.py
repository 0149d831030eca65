"""A service.yaml: where and as which user a service runs, which processes it has, and what it requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.source import SETTINGS
from envtree.core.model.tree import Service, Span
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.settings.log import read_log
from envtree.core.settings.process import read_process
from envtree.core.settings.procfile import procfile_in
from envtree.core.settings.runtimes import read_versions
from envtree.core.settings.values import ValueReader
from envtree.core.yaml.document import MappingNode

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import LogSettings, Process
    from envtree.core.settings.reader import Field

_KEYS = ("directory", "user", "environments", "runtimes", "requires", "log", "processes")


def read_service(
    source: Source, path: str, name: str, environments: tuple[str, ...], log: LogSettings
) -> tuple[Service | None, list[Diagnostic]]:
    """Return a service, and what is wrong with its file.

    `environments` and `log` are the tree's, which the service has unless its file says otherwise.
    """
    reader = ValueReader(path)
    reader.check_name(name, Span(path, 1, 1, 0), "service")
    if problem := procfile_in(path, source.files[path], _KEYS):
        return None, [*reader.problems, problem]
    root = reader.document(source, _KEYS, "processes")
    if root is None:
        return None, reader.problems
    own = _environments(reader, root, environments)
    service = Service(
        name,
        Span(path, 1, 1),
        _processes(reader, root, own),
        own,
        reader.optional(root, "directory", reader.absolute_path),
        reader.optional(root, "user", reader.user),
        read_versions(reader, root["runtimes"][1], "runtimes") if "runtimes" in root else (),
        reader.optional(root, "requires", reader.names) or (),
        read_log(reader, root, log),
        tuple(reader.commands),
    )
    return service, reader.problems


def _environments(reader: ValueReader, root: dict[str, Field], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the environments that a service runs in: the ones it lists, or all."""
    if "environments" not in root:
        return known
    vocabulary = Vocabulary(known)
    chosen: dict[str, None] = {}
    for name, node in reader.texts(root["environments"][1], "environments"):
        if name in vocabulary:
            chosen[name] = None
        else:
            reader.report(
                "unknown-environment",
                f"`{SETTINGS}` has no environment `{name}`{vocabulary.did_you_mean_name(name)}",
                node,
                help=f"the environments are {vocabulary.listed}",
            )
    return tuple(chosen)


def _processes(reader: ValueReader, root: dict[str, Field], environments: tuple[str, ...]) -> tuple[Process, ...]:
    advice = "add `processes: {web: {command: ...}}`"
    if "processes" not in root:
        reader.missing("processes", f"`{reader.path}`", Span(reader.path, 1, 1), advice)
        return ()
    key, node = root["processes"]
    fields = reader.mapping(node, None, "`processes`")
    if not fields and isinstance(node, MappingNode):
        reader.report("missing-setting", "the service has no processes", key, "empty", help=advice)
    return tuple(read_process(reader, name, *field, environments) for name, field in fields.items())
