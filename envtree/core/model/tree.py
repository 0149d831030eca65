"""The values of a source tree: spans, targets, entries, layers, and the project that they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Instance = Literal["together", "service"]
Task = Literal["manual", "release"]
COMMON = "common"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of one line of a source file; line and column count from 1, and columns are characters."""

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

    Only an `!expand` has `parts`: literal text and references, in the order written; `references` are the names in
    it, each once. The text of an opaque entry is not known (it is sealed, or reported as wrong), so nothing is checked
    by it. An entry is a tuple because a large tree has a hundred thousand of them, and a frozen dataclass takes three
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
    def is_closed(self) -> bool:
        """Whether the value is sealed, and has not been opened."""
        return self.sealed and self.opaque

    @property
    def span(self) -> Span:
        """Return the span of the value."""
        return Span(self.file, self.line, self.column, self.length)

    @property
    def name_span(self) -> Span:
        """Return the span of the name."""
        return Span(self.file, self.name_line, self.name_column, len(self.name))


@dataclass(frozen=True, slots=True)
class Layer:
    """The variables of one scope, from one source file and the sealed file beside it."""

    layer_id: str
    """`common`, `production`, `accounts/common`, `accounts/web/production`: the path without `configs/` and suffix."""
    entries: Mapping[str, Entry]
    files: frozenset[str] = frozenset()
    """The files that its `!file`s name."""


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
    reload: str | None = None
    """The signal by which it reads again what it has read; None where it can't."""
    on_failure: str | None = None
    """What runs when the process has ended unasked so many times (`failures`) in so many seconds (`failure_window`)."""
    failures: int = 3
    failure_window: float = 600.0
    counts: tuple[tuple[str, int], ...] = ()
    """How many copies one machine runs, by environment: one where nothing is said."""
    task: Task | None = None
    """When a process is started that isn't kept running; None for one that is."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where svlogd(8) writes a process's output, how much of it is kept, and who may read it."""

    directory: str = "/var/log/envtree"
    """The folder that holds a folder for each service, and in that one for each process."""
    size: int = 1_000_000
    """The size of one file, in bytes."""
    count: int = 10
    """The number of old files that are kept."""
    mode: int = 0o750
    """The mode of the folder: svlogd makes its files readable by all who may enter the folder."""
    owner: str = ""
    """The `USER` or `USER:GROUP` that writes the output; if empty, the user that runs everything."""


class Command(NamedTuple):
    """A command as a `service.yaml` has it: under which key, its text, and where; `is_block` if after a `|`."""

    key: str
    text: str
    span: Span
    is_block: bool


@dataclass(frozen=True, slots=True)
class Service:
    """The content of a `service.yaml`: where the service runs, as which user, and which processes it has."""

    name: str
    span: Span
    processes: tuple[Process, ...]
    environments: tuple[str, ...]
    directory: str | None = None
    user: str | None = None
    runtimes: tuple[tuple[str, str], ...] = ()
    requires: tuple[tuple[str, Span], ...] = ()
    """The services to start first, and the span where each is named."""
    log: LogSettings = LogSettings()
    commands: tuple[Command, ...] = field(default=(), compare=False)
    """All commands of its processes, as they are written."""


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a tree, and its services."""

    environments: tuple[Environment, ...]
    services: tuple[Service, ...]
    runtimes: str = "mise"
    """The version manager whose folders hold the runtimes: `mise` or `asdf`."""
    runtimes_directory: str = "/usr/local/share/mise"
    """The version manager's data folder on the image, which holds `installs/TOOL/VERSION`."""
    tags: tuple[tuple[str, str], ...] = (
        ("environment", "Environment"),
        ("service", "Service"),
        ("process", "Process"),
    )
    targets: tuple[Target, ...] = field(init=False)
    by_name: Mapping[str, Service] = field(init=False, repr=False, compare=False)
    """The services by their names."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {service.name: service for service in self.services})
        targets = (
            Target(environment, service.name, process.name)
            for service in self.services
            for environment in service.environments
            for process in service.processes
        )
        object.__setattr__(self, "targets", tuple(sorted(targets)))
