"""A deterministic source tree of S services x E environments x P processes, on disk and as plain values."""

from __future__ import annotations

import argparse
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENTS = ("production", "staging", "review", "testing")
PROCESSES = ("web", "worker", "jobs", "cron")
TEAMS = ("payments", "identity", "search", "platform", "growth")
LEVELS = ("debug", "info", "warning", "error")
REFERENCE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Shape:
    services: int
    environments: int
    processes: int

    @property
    def service_names(self) -> tuple[str, ...]:
        return tuple(f"svc-{number:03d}" for number in range(1, self.services + 1))

    @property
    def environment_names(self) -> tuple[str, ...]:
        return _names(ENVIRONMENTS, self.environments, "env")

    @property
    def process_names(self) -> tuple[str, ...]:
        return _names(PROCESSES, self.processes, "process")

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(
            f"{environment}/{service}/{process}"
            for environment in self.environment_names
            for service in self.service_names
            for process in self.process_names
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as a layer writes it: `text` (exact), `expand` (with references) or `unset`."""

    kind: str
    text: str = ""


Layer = dict[str, Entry]


@dataclass(frozen=True, slots=True)
class Tree:
    """Layers by their path under configs/, without the .yaml."""

    shape: Shape
    layers: dict[str, Layer]

    @property
    def entries(self) -> int:
        return sum(len(layer) for layer in self.layers.values())

    def resolve(self, target: str) -> dict[str, str]:
        raw: dict[str, Entry] = {}
        for path in chain(target):
            raw |= self.layers[path]
        return {name: _value(entry, raw) for name, entry in sorted(raw.items()) if entry.kind != "unset"}


def chain(target: str) -> tuple[str, ...]:
    """The six layers of a target, widest first."""
    environment, service, process = target.split("/")
    folders = ("", f"{service}/", f"{service}/{process}/")
    return tuple(f"{folder}{name}" for folder in folders for name in ("common", environment))


def make(shape: Shape) -> Tree:
    return Tree(shape, dict(_layers(shape)))


def write(tree: Tree, root: Path) -> None:
    """The tree on disk: settings, services, layers and schemas."""
    _put(root / "envtree.yaml", _settings(tree.shape))
    for service in tree.shape.service_names:
        _put(root / "configs" / service / "service.yaml", _service(service, tree.shape))
        _put(root / "schemas" / f"{_module(service)}.py", _service_schema(service))
    for path, layer in tree.layers.items():
        _put(root / "configs" / f"{path}.yaml", layer_text(layer))
    _put(root / "schemas" / "common.py", COMMON_SCHEMA)


def layer_text(layer: Layer) -> str:
    """A layer as its file has it."""
    return "".join(_line(name, entry) for name, entry in layer.items())


def _layers(shape: Shape) -> Iterator[tuple[str, Layer]]:
    yield "common", _common()
    for environment in shape.environment_names:
        yield environment, _environment(environment)
    for number, service in enumerate(shape.service_names):
        yield f"{service}/common", _service_common(service, number)
        for environment in shape.environment_names:
            yield f"{service}/{environment}", _service_environment(service, environment)
        for index, process in enumerate(shape.process_names):
            yield f"{service}/{process}/common", _process_common(service, process, 5000 + 100 * index)
            for environment in shape.environment_names:
                yield f"{service}/{process}/{environment}", _process_environment(service, process, environment)


def _common() -> Layer:
    return _texts(
        LOG_LEVEL="info",
        LOG_FORMAT="json",
        TZ="Etc/UTC",
        LANG="C.UTF-8",
        MALLOC_ARENA_MAX="2",
        WEB_CONCURRENCY="2",
        THREADS_MIN="1",
        THREADS_MAX="5",
        REQUEST_TIMEOUT="30",
        STATSD_ENABLED="true",
        TRACING_ENABLED="false",
        TRACE_SAMPLE_RATE="0.10",
        METRICS_URL="https://metrics.example.com/v1/ingest",
        ERRORS_URL="https://errors.example.com/api/7/store/",
        ASSETS_URL="https://assets.example.com/",
        SUPPORT_EMAIL="support@example.com",
        DB_PORT="5432",
        DB_POOL="10",
        DB_SSLMODE="require",
        REDIS_PORT="6379",
        CACHE_TTL="300",
        FEATURE_SIGNUP="true",
        FEATURE_BILLING="false",
        FEATURE_EXPORTS="false",
        MAIL_FROM="Example <hello@example.com>",
        TERMS_NOTICE="By signing in you accept:\n  - the terms of use: https://example.com/terms\n  - the # of seats",
        CA_BUNDLE=_certificate("common"),
        DEBUG_TOOLBAR="collapsed",
    ) | {
        "DATABASE_URL": Entry("expand", "postgres://${DB_USER}:${DB_PASSWORD}@${DB_HOST}:${DB_PORT}/${DB_NAME}"),
        "HEALTH_URL": Entry("expand", "http://localhost:${PORT}${HEALTH_PATH}"),
    }


def _environment(environment: str) -> Layer:
    toolbar = Entry("unset") if environment == "production" else Entry("text", f"open, {environment}")
    return _texts(
        APP_ENV=environment,
        DB_HOST=f"db.{environment}.internal",
        REDIS_HOST=f"redis.{environment}.internal",
        METRICS_URL=f"https://metrics.{environment}.example.com/v1/ingest",
        ASSETS_URL=f"https://assets-{environment}.example.com/",
        LOG_LEVEL="warning",
        TRACING_ENABLED="true",
        TRACE_SAMPLE_RATE=f"0.{20 + _number(environment, 70)}",
        REGION=f"eu-west-{1 + _number(environment, 3)}",
        PUBLIC_URL=f"https://{environment}.example.com",
        S3_BUCKET=f"example-{environment}-uploads",
        SESSION_SECRET=_secret(f"{environment}/session"),
        API_TOKEN=_secret(f"{environment}/token"),
    ) | {"DEBUG_TOOLBAR": toolbar}


def _service_common(service: str, number: int) -> Layer:
    prefix = _prefix(service)
    return _texts(
        SERVICE_NAME=service,
        OWNER_TEAM=TEAMS[number % len(TEAMS)],
        HEALTH_PATH=f"/up?service={service}",
        DB_USER=f"app_{_module(service)}",
        DB_NAME=f"db_{_module(service)}",
        WEB_CONCURRENCY=str(3 + number % 6),
        THREADS_MAX=str(6 + number % 10),
        REQUEST_TIMEOUT=str(31 + number % 60),
        DB_POOL=str(11 + number % 30),
        CACHE_TTL=str(301 + number),
        FEATURE_BILLING="true",
        ERRORS_URL=f"https://errors.example.com/api/{100 + number}/store/",
        MAIL_FROM=f"{service} <{service}@example.com>",
    ) | {
        f"{prefix}_UPSTREAM_URL": Entry("text", f"https://upstream.example.com/{service}?retry=1&trace=on"),
        f"{prefix}_BATCH_SIZE": Entry("text", str(50 + number)),
        f"{prefix}_MODE": Entry("text", ("fast", "safe", "dry")[number % 3]),
        f"{prefix}_QUEUE": Entry("text", f"queue-{service}"),
        f"{prefix}_RETRIES": Entry("text", str(number % 9)),
        f"{prefix}_DRY_RUN": Entry("text", "false"),
        f"{prefix}_LOCALE": Entry("text", "nb_NO"),
        f"{prefix}_PUBLIC_KEY": Entry("text", _certificate(service)),
        f"{prefix}_REPLICA_URL": Entry("expand", "postgres://readonly@${DB_HOST}:${DB_PORT}/${DB_NAME}"),
    }


def _service_environment(service: str, environment: str) -> Layer:
    prefix, number = _prefix(service), _number(f"{service}/{environment}", 40)
    return _texts(
        DB_PASSWORD=_secret(f"{service}/{environment}/database"),
        DB_POOL=str(41 + number),
        CACHE_TTL=str(2000 + number),
        WEB_CONCURRENCY=str(9 + number),
        FEATURE_EXPORTS="true",
    ) | {
        f"{prefix}_UPSTREAM_URL": Entry("text", f"https://{service}.upstream.{environment}.example.com/v{number}"),
        f"{prefix}_API_KEY": Entry("text", _secret(f"{service}/{environment}/key")),
        f"{prefix}_BATCH_SIZE": Entry("text", str(2000 + number)),
        f"{prefix}_RETRIES": Entry("text", str(10 + number)),
        f"{prefix}_CALLBACK_URL": Entry("expand", "${PUBLIC_URL}/callbacks/${SERVICE_NAME}"),
    }


def _process_common(service: str, process: str, port: int) -> Layer:
    both = _texts(PORT=str(port + 1), PROCESS_NAME=f"{service}.{process}")
    if process != "web":
        return both | _texts(THREADS_MIN="2", QUEUE_NAMES=f"{process}-high,{process}-low")
    prefix = _prefix(service)
    return both | {
        f"{prefix}_KEEPALIVE": Entry("text", str(60 + port % 7)),
        f"{prefix}_STATIC_URL": Entry("text", f"https://static.example.com/{service}/"),
    }


def _process_environment(service: str, process: str, environment: str) -> Layer:
    number = _number(f"{service}/{process}/{environment}", 900)
    return _texts(
        MEMORY_LIMIT_MB=str(512 + number),
        START_DELAY=str(number),
        RELEASE_CHANNEL=f"{environment}-{number % 4}",
        LOG_LEVEL=LEVELS[(0, 3)[number % 2]],
    )


def _names(known: tuple[str, ...], count: int, stem: str) -> tuple[str, ...]:
    return known[:count] + tuple(f"{stem}-{number}" for number in range(len(known) + 1, count + 1))


def _texts(**values: str) -> Layer:
    return {name: Entry("text", value) for name, value in values.items()}


def _module(service: str) -> str:
    return service.replace("-", "_")


def _prefix(service: str) -> str:
    return service.replace("-", "").upper()


def _number(seed: str, below: int) -> int:
    return zlib.crc32(seed.encode()) % below


def _secret(seed: str) -> str:
    return "".join(f"{zlib.crc32(f'{seed}{part}'.encode()):08x}" for part in range(4))


def _certificate(seed: str) -> str:
    lines = [_secret(f"{seed}{line}") * 2 for line in range(6)]
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"))


def _value(entry: Entry, raw: Layer) -> str:
    if entry.kind == "text":
        return entry.text
    return REFERENCE.sub(lambda match: _value(raw[match[1]], raw), entry.text)


def _line(name: str, entry: Entry) -> str:
    if entry.kind == "unset":
        return f"{name}: !unset\n"
    if entry.kind == "expand":
        return f'{name}: !expand "{entry.text}"\n'
    if "\n" in entry.text:
        return f"{name}: |-\n" + "".join(f"  {line}\n" for line in entry.text.split("\n"))
    return f"{name}: {entry.text}\n"


def _settings(shape: Shape) -> str:
    lines = (f"  {environment}: {{instance: service}}\n" for environment in shape.environment_names)
    return "environments:\n" + "".join(lines)


def _service(service: str, shape: Shape) -> str:
    lines = (f"  {process}: {{command: bin/{process} --name {service}}}\n" for process in shape.process_names)
    return f"directory: /srv/{service}\nuser: {service}\nprocesses:\n" + "".join(lines)


def _service_schema(service: str) -> str:
    return SERVICE_SCHEMA.format(service=service, prefix=_prefix(service), title=_prefix(service).title())


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


COMMON_SCHEMA = '''"""What every process reads."""

from typing import Literal

from pydantic import HttpUrl, NonNegativeInt, PositiveInt, PostgresDsn

from envtree import Port, Secret, Settings


class Common(Settings):
    APP_ENV: str
    LOG_LEVEL: Literal["debug", "info", "warning", "error"]
    LOG_FORMAT: Literal["json", "text"]
    TZ: str
    LANG: str
    REGION: str
    MALLOC_ARENA_MAX: int
    WEB_CONCURRENCY: PositiveInt
    THREADS_MIN: PositiveInt
    THREADS_MAX: PositiveInt
    REQUEST_TIMEOUT: PositiveInt
    STATSD_ENABLED: bool
    TRACING_ENABLED: bool
    TRACE_SAMPLE_RATE: float
    METRICS_URL: HttpUrl
    ERRORS_URL: HttpUrl
    ASSETS_URL: HttpUrl
    PUBLIC_URL: HttpUrl
    HEALTH_URL: HttpUrl
    HEALTH_PATH: str
    SUPPORT_EMAIL: str
    MAIL_FROM: str
    S3_BUCKET: str
    DB_HOST: str
    DB_PORT: int
    DB_USER: str
    DB_PASSWORD: Secret
    DB_NAME: str
    DB_POOL: PositiveInt
    DB_SSLMODE: Literal["disable", "require", "verify-full"]
    DATABASE_URL: Secret[PostgresDsn]
    REDIS_HOST: str
    REDIS_PORT: int
    CACHE_TTL: NonNegativeInt
    FEATURE_SIGNUP: bool
    FEATURE_BILLING: bool
    FEATURE_EXPORTS: bool
    TERMS_NOTICE: str
    CA_BUNDLE: str
    DEBUG_TOOLBAR: str = "off"
    SESSION_SECRET: Secret
    API_TOKEN: Secret
    SERVICE_NAME: str
    OWNER_TEAM: str
    PORT: Port
    PROCESS_NAME: str
    QUEUE_NAMES: str = ""
    MEMORY_LIMIT_MB: PositiveInt
    START_DELAY: NonNegativeInt
    RELEASE_CHANNEL: str
'''

SERVICE_SCHEMA = '''"""What the processes of {service} read."""

from typing import Literal

from pydantic import HttpUrl, PositiveInt, PostgresDsn

from envtree import Secret, Settings


class {title}(Settings):
    {prefix}_UPSTREAM_URL: HttpUrl
    {prefix}_CALLBACK_URL: HttpUrl
    {prefix}_REPLICA_URL: PostgresDsn
    {prefix}_API_KEY: Secret
    {prefix}_BATCH_SIZE: PositiveInt
    {prefix}_RETRIES: int
    {prefix}_MODE: Literal["fast", "safe", "dry"]
    {prefix}_QUEUE: str
    {prefix}_DRY_RUN: bool
    {prefix}_LOCALE: str
    {prefix}_PUBLIC_KEY: str


class Web(Settings, process="web"):
    {prefix}_KEEPALIVE: PositiveInt
    {prefix}_STATIC_URL: HttpUrl
'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shape", help="SxExP, for example 100x3x3")
    parser.add_argument("root", type=Path)
    arguments = parser.parse_args()
    tree = make(parse_shape(arguments.shape))
    write(tree, arguments.root)
    print(f"{len(tree.layers)} layers, {tree.entries} entries, {len(tree.shape.targets)} targets")


def parse_shape(text: str) -> Shape:
    services, environments, processes = (int(part) for part in text.split("x"))
    return Shape(services, environments, processes)


if __name__ == "__main__":
    main()
