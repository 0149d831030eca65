"""A schema with each type that generated code carries over, and texts that each takes or refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from envtree.adapters.schemas import load
from envtree.core.codegen.code import Language, code_of
from envtree.core.compile import read_project_of
from tests.builders import Files, small_tree, source_of

if TYPE_CHECKING:
    from envtree.core.schema.rules import Schema

IMPORTS = """\
from datetime import timedelta
from decimal import Decimal
from enum import *
from pathlib import Path
from typing import *

from pydantic import *

from envtree import *


class Level(StrEnum):
    debug = "debug"
    info = "info"


class Number(IntEnum):
    one = 1
    two = 2
"""
HEAD = f"""\
{IMPORTS}

class Upstream(BaseModel):
    host: str = Field(min_length=1)
    port: Port = 80
    weight: FiniteFloat | None = None
    tls: bool = False
    token: Secret[str] | None = None
    spare: Secret[str] = "hunter2"
    either: Secret[str] | int | None = "hunter2"
    which: Secret[Literal["hunter2", "x"]] = "hunter2"
    kind: Literal["a", "b"] = "a"
    fallback: Optional["Upstream"] = None
    labels: dict[str, int] = {{}}


class Closed(BaseModel, extra="forbid"):
    class_: int = Field(alias="class")
    url: HttpUrl | None = None
"""
FIELDS = """\
    A_TEXT: str = "a"
    SHORT: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    PATTERN: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*(\\.\\d{1,2}|/x)?$")] = "a"
    COUNT: int = 1
    POSITIVE: PositiveInt = 1
    EVEN: Annotated[int, Field(multiple_of=2, ge=-10, lt=10)] = 2
    PORT: Port = 80
    RATIO: Annotated[float, Field(ge=0, lt=1)] = 0.5
    FINITE: FiniteFloat = 1.5
    FLAG: bool = False
    LEVEL: Level = Level.info
    NUMBER: Number = Number.one
    WORD: Literal["yes", "", "a\\nb", "\\u2028", '"#{1}${2}'] = "yes"
    SITE: HttpUrl = "https://example.com"
    ADDRESS: AnyUrl = "a:b"
    CACHE: RedisDsn = "redis://localhost"
    DATABASE: Secret[PostgresDsn]
    KEY: Secret
    OLD_KEY: SecretStr | None = None
    PIN: Secret[Annotated[str, Field(min_length=4)]] = None
    DIRECTORY: Path = Path("/srv")
    WAIT: Duration = timedelta(seconds=30)
    PORTS: Csv[Port] = [80]
    NAMES: Annotated[Csv[str], Field(max_length=2)] = ["a"]
    SITES: Csv[HttpUrl] = ["http://a"]
    MAYBE_SITE: HttpUrl | Literal[""] = ""
    ANYTHING: Json = None
    UPSTREAMS: Json[list[Upstream]] = []
    CLOSED: Json[Closed] | None = None
    LIMITS: Json[dict[str, float]] = {}
    FLAGS: Json[list[bool]] = []
    COUNTS: Json[Annotated[list[int], Field(min_length=1, max_length=3)]] = [1]
    HIDDEN: Secret[Json[dict[str, Upstream]]] | None = None
    DECIMAL: Decimal = Decimal(1)
    class_: str = Field(default="x", alias="class")
    odd: str = Field(default="x", alias="X.bkp")
"""
SCHEMA = f"{HEAD}\n\nclass Accounts(Settings):\n{FIELDS}".replace(
    "PIN: Secret[Annotated[str, Field(min_length=4)]] = None",
    "PIN: Secret[Annotated[str, Field(min_length=4)]] | None = None",
).replace("ANYTHING: Json = None", "ANYTHING: Json | None = None")
REQUIRED = {"DATABASE": "postgres://u:c4n4ry-password@h/d", "KEY": "c4n4ry-key"}
"""Values of those that have no default."""

_INTEGERS = [
    "1",
    "12",
    "0",
    "-1",
    "-0",
    "",
    " 1",
    "1 ",
    "+1",
    "01",
    "1.0",
    "1_0",
    "1e3",
    "0x1",
    "0-1",
    "٣",
    "a",
    "4294967296",
]
_NUMBERS = [
    "0",
    "0.25",
    "1",
    "-0.5",
    "1e-3",
    "1E2",
    ".5",
    "1.",
    "1_0.5",
    "inf",
    "nan",
    "",
    " 1",
    "1e400",
    "-1e400",
    "a",
]
_BOOLEANS = ["true", "TRUE", "Yes", "on", "1", "t", "y", "0", "f", "N", "off", "", " true", "2", "tru", "no\n"]
_URLS = [
    *(
        "https://a",
        "http://a.b:80/c?d#e",
        "http:a",
        "http://",
        "http://:80",
        "http://a:b",
        "http://a:65536",
        "http://a:",
    ),
    *(
        "ftp://a",
        "HTTP://A",
        "a",
        "",
        "//a",
        "http://u:p@h",
        "http://u:p@",
        "http:///a",
        "http://[::1]:80/",
        "http://a b",
    ),
    *(
        "http://a\n",
        "a:b",
        "a:",
        ":a",
        "1a:b",
        "redis://",
        "redis:///0",
        "redis:0",
        "redis://@",
        "redis://h:6379/0",
        "redis://:80",
    ),
    *(
        "http://a\u00a0",
        "http://a/\u00e9",
        f"http://a/{'x' * 2080}",
        f"http://a/{'x' * 2070}",
        f"http://a/{'é' * 1040}",
    ),
]
_POSTGRES = [
    *(
        "postgres://h",
        "postgresql+asyncpg://u:p@h:5432/d",
        "postgres://a:1,b:2/c",
        "postgres://a:1,b:x/c",
        "postgres://a:1,b:\\2/c",
        "postgres://",
    ),
    *(
        "postgres:h",
        "postgres:///d",
        "postgres://u@/d",
        "postgres://,a/d",
        "mysql://h",
        "",
        "h",
        "postgres://u:p@[::1]/d",
    ),
]
_TEXTS = [
    "",
    "a",
    "ab",
    "abc",
    "abcd",
    "éé",
    "😀😀",
    "😀😀😀😀",
    "a\n",
    "a b",
    "\u2028",
    '"',
    "\\",
    "#{1}",
    "${2}",
    "`x`",
]


def _json(*values: object) -> list[str]:
    return [json.dumps(value) for value in values]


_UPSTREAM = {"host": "h"}
_WRONG = [{"host": ""}, {}, {"host": 1}, {"port": 1}, [], "a", 1, None]
TEXTS: dict[str, list[str]] = {
    "A_TEXT": _TEXTS,
    "SHORT": _TEXTS,
    "PATTERN": ["a", "a1_-", "a.1", "a.12", "a.123", "a/x", "A", "", "a\n", "a.٣", "ab/y"],
    "COUNT": _INTEGERS,
    "POSITIVE": _INTEGERS,
    "EVEN": [*_INTEGERS, "-10", "-12", "8", "10", "3"],
    "PORT": [*_INTEGERS, "65535", "65536"],
    "RATIO": _NUMBERS,
    "FINITE": _NUMBERS,
    "FLAG": _BOOLEANS,
    "LEVEL": ["debug", "info", "Debug", "", "Level.debug"],
    "NUMBER": [*_INTEGERS, "2", "3"],
    "WORD": ["yes", "", "a\nb", "\u2028", '"#{1}${2}', "no", "a"],
    "SITE": _URLS,
    "ADDRESS": _URLS,
    "CACHE": _URLS,
    "DATABASE": [*_POSTGRES, "http://a"],
    "KEY": _TEXTS,
    "OLD_KEY": _TEXTS,
    "PIN": _TEXTS,
    "DIRECTORY": ["/srv", "", "a//b", "~"],
    "WAIT": [
        "30s",
        "1m30s",
        "2h",
        "1d",
        "0s",
        "1ms",
        "1500ms",
        "1d2h3m4s5ms",
        "",
        "30",
        "1s1m",
        "01s",
        "1.5s",
        "-1s",
        "1S",
        " 1s",
    ],
    "PORTS": ["80", "80,81", "", "80,", ",80", "80, 81", "80,0", "080", "80,a", "80;81"],
    "NAMES": ["a", "a,b", "a,b,c", "", "a,", "a ,b", "\u00a0a", "\ufeffa"],
    "SITES": ["http://a", "http://a,http://b", "http://a,ftp://b", "a"],
    "MAYBE_SITE": ["", "http://a", "ftp://a", " "],
    "ANYTHING": ["1", "null", '{"a": [1.5, true]}', "", "{", "[1,]", "'a'", "a", '"\u2028"', "[1] 2"],
    "UPSTREAMS": [
        *_json(
            [], [_UPSTREAM], [{"host": "h", "port": 0}], [{"host": "h", "port": "80"}], [{"host": "h", "port": True}]
        ),
        *_json([{"host": "h", "tls": "yes"}], [{"host": "h", "tls": 2}], [{"host": "h", "kind": "c"}], {}, "a", None),
        *_json([{"host": "h", "weight": None}], [{"host": "h", "weight": "1.5"}], [{"host": "h", "weight": "a"}]),
        *_json([{"host": "h", "fallback": _UPSTREAM}], [{"host": "h", "fallback": {}}], [{"host": "h", "x": 1}]),
        *_json([{"host": "h", "labels": {"__proto__": 1, "a": 2}}], [{"host": "h", "labels": {"a": "b"}}]),
        *_json(*([each] for each in _WRONG)),
        '[{"host": "h", "port": 80.0}]',
        '[{"host": "h", "port": 80.5}]',
        '[{"host": "h", "port": 8e1}]',
    ],
    "CLOSED": _json({"class": 1}, {"class": 1, "x": 2}, {}, {"class": 1, "url": "http://a"}, {"class": 1, "url": "a"}),
    "LIMITS": _json({}, {"a": 1}, {"a": "1"}, {"a": "x"}, {"a": None}, [], {"a": True}, {"a": ""}, {"a": 1e300}),
    "FLAGS": _json([True], [1, 0, "yes"], [2], ["x"], [None], [1.0]),
    "COUNTS": _json(
        [1], [], [1, 2, 3], [1, 2, 3, 4], ["1"], [1.5], ["a"], ["1.0"], ["+1"], ["\x851"], ["1\u2028"], ["\xa01.0"]
    ),
    "HIDDEN": _json({"a": _UPSTREAM}, {}, {"a": {}}, [], {"a": {"host": "c4n4ry", "port": "x"}}),
    "DECIMAL": ["1", "1.5"],
    "class": ["a"],
    "X.bkp": ["a"],
}
"""Texts to try for each variable."""


LENIENT = frozenset({("CACHE", "redis:0")})
"""What a loader takes, though the schema does not: of a URL, it checks the scheme, the host and the port."""


def tree(schema: str = SCHEMA, service: str = "accounts", **more: str) -> Files:
    """A tree of one service with this schema."""
    return small_tree(**{f"schemas/{service.replace('-', '_')}.py": schema, **more})


def loaded(files: Files) -> tuple[Schema, ...]:
    """The classes of a tree, which must have no error."""
    source = source_of(files)
    schemas, faults = load(source, read_project_of(source)[0])
    assert not [each for each in faults if each.severity == "error"], faults
    return schemas


def code(language: Language, files: Files | None = None, service: str = "accounts") -> str:
    """The code for a service of a tree."""
    files = tree() if files is None else files
    return code_of(read_project_of(source_of(files))[0], loaded(files), service, language)[0]


def environments() -> list[tuple[str, dict[str, str]]]:
    """Each environment to try, with the variable that is tried in it."""
    return [(name, {**REQUIRED, name: text}) for name, texts in TEXTS.items() for text in dict.fromkeys(texts)]


def verdicts() -> list[bool]:
    """Whether the schema takes each of these environments."""
    (schema,) = loaded(tree())
    return [schema.check_value(name, environment[name]) is None for name, environment in environments()]
