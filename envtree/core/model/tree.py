"""The words of the source tree as values: spans, targets, entries, layers, and the project they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Instance = Literal["together", "service"]
COMMON = "common"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line of a source file; line and column count from 1, in characters."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One process to build for."""

    environment: str
    service: str
    process: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.service}/{self.process}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A `${NAME}` inside an `!expand` value."""

    name: str


class Entry(NamedTuple):
    """One line of a layer: a name, and the text it sets (None: `!unset`).

    `parts` is there for an `!expand` only: literal text and references, in the order written; `references` are the
    names in it, each once. An opaque entry has a text that is not known here (sealed, or reported as wrong): nothing
    is judged by it. A tuple, since a large tree has a hundred thousand of these, and a frozen dataclass takes three
    times as long to make.
    """

    name: str
    text: str | None
    file: str
    line: int
    column: int
    name_column: int
    name_line: int
    length: int
    parts: tuple[str | Reference, ...] | None = None
    references: tuple[str, ...] = ()
    opaque: bool = False
    sealed: bool = False

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return Span(self.file, self.line, self.column, self.length)

    @property
    def name_span(self) -> Span:
        """Where the name stands."""
        return Span(self.file, self.name_line, self.name_column, len(self.name))


@dataclass(frozen=True, slots=True)
class Layer:
    """The variables of one scope, from one source file and its sealed sibling."""

    layer_id: str
    """`common`, `production`, `accounts/common`, `accounts/web/production`: the path without `configs/` and suffix."""
    entries: Mapping[str, Entry]
    files: frozenset[str] = frozenset()
    """What its `!file`s name."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A named environment; `together` means that one machine runs every service."""

    name: str
    instance: Instance
    span: Span


@dataclass(frozen=True, slots=True)
class Process:
    """How one process of a service is started, checked and stopped; timeouts are in seconds."""

    name: str
    command: str
    span: Span
    ready: str | None = None
    ready_timeout: float = 60.0
    stop_signal: str = "TERM"
    stop_timeout: float = 10.0
    before_stop: str | None = None
    after_stop: str | None = None


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where a process's output goes by svlogd(8), how much of it is kept, and who may read it."""

    directory: str = "/var/log/envtree"
    """Above a folder for each service, and in it one for each process."""
    size: int = 1_000_000
    """Of one file, in bytes."""
    count: int = 10
    """Old files that are kept."""
    mode: int = 0o750
    """Of the folder: svlogd makes its files readable by all who may enter it."""
    owner: str = ""
    """`USER` or `USER:GROUP` who writes it; the user that runs everything, if empty."""


@dataclass(frozen=True, slots=True)
class Service:
    """What `service.yaml` says: where the service runs, as whom, and which processes it has."""

    name: str
    span: Span
    processes: tuple[Process, ...]
    environments: tuple[str, ...]
    directory: str | None = None
    user: str | None = None
    runtimes: tuple[tuple[str, str], ...] = ()
    requires: tuple[tuple[str, Span], ...] = ()
    """The services to start first, and where each is named."""
    log: LogSettings = LogSettings()


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a tree, and its services."""

    environments: tuple[Environment, ...]
    services: tuple[Service, ...]
    runtimes: str = "mise"
    """The version manager whose folders hold the runtimes: `mise` or `asdf`."""
    runtimes_directory: str = "/usr/local/share/mise"
    """Its data folder on the image, with `installs/TOOL/VERSION` in it."""
    tags: tuple[tuple[str, str], ...] = (
        ("environment", "Environment"),
        ("service", "Service"),
        ("process", "Process"),
    )
    targets: tuple[Target, ...] = field(init=False)

    def __post_init__(self) -> None:
        targets = (
            Target(environment, service.name, process.name)
            for service in self.services
            for environment in service.environments
            for process in service.processes
        )
        object.__setattr__(self, "targets", tuple(sorted(targets)))
