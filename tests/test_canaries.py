"""No secret leaves an envdir: trees full of marked secrets, under every verb, whatever is wrong with them."""

from __future__ import annotations

import base64
import functools
import gzip
import importlib
import itertools
import json
import os
import re
import stat
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from envtree.adapters.schemas import load
from envtree.cli.verbs.diff import diff
from envtree.cli.verbs.explain import explain
from envtree.cli.verbs.history import history
from envtree.review.diff.json import as_json
from envtree.review.diff.markdown import as_markdown
from envtree.review.diff.text import as_text
from tests.builders import write_tree
from tests.cli.running import ENVTREE, run, run_verb
from tests.comparisons import told
from tests.repositories import git, init
from tests.sealed_files import sealed_layer
from tests.waiting import child

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from envtree.core.model.source import Source

MARK = "CaN4rY"
BEHIND = "production/accounts/web"
numbers = itertools.count(1)


def secret() -> str:
    """A secret of its own, with the mark in every stretch of 16 letters."""
    number = f"{next(numbers):03}"
    return f"{MARK}{number}{MARK}{number}{MARK}{number}"


def _forms() -> re.Pattern[bytes]:
    """The mark as it is, and as what hides it from a careless eye."""
    mark = MARK.encode()
    forms = {mark, mark[::-1], mark.hex().encode(), "".join(f"%{byte:02x}" for byte in mark).encode()}
    forms.add("".join(f"\\x{byte:02x}" for byte in mark).encode())
    forms.add(MARK.encode("utf-16-le")[:-1])  # of either order of bytes
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + mark + bytes(3))
        forms.add(coded[-(-8 * shift // 6) : 8 * (shift + len(mark)) // 6])
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms)), re.IGNORECASE)


FORMS = _forms()
PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
"""How what zlib or gzip has packed begins."""


def leaks(data: str | bytes) -> list[str]:
    """Where a mark shows, with what stands around it."""
    text = data.encode(errors="surrogateescape") if isinstance(data, str) else data
    return [
        part[max(0, found.start() - 60) : found.end() + 20].decode(errors="replace")
        for part in (text, *(unpacked(text[each.start() :]) for each in PACKED.finditer(text)))
        for found in FORMS.finditer(part)
    ]


def unpacked(data: bytes) -> bytes:
    """What is packed at the start of some bytes, as far as it can be unpacked."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data)
    except zlib.error:
        return b""


SETTINGS = """\
environments:
  staging:    {instance: together}
  production: {instance: service}
"""
SERVICE = "processes: {web: {command: serve}, worker: {command: work}}\n"
HEAD = """\
from typing import Annotated, Literal

from pydantic import AnyUrl, BaseModel, Field, Json, PositiveInt, PostgresDsn, field_validator, model_validator
from pydantic_core import PydanticCustomError

from envtree import Port, Secret, Settings


"""
SCHEMA = """\
class Accounts(Settings):
    OPEN: str = ""
    NUMBER: int = 1
    LEVEL: Literal["info", "debug"] = "info"
    URL: AnyUrl | None = None
    PASSWORD: Secret | None = None
    DATABASE_URL: Secret[PostgresDsn] | None = None
    SIZE: Secret[PositiveInt] | None = None
    LONG: Secret[Annotated[str, Field(min_length=400)]] | None = None
    SHORT: Secret[Annotated[str, Field(max_length=3)]] | None = None
    SHAPE: Secret[Annotated[str, Field(pattern="^sk_[0-9]+$")]] | None = None
    CHOICE: Secret[Literal["a", "b"]] | None = None
    ADDRESS: Secret[AnyUrl] | None = None
    DATA: Secret[Json[dict[str, int]]] | None = None
"""
COMMON = "configs/accounts/common.yaml"
Files = dict[str, str | bytes]


def tree(layer: str | bytes, schema: str = SCHEMA, more: Files | None = None) -> Files:
    """A tree with one layer that matters."""
    return {
        "envtree.yaml": SETTINGS,
        "configs/accounts/service.yaml": SERVICE,
        COMMON: layer,
        "schemas/accounts.py": HEAD + schema,
        **(more or {}),
    }


def validated(name: str, body: str, value: str = "", fields: str = "    PASSWORD: Secret\n") -> Files:
    """A tree whose schema has a validator of its own."""
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    decorator = f'    @field_validator("{name}")\n    @classmethod\n    def check(cls, value):\n'
    return tree(f"{name}: {value or secret()}\n", f"class Accounts(Settings):\n{fields}\n{decorator}{indented}")


def whole(body: str, layer: str, fields: str = "    PASSWORD: Secret\n    OPEN: str = ''\n") -> Files:
    """A tree whose schema has a validator over the whole model."""
    indented = "".join(f"        {line}\n" for line in body.splitlines())
    return tree(
        layer,
        f'class Accounts(Settings):\n{fields}\n    @model_validator(mode="after")\n    def check(self):\n{indented}',
    )


def pem() -> str:
    lines = "".join(f"  {secret()}\n" for _ in range(3))
    return f"|\n  -----BEGIN PRIVATE KEY-----\n{lines}  -----END PRIVATE KEY-----\n"


def said_again(value: str) -> Files:
    """A tree in which much can be found to mend, all of it about one secret."""
    layer = f"PASSWORD: {value}\n"
    more: Files = {
        f"configs/{place}.yaml": layer for place in ("common", "production", "staging", "accounts/web/common")
    }
    more["configs/accounts/worker/production.yaml"] = f"{{PASSWORD: {value}, OPEN: a}}\n"
    more["configs/accounts/worker/staging.yaml"] = f"PASSWORD: {secret()}\nADDRESS: https://u:{value}@e.com/\n"
    return tree(f"# {value}\n{layer}URL: https://u:{value}@e.com/\nOPEN: !unset\n", more=more)


VALID: dict[str, Files] = {
    "declared": tree(f"PASSWORD: {secret()}\nDATABASE_URL: postgres://u:{secret()}@db/a\nOPEN: shown\n"),
    "overridden": tree(
        f"PASSWORD: {secret()}\n",
        more={
            "configs/common.yaml": f"PASSWORD: {secret()}\n",
            "configs/production.yaml": f"PASSWORD: {secret()}\n",
            "configs/accounts/web/production.yaml": f"PASSWORD: {secret()}\n",
            "configs/accounts/worker/production.yaml": "PASSWORD: !unset\n",
        },
    ),
    "password in an open address": tree(f"URL: https://user:{secret()}@example.com/\n"),
    "password with a slash in an open text": tree(f"OPEN: amqp://user:{secret()}/x?y#{secret()}@example.com/\n"),
    "password in the query of an address": tree(f"URL: https://example.com/?a=b&password={secret()}&c=d\n"),
    "passwords of several hosts": tree(f"OPEN: mongodb://a:{secret()}@one,b:{secret()}@two/db\n"),
    "expanded": tree(f'PASSWORD: {secret()}\nOPEN: !expand "${{PASSWORD}}"\nURL: !expand "https://e.com/${{OPEN}}"\n'),
    "expanded into an address": tree(f'PASSWORD: {secret()}\nURL: !expand "https://u:${{PASSWORD}}@e.com/"\n'),
    "several lines": tree(f"PASSWORD: {pem()}"),
    "file": tree("PASSWORD: !file key.pem\n", more={"configs/accounts/key.pem": f"a\n{secret()}\nb\n"}),
    "json": tree(f"PASSWORD: !json {{key: [{secret()}, 1]}}\n"),
    "no schema": {
        "envtree.yaml": SETTINGS,
        "configs/accounts/service.yaml": SERVICE,
        COMMON: f"PASSWORD: {secret()}\nOPEN: https://u:{secret()}@e.com/\n",
    },
    "secret for another service": tree(
        f"OPEN: {secret()}\n",
        more={
            "configs/billing/service.yaml": SERVICE,
            "schemas/billing.py": HEAD + "class Billing(Settings):\n    OPEN: Secret | None = None\n",
        },
    ),
    "validator that prints, logs and warns": validated(
        "PASSWORD",
        "import logging, sys, warnings\ntext = value.get_secret_value()\nprint(text)\nprint(text, file=sys.stderr)\n"
        "logging.warning(text)\nwarnings.warn(text)\nreturn value",
    ),
    "comment": tree(f"# {secret()}\nPASSWORD: {secret()} # {secret()}\nOPEN: a\n"),
    "said again at each layer": said_again(secret()),
    "warned of line ends": tree(f"PASSWORD: {secret()}\r\nOPEN: a\r\n"),
}

BROKEN: dict[str, Files] = {
    "undeclared": tree(f"PASWORD: {secret()}\n"),
    "undeclared at several layers": tree(f"X: {secret()}\n", more={"configs/common.yaml": f"X: {secret()}\n"}),
    "quote never closed": tree(f'PASSWORD: "{secret()}\nOPEN: a\n'),
    "second colon": tree(f"PASSWORD: {secret()}: {secret()}\n"),
    "line without a colon": tree(f"OPEN: a\n{secret()}\nNUMBER: 1\n"),
    "line without a blank": tree(f"OPEN: a\nPASSWORD:{secret()}\n"),
    "dotenv line": tree(f"OPEN: a\nPASSWORD={secret()}\nNUMBER: 1\n"),
    "dotenv line with a colon": tree(f"OPEN: a\nPASSWORD={secret()}: b\n"),
    "dotenv file": tree(f"PASSWORD={secret()}\nOPEN={secret()}\n"),
    "address for a name": tree(f"https://u:{secret()}@e.com/: a\n"),
    "unknown escape": tree(f'PASSWORD: "\\q{secret()}"\n'),
    "at sign": tree(f"PASSWORD: @{secret()}\n"),
    "percent": tree(f"PASSWORD: %{secret()}\n"),
    "bracket": tree(f"PASSWORD: [{secret()}\n"),
    "tab": tree(f"OPEN: a\n\tPASSWORD: {secret()}\n"),
    "tab before the value": tree(f"PASSWORD:\n\t{secret()}\n"),
    "exclamation mark": tree(f"PASSWORD: !{secret()}\n"),
    "exclamation mark and a blank": tree(f"PASSWORD: !{secret()} {secret()}\n"),
    "two exclamation marks": tree(f"PASSWORD: !!{secret()} x\n"),
    "angle brackets": tree(f"PASSWORD: !<{secret()}> x\n"),
    "unknown handle": tree(f"PASSWORD: !{secret()}!x y\n"),
    "unknown tag": tree(f"PASSWORD: !vault {secret()}\n"),
    "tag of YAML": tree(f"PASSWORD: !!str {secret()}\n"),
    "ampersand": tree(f"PASSWORD: &{secret()} x\n"),
    "asterisk": tree(f"PASSWORD: *{secret()}\n"),
    "alias never set, in a list": tree(f"PASSWORD: [{secret()}, *{secret()}]\n"),
    "list": tree(f"PASSWORD: [{secret()}]\n"),
    "mapping": tree(f"PASSWORD:\n  {secret()}: {secret()}\n"),
    "list of one": tree(f"- {secret()}\n"),
    "text alone": tree(f"{secret()}\n"),
    "two documents": tree(f"OPEN: a\n--- {secret()}\n"),
    "directive": tree(f"%{secret()} 1.0\n---\nOPEN: a\n"),
    "twice": tree(f"PASSWORD: {secret()}\nPASSWORD: {secret()}\n"),
    "twice, one sealed": tree(
        f"PASSWORD: {secret()}\n",
        more={"configs/accounts/common.sops.yaml": sealed_layer(PASSWORD=secret())},
    ),
    "sealed": tree(
        "OPEN: a\n",
        more={"configs/accounts/common.sops.yaml": sealed_layer(PASSWORD=secret())},
    ),
    "sealed, and not by sops": tree(
        "OPEN: a\n",
        more={"configs/accounts/common.sops.yaml": f"PASSWORD: ENC[{secret()}]\nsops: {{mac: {secret()}}}\n"},
    ),
    "sealed, and in clear": tree(
        "OPEN: a\n",
        more={
            "configs/accounts/common.sops.yaml": f"{sealed_layer(PASSWORD='x')}OTHER: {secret()}\n"
            f"ADDRESS: ENC[{secret()}]\nLIST: [{secret()}]\nLOG_unencrypted: {secret()}\n"
        },
    ),
    "sealed, with metadata that is wrong": tree(
        "OPEN: a\n",
        more={
            "configs/accounts/common.sops.yaml": sealed_layer(PASSWORD="x")
            .replace("mac: ", f"mac: {secret()}")
            .replace('lastmodified: "', f'lastmodified: "{secret()}')
            .replace("unencrypted_suffix: ", f"unencrypted_regex: (?<={secret()})")
            .replace("mac_only_encrypted: ", f"mac_only_encrypted: {secret()}")
        },
    ),
    "sealed, and not encrypted": tree(
        "OPEN: a\n", more={"configs/accounts/common.sops.yaml": f"PASSWORD: {secret()}\n"}
    ),
    "sealed, and broken": tree(
        "OPEN: a\n", more={"configs/accounts/common.sops.yaml": f'PASSWORD: "ENC[{secret()}]\n'}
    ),
    "sealed into an expand": tree(
        'OPEN: !expand "${PASSWORD}"\n', more={"configs/accounts/common.sops.yaml": sealed_layer(PASSWORD=secret())}
    ),
    "merge conflict": tree(
        f"<<<<<<< {secret()}\nPASSWORD: {secret()}\n=======\nPASSWORD: {secret()}\n>>>>>>> {secret()}\n"
    ),
    "control character": tree(f"PASSWORD: {secret()}\0{secret()}\n"),
    "control character in several lines": tree(f"PASSWORD: |\n  {secret()}: a\u0085{secret()}\n"),
    "Latin-1": tree(f"PASSWORD: {secret()}é{secret()}\n".encode("latin-1")),
    "Latin-1 in several lines": tree(f"PASSWORD: |\n  {secret()}: é\n".encode("latin-1")),
    "Latin-1 file": tree("PASSWORD: !file key\n", more={"configs/accounts/key": f"{secret()}: é\n".encode("latin-1")}),
    "UTF-16": tree(f"PASSWORD: {secret()}\n".encode("utf-16")),
    "LFS pointer": tree(
        "PASSWORD: !file key\n",
        more={"configs/accounts/key": f"version https://git-lfs.github.com/spec/v1\n{secret()}\n"},
    ),
    "stray file": tree("OPEN: a\n", more={"configs/accounts/key.pem": f"{secret()}: a\n"}),
    "stray layer": tree("OPEN: a\n", more={"configs/prod.yaml": f"{secret()}: a\n"}),
    "blank at the end": tree(f'PASSWORD: "{secret()} "\n'),
    "NUL": tree(f'PASSWORD: "{secret()}\\0"\n'),
    "too long": tree(f"PASSWORD: {secret() * 7000}\n"),
    "too long together": tree(
        "PASSWORD: !file large\n" + "".join(f"X{n}: !file large\n" for n in range(9)),
        more={"configs/accounts/large": secret() * 4000},
    ),
    "JSON impossible": tree(f"PASSWORD: !json {{{secret()}: .nan}}\n"),
    "JSON twice": tree(f"PASSWORD: !json {{{secret()}: 1, {secret()}: 2, a: 1, a: {secret()}}}\n"),
    "unset with a value": tree(f"PASSWORD: !unset {secret()}\n"),
    "dollar": tree(f'PASSWORD: !expand "{secret()}$x"\n'),
    "unset reference": tree(f'PASSWORD: !expand "{secret()}${{NOT_SET}}"\n'),
    "circle": tree(f'PASSWORD: !expand "{secret()}${{OPEN}}"\nOPEN: !expand "{secret()}${{PASSWORD}}"\n'),
    "expand too long": tree(f'PASSWORD: {secret() * 4000}\nOPEN: !expand "${{PASSWORD}}${{PASSWORD}}"\n'),
    "list for a name": tree(f"[{secret()}]: a\n"),
    "question mark": tree(f"? {{a: {secret()}}}\n: {secret()}\n"),
    "not an address": tree(f"DATABASE_URL: {secret()}\n"),
    "wrong scheme": tree(f"DATABASE_URL: {secret()}://u:{secret()}@h/d\n"),
    "not a number": tree(f"SIZE: {secret()}\n"),
    "too short": tree(f"LONG: {secret()}\n"),
    "longer than allowed": tree(f"SHORT: {secret()}\n"),
    "other shape": tree(f"SHAPE: {secret()}\n"),
    "none of the choices": tree(f"CHOICE: {secret()}\n"),
    "no address": tree(f"ADDRESS: //{secret()}\n"),
    "not JSON": tree(f"DATA: '{{\"{secret()}\"'\n"),
    "JSON of another type": tree(f'DATA: \'{{"{secret()}": "{secret()}"}}\'\n'),
    "open and wrong, made of a secret": tree(f'PASSWORD: {secret()}\nNUMBER: !expand "${{PASSWORD}}"\n'),
    "open and wrong, instead of a secret": tree(
        "OPEN: a\n",
        more={"configs/common.yaml": f"NUMBER: https://u:{secret()}@e.com\n", "configs/production.yaml": "NUMBER: a\n"},
    ),
    "open and wrong, on one line with a secret": tree(f"{{PASSWORD: {secret()}, NUMBER: a, SIZE: {secret()}}}\n"),
    "open and wrong, with a comment": tree(f"NUMBER: a # {secret()}\n"),
    "open and wrong, with a password": tree(f"NUMBER: https://u:{secret()}@e.com/\n"),
    "open and wrong, with a slash in the password": tree(f"NUMBER: https://u:{secret()}/{secret()}@e.com/\n"),
    "open and wrong, far to the right": tree(f"NUMBER: https://u:{secret() * 20}@e.com/\n"),
    "open here, secret for another service": tree(
        f"NUMBER: {secret()}\n",
        more={
            "configs/billing/service.yaml": SERVICE,
            "schemas/billing.py": HEAD + "class Billing(Settings):\n    NUMBER: Secret | None = None\n",
        },
    ),
    "secret port": tree(f"ADMIN: {secret()}\n", "class Accounts(Settings):\n    ADMIN: Secret[Port]\n"),
    "port that is secret for another class": tree(
        f"ADMIN: {secret()}\n",
        "class Accounts(Settings):\n    ADMIN: Port\n\n\nclass Web(Settings, process='web'):\n    ADMIN: Secret\n",
    ),
    "validator that says the value": validated("PASSWORD", 'raise ValueError(f"bad {value}")'),
    "validator that says what is inside": validated("PASSWORD", 'raise ValueError(f"bad {value.get_secret_value()}")'),
    "validator that asserts": validated("PASSWORD", "assert not value.get_secret_value(), value.get_secret_value()"),
    "validator that crashes": validated("PASSWORD", "return {}[value.get_secret_value()]"),
    "validator that leaves": validated("PASSWORD", "raise SystemExit(value.get_secret_value())"),
    "validator that raises what none should": validated("PASSWORD", "raise BaseException(value.get_secret_value())"),
    "validator with an error named for the value": validated(
        "PASSWORD", "raise PydanticCustomError(value.get_secret_value(), value.get_secret_value())"
    ),
    "validator with an exception named for the value": validated(
        "PASSWORD", "raise type(value.get_secret_value(), (Exception,), {})()"
    ),
    "validator that says the password of an open address": validated(
        "URL", 'raise ValueError(f"bad {value.password}")', f"https://u:{secret()}@e.com/", "    URL: AnyUrl\n"
    ),
    "validator that says what is made of a secret": tree(
        f'PASSWORD: {secret()}\nOPEN: !expand "${{PASSWORD}}"\n',
        "class Accounts(Settings):\n    PASSWORD: Secret\n\n\nclass Web(Settings, process='web'):\n    OPEN: str\n\n"
        '    @field_validator("OPEN")\n    @classmethod\n    def check(cls, value):\n        raise ValueError(value)\n'
        "\n\nclass Worker(Settings, process='worker'):\n    OPEN: str\n",
    ),
    "validator that says what another class declares secret": tree(
        f"OPEN: {secret()}\n",
        "class Accounts(Settings):\n    OPEN: Secret\n\n\nclass Web(Settings, process='web'):\n    OPEN: str\n\n"
        '    @field_validator("OPEN")\n    @classmethod\n    def check(cls, value):\n        raise ValueError(value)\n',
    ),
    "whole model that says the value": whole(
        'raise ValueError(f"bad {self.PASSWORD.get_secret_value()}")', f"PASSWORD: {secret()}\nOPEN: a\n"
    ),
    "whole model that says itself": whole("raise ValueError(repr(self))", f"PASSWORD: {secret()}\nOPEN: a\n"),
    "whole model that crashes": whole("raise KeyError(self.PASSWORD.get_secret_value())", f"PASSWORD: {secret()}\n"),
    "whole model that leaves": whole("raise SystemExit(self.PASSWORD.get_secret_value())", f"PASSWORD: {secret()}\n"),
    "whole model that says what is made of a secret": tree(
        f'PASSWORD: {secret()}\nOPEN: !expand "${{PASSWORD}}"\n',
        "class Accounts(Settings):\n    PASSWORD: Secret\n\n\nclass Open(Settings):\n    OPEN: str\n\n"
        '    @model_validator(mode="after")\n    def check(self):\n        raise ValueError(self.OPEN)\n',
    ),
    "whole model before it is one": tree(
        f"PASSWORD: {secret()}\n",
        "class Accounts(Settings):\n    PASSWORD: Secret\n\n    @model_validator(mode='before')\n    @classmethod\n"
        "    def check(cls, data):\n        raise ValueError(str(data))\n",
    ),
    "model inside of JSON": tree(
        f'DATA: \'{{"a": "{secret()}"}}\'\n',
        "class Inner(BaseModel):\n    a: int\n\n\nclass Accounts(Settings):\n    DATA: Secret[Json[Inner]]\n",
    ),
    "schema that is too large to be read": tree(
        f"NUMBER: {secret()}\n",
        "class Accounts(Settings):\n    NUMBER: Secret\n" + "#" * (1 << 20),
        more={"schemas/common.py": HEAD + "class Common(Settings):\n    NUMBER: int\n"},
    ),
    "settings that are wrong too": {
        **tree(f"PASSWORD: {secret()}\n- {secret()}\n"),
        "envtree.yaml": SETTINGS.replace("service}", "servce}"),
    },
}
COUNT = next(numbers) - 1

RUNS = (
    *(("validate", "--format", name, "--color", "always") for name in ("text", "short", "json", "github", "sarif")),
    ("validate", "--max", "0"),
    ("validate", "production"),
    ("build", "--out", "out", "--dry-run"),
    ("build", "--out", "out"),
    ("build", "--out", "out"),
    ("build", "production", "--out", "out"),
    *(("show", BEHIND, "--format", name) for name in ("table", "json", "dotenv", "shell")),
    ("show", "staging/accounts/worker"),
    ("verify", "out"),
    ("rollback", "out"),
    ("rollback", "out", "--to", "0"),
    ("init",),
    ("lint", "--max", "0", "--color", "always"),
    ("lint", "--format", "json"),
    ("codegen", "accounts", "--lang", "python"),
    ("lint", "--fix", "--max", "0"),
    *(("set", scope, "ANY=${X}", "--dry-run") for scope in ("common", "staging", "accounts")),
    *(("set", "common", "ANY=1", "--dry-run", "--format", name, "--max", "0") for name in ("text", "json")),
    *(("unset", "common", "PASSWORD", *more, "--dry-run") for more in ((), ("--inherit",), ("--remove",))),
)


def said_by_all(folder: Path) -> list[str]:
    """What every verb gives away."""
    found = []
    for words in RUNS:
        done = run(folder, *words)
        assert done.code in (0, 1, 2), words
        found += [f"{' '.join(words)}: {leak}" for leak in leaks(done.said)]
    return found


def in_the_output(out: Path) -> list[str]:
    """What an output gives away outside of the files of its envdirs, and each of its paths that others may read."""
    found = []
    for path in sorted(out.rglob("*")):
        found += leaks(str(path.relative_to(out)))
        mode = stat.S_IMODE(path.lstat().st_mode)
        is_run = path.is_dir() or path.read_bytes().startswith(b"#!") or path.name == "supervision.sh"
        if not path.is_symlink() and mode != (0o700 if is_run else 0o600):
            found.append(f"{path}: {mode:04o}")
        if path.is_symlink():
            found += leaks(os.readlink(path))  # noqa: PTH115 - bytes as they are
        elif path.is_file() and path.parent.parent.name != "envdirs":
            found += leaks(path.read_bytes())
    return found


@pytest.fixture
def run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schemas of a tree, which know no value yet, are run once for all verbs: that is most of what a verb does."""
    kept: dict[object, object] = {}

    def remember(source: Source, *rest: object) -> object:
        key = (*sorted(source.files.items()), *map(repr, rest))
        if key not in kept:
            kept[key] = load(source, *rest)  # type: ignore[arg-type]
        return kept[key]

    monkeypatch.setattr("envtree.adapters.schemas.load", remember)


@pytest.mark.parametrize("name", VALID)
def test_a_secret_is_in_the_envdirs_and_nowhere_else(name: str, run_once: None, tmp_path: Path) -> None:
    write_tree(tmp_path, VALID[name])
    assert said_by_all(tmp_path) == []
    assert in_the_output(tmp_path / "out") == []
    assert any(leaks(path.read_bytes()) for path in (tmp_path / "out/envdirs").glob("*/*"))
    assert leaks(run(tmp_path, "show", BEHIND, "--reveal", "--format", "json").stdout)


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_does_not_give_a_secret_away(name: str, run_once: None, tmp_path: Path) -> None:
    write_tree(tmp_path, BROKEN[name])
    assert said_by_all(tmp_path) == []
    assert run(tmp_path, "validate").code == (0 if name in ("sealed", "sealed into an expand") else 1)
    assert not (tmp_path / "out").exists()


def test_more_than_a_hundred_secrets_are_tried() -> None:
    assert COUNT > 100


@pytest.mark.parametrize(
    "text",
    [
        MARK,
        MARK.upper(),
        secret()[7:25],
        base64.b64encode(secret().encode()).decode(),
        base64.b64encode(b"x" + secret().encode()).decode(),
        base64.b64encode(b"xy" + secret().encode()).decode(),
        quote("".join(f"%{byte:02X}" for byte in MARK.encode()), safe="%"),
        secret()[::-1],
        secret().encode().hex(),
    ],
)
def test_a_secret_is_found_however_it_is_written(text: str) -> None:
    assert leaks(f"some {text} text")
    assert leaks(b"some " + zlib.compress(text.encode()) + b" text")
    assert leaks(b"some " + gzip.compress(text.encode()) + b" text")


@pytest.mark.parametrize("order", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_secret_is_found_in_text_of_two_bytes_a_letter(order: str) -> None:
    assert leaks(b"some " + secret().encode(order) + b" text")


def test_help_and_completion_know_no_secret(tmp_path: Path) -> None:
    write_tree(tmp_path, VALID["declared"])
    for words in (["--help"], ["build", "--help"], ["show", "--help"], []):
        assert leaks(run(tmp_path, *words).said) == []
    for name in ("PASSWORD", "prod", BEHIND):
        completing = {"_ENVTREE_COMPLETE": "complete_bash", "COMP_WORDS": f"envtree show {name}", "COMP_CWORD": "2"}
        assert leaks(run(tmp_path, env=completing).said) == []


DEEP = (
    "envtree.core.layers.resolve._step",
    "envtree.core.yaml.document._Composer.get_single_node",
    "envtree.core.schema.rules.Schema._check_value",
    "envtree.cli.terminal.as_text",
    "envtree.core.schema.check.describe",
    "envtree.commands.build.assemble",
    "envtree.commands.build.publish",
    "envtree.commands.steps.checkout.read",
)


@pytest.mark.parametrize("traced", [{}, {"ENVTREE_TRACEBACK": "1"}], ids=["plain", "traced"])
@pytest.mark.parametrize("place", DEEP)
def test_a_bug_does_not_give_a_secret_away(
    place: str, traced: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak = secret()

    def broken(*_: object, **__: object) -> None:
        try:
            raise KeyError(leak)
        except KeyError as error:
            error.add_note(leak)
            raise RuntimeError(f"internal: {leak}") from error

    layer = "PASWORD: a\n" if place.endswith(("as_text", "describe")) else "PASSWORD: a\n"
    write_tree(tmp_path, tree(layer))
    monkeypatch.setattr(place, broken)
    done = run(tmp_path, "build", "--out", "out", env=traced)
    assert done.code == 70
    assert done.stdout == ""
    assert "a bug in envtree: RuntimeError" in done.stderr
    assert leaks(done.said) == []
    assert ("in broken" in done.stderr.splitlines()[-1]) == bool(traced)


def test_a_bug_in_a_process_of_its_own_does_not_give_a_secret_away(tmp_path: Path) -> None:
    write_tree(tmp_path, tree("PASSWORD: a\n"))
    code = (
        "import sys, envtree.core.layers.resolve as resolve\n"
        f"def broken(*_): raise RuntimeError({secret()!r})\n"
        "resolve._step = broken\n"
        "sys.argv = ['envtree', 'validate']\n"
        "from envtree.cli.main import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 70
    assert leaks(done.stdout + done.stderr) == []


@pytest.mark.parametrize("name", ["validator that leaves", "whole model that leaves", "validator that crashes"])
def test_a_validator_in_a_process_of_its_own_does_not_give_a_secret_away(name: str, tmp_path: Path) -> None:
    write_tree(tmp_path, BROKEN[name])
    done = subprocess.run([*ENVTREE, "validate"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1
    assert leaks(done.stdout + done.stderr) == []


def change_secrets(files: Files) -> Files:
    """The same files with another secret in the place of each."""
    mark = re.compile(rb"(?:CaN4rY[0-9]{3}){3}")
    texts = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return {path: mark.sub(lambda _: secret().encode(), text) for path, text in texts.items()}


def slug(name: str) -> str:
    return re.sub(r"\W+", "-", name)


def in_one_repository(folder: Path, versions: Callable[[Files], Sequence[Files]]) -> Path:
    """Every tree in a folder of its own of one repository, with a commit for each of its versions."""
    init(folder)
    trees = {slug(name): versions(files) for name, files in {**VALID, **BROKEN}.items()}
    stream: list[bytes] = []
    for number, commit in enumerate(zip(*trees.values(), strict=True)):
        stream += [b"commit refs/heads/main\ncommitter Ann <a@example.org> 1772366400 +0000\ndata 1\n%d\n" % number]
        stream += [b"deleteall\n"]
        for name, version in zip(trees, commit, strict=True):
            for path, text in version.items():
                data = text.encode() if isinstance(text, str) else text
                stream += [b"M 100644 inline %s\ndata %d\n%s\n" % (f"{name}/{path}".encode(), len(data), data)]
    git(folder, "fast-import", "--quiet", stdin=b"".join(stream))
    git(folder, "reset", "-q", "--hard")
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)
    return folder


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trees that were harmless, then as they are, then with other secrets, then without schemas, and harmless again."""

    def versions(files: Files) -> Sequence[Files]:
        undeclared = {path: text for path, text in change_secrets(files).items() if not path.startswith("schemas/")}
        return tree("OPEN: a\n"), files, change_secrets(files), undeclared, tree("OPEN: a\n")

    return in_one_repository(tmp_path_factory.mktemp("logged") / "all", versions)


@pytest.mark.parametrize("name", [*VALID, *BROKEN])
def test_the_log_does_not_give_a_secret_away(name: str, run_once: None, logged: Path) -> None:
    asked: tuple[dict[str, object], ...] = (
        {"color": "always"},
        {"output_format": "json"},
        {"name": "PASSWORD", "ref": "HEAD~2"},
        {"name": "OPEN"},
    )
    for words in asked:
        done = run_verb(history, BEHIND, folder=str(logged / slug(name)), **words)
        assert done.code in (0, 2), words
        assert leaks(done.said) == []


def test_the_log_gives_a_secret_away_to_whoever_asks_for_it(logged: Path) -> None:
    assert leaks(run(logged / slug("declared"), "history", BEHIND, "--reveal").said)


FORMATS = ("text", "json", "markdown", "stat", "name-only")
NAMES = re.compile(rb"^\{?([A-Z]+): ?", re.MULTILINE)
DIGITS = re.compile(r"(?<![0-9a-f])[0-9a-f]{6,}(?![0-9a-f])")


@pytest.fixture(scope="module")
def revisions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trees that were harmless, then as they are, and then with other secrets."""

    def versions(files: Files) -> Sequence[Files]:
        return tree("OPEN: a\n"), files, change_secrets(files)

    return in_one_repository(tmp_path_factory.mktemp("revisions") / "all", versions)


@pytest.fixture
def computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comparison and explanation is computed once, for all formats."""
    for name in ("diff", "explain"):
        module = importlib.import_module(f"envtree.review.commands.{name}")
        monkeypatch.setattr(module, name, functools.cache(getattr(module, name)))


def written(output_format: str) -> dict[str, object]:
    """The options that ask `diff` for a format."""
    flags = {"stat": "stat", "name-only": "name_only"}
    return {flags[output_format]: True} if output_format in flags else {"output_format": output_format}


def named(files: Files) -> list[str]:
    """Some of the variables of a tree that may be secret."""
    layer = files[COMMON]
    found = NAMES.findall(layer.encode() if isinstance(layer, str) else layer)
    return list(dict.fromkeys(("PASSWORD", *(name.decode() for name in found[:2]))))[:2]


@pytest.mark.parametrize("name", [*VALID, *BROKEN])
def test_a_comparison_or_an_explanation_does_not_give_a_secret_away(
    name: str, revisions: Path, computed_once: None
) -> None:
    folder, files = str(revisions / slug(name)), VALID.get(name) or BROKEN[name]
    for output_format in FORMATS:
        done = run_verb(diff, "main~1..main", folder=folder, color="always", **written(output_format))
        assert done.code in (0, 1, 2), output_format
        assert leaks(done.said) == []
    for variable, output_format in itertools.product(named(files), ("text", "json")):
        done = run_verb(
            explain, BEHIND, variable, folder=folder, output_format=output_format, color="always", ref="main~1"
        )
        assert done.code in (0, 2), variable
        assert leaks(done.said) == []


@pytest.mark.parametrize("name", [name for name in (*VALID, *BROKEN) if name != "settings that are wrong too"])
def test_a_comparison_with_less_or_other_schemas_does_not_give_a_secret_away(name: str) -> None:
    files = VALID.get(name) or BROKEN[name]
    undeclared = {path: text for path, text in change_secrets(files).items() if not path.startswith("schemas/")}
    for before, after in ((files, undeclared), (undeclared, files), (tree("OPEN: a\n"), files)):
        found = told(before, after)
        assert leaks(as_text(found) + as_markdown(found, "", "") + as_json(found, "", "")) == []


@pytest.mark.parametrize("name", VALID)
def test_a_comparison_with_what_is_built_or_runs_does_not_give_a_secret_away(
    name: str, tmp_path: Path, computed_once: None
) -> None:
    root = write_tree(tmp_path / "tree", VALID[name])
    assert run(root, "build", "--out", "../out").code == 0
    shown = run(root, "show", BEHIND, "--reveal", "--format", "json").stdout
    (tmp_path / "values.json").write_text(shown)
    environment = {each: said["value"] for each, said in json.loads(shown)["variables"].items() if not said["unset"]}
    with child(["sleep", "1000"], env=environment) as process:
        values = f"file:{tmp_path}/values.json"
        sides = ((f"dir:{tmp_path}/out",), (values, BEHIND), (f"live:{process.pid}", BEHIND))
        for version, where in (({COMMON: "OPEN: a\n"}, "open"), (change_secrets(VALID[name]), "changed")):
            folder = write_tree(tmp_path / where, {**VALID[name], **version})
            for side, output_format in itertools.product(sides, FORMATS):
                done = run_verb(diff, *side, folder=str(folder), **written(output_format))
                assert done.code in (0, 1, 2), side
                assert leaks(done.said) == []


@pytest.mark.parametrize("name", ["declared", "overridden", "expanded into an address", "no schema", "file"])
def test_no_digest_of_a_secret_is_the_same_in_two_runs(name: str, revisions: Path) -> None:
    folder = str(revisions / slug(name))
    known = git(revisions, "rev-list", "--all", "--objects")
    commands: tuple[tuple[Callable[..., int], tuple[str, ...], dict[str, object]], ...] = (
        *((diff, ("main~1..main",), written(output_format)) for output_format in FORMATS[:3]),
        (diff, (BEHIND, "staging/accounts/worker"), {}),
        *((explain, (BEHIND, "PASSWORD"), written(output_format)) for output_format in ("text", "json")),
        (history, (BEHIND,), {}),
    )
    for verb, words, more in commands:
        first, second = (set(DIGITS.findall(run_verb(verb, *words, folder=folder, **more).said)) for _ in range(2))
        assert {each for each in first & second if each not in known} == set(), words
