"""A tree in which services depend on one another in every way there is, random changes to it, and the index of them."""

from __future__ import annotations

import hashlib
import posixpath
import zlib
from typing import TYPE_CHECKING

from tests.repositories import git, init

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from random import Random

Texts = dict[str, str]
"""The text of each file; one that starts with a mark is something else."""
Edits = dict[str, str | None]
LINK, PROGRAM, CONFLICT, SUBMODULE = "-> ", "#!", "<<<", "@@@"

SETTINGS = "environments: {production: {instance: service}, review: {instance: together}}\n"
COMMON = """\
from typing import Literal, Self

from pydantic import Field, model_validator

from envtree import Port, Settings


class Common(Settings):
    LEVEL: Literal["low", "high"] = "low"
    LEAST: int = 1
    MOST: int = 9
    CERTIFICATE: str = Field("", max_length=9)
    PORT: Port | None = None
    TOKEN: str = ""
    URL: str = ""

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.LEAST > self.MOST:
            raise ValueError("the least is more than the most")
        return self
"""
ACCOUNTS = """\
from typing import Annotated

from envtree import Differs, Port, Settings


class Accounts(Settings):
    ADMIN_PORT: Port | None = None
    ONLY: Annotated[str | None, Differs("environment")] = None


class Jobs(Settings, process="jobs", environment="production"):
    QUEUE: str
"""
BILLING = """\
from envtree import Port, Secret, Settings


class Billing(Settings):
    ADMIN_PORT: Secret[Port] | None = None
    TOKEN: Secret = Secret("")
"""
TREE: Texts = {
    "envtree.yaml": SETTINGS,
    "schemas/common.py": COMMON,
    "schemas/accounts.py": ACCOUNTS,
    "schemas/billing.py": BILLING,
    "configs/ca.pem": "one",
    "configs/common.yaml": "LEVEL: low\nMOST: 5\n",
    "configs/production.yaml": "CERTIFICATE: !file ca.pem\n",
    "configs/accounts/service.yaml": "processes: {web: {command: serve}, jobs: {command: work}}\n",
    "configs/accounts/common.yaml": "LEAST: 2\n",
    "configs/accounts/web/common.yaml": "PORT: 5000\n",
    "configs/accounts/jobs/common.yaml": "PORT: 5001\n",
    "configs/accounts/jobs/production.yaml": "QUEUE: slow\n",
    "configs/billing/service.yaml": "processes: {web: {command: serve}}\nrequires: [accounts]\n",
    "configs/billing/common.yaml": "TOKEN: canary\n",
    "configs/billing/web/common.yaml": "PORT: 5002\n",
    "configs/billing/web/review.yaml": "PORT: 5003\n",
    "configs/mail/service.yaml": "processes: {web: {command: send}}\nenvironments: [production]\n",
    "configs/mail/common.yaml": "LEVEL: low\n",
}
"""Five processes of three services; two of them share the machines of `review`."""

SERVICES = ("accounts", "billing", "mail", "idle")
LAYERS = (
    *(f"configs/{service}/{rest}.yaml" for service in SERVICES[:2] for rest in ("common", "production", "web/common")),
    "configs/accounts/jobs/production.yaml",
    "configs/accounts/web/common.sops.yaml",
    "configs/billing/web/review.yaml",
    "configs/mail/common.yaml",
    "configs/idle/common.yaml",
)
LINES = (
    "LEVEL: high",
    "LEVEL: none",
    "LEAST: 6",
    "MOST: 1",
    "MOST: 8",
    *(f"PORT: {port}" for port in range(5000, 5006)),
    "ADMIN_PORT: 5000",
    "ADMIN_PORT: 5009",
    "TOKEN: one",
    "URL: one",
    "URL: !expand x${LEVEL}",
    "URL: !expand x${TOKEN}",
    "ONLY: one",
    "ONLY: two",
)
PROMISING = COMMON.replace("from typing import", "from typing import Annotated,").replace(
    "import Port, ", "import Differs, Port, "
)
PROMISING = PROMISING.replace('URL: str = ""', 'URL: Annotated[str | None, Differs("environment")] = None')
PROMISING_BASE = """\
from typing import Annotated

from envtree import Differs


class Base(Settings):
    SHARED: Annotated[str | None, Differs("environment")] = None
"""
"""A schema by which services depend on one another."""
RELATIONS: tuple[Texts, ...] = (
    {"schemas/common.py": PROMISING},
    {"configs/mail/common.yaml": "CERTIFICATE: !file ../accounts/common.yaml\n"},
    {"configs/mail/common.yaml": "CERTIFICATE: !file ../accounts/ca.pem\n", "configs/accounts/ca.pem": "one"},
    {"configs/accounts/production.yaml": "CERTIFICATE: !file ../keys/ca.yaml\n", "configs/keys/ca.yaml": "one"},
    {"configs/billing/common.yaml": "CERTIFICATE: !file ca.pem\nTOKEN: canary\n", "configs/billing/ca.pem": "one"},
    {"configs/billing/production.yaml": "-> ../accounts/production.yaml", "configs/accounts/production.yaml": ""},
    {"configs/accounts/common.yaml": "LEAST: 2\nTOKEN: one\n"},
    {"configs/idle/service.yaml": "processes: {web: {command: x}}\nenvironments: []\n", "configs/idle/common.yaml": ""},
    {"configs/idle/service.yaml": "processes: {web: {command: serve}}\n", "configs/idle/common.yaml": "PORT: 5006\n"},
)
"""What makes services depend on one another, or on files of others."""
ELSEWHERE = (
    "configs/accounts/cron/common.yaml",
    "configs/accounts/notes.txt",
    "configs/accounts/testing.yaml",
    "configs/accounts/web/more/common.yaml",
    "configs/accounts/web/service.yaml",
    "configs/accounts/.hidden.yaml",
    "configs/accounts/README.md",
    "configs/.hidden/common.yaml",
    "configs/mail/review.yaml",
    "configs/nobody/common.yaml",
    "configs/testing.yaml",
    "schemas/mail.py",
    "README",
)
PROCESSES = ("{web: {command: serve}}", "{web: {command: serve}, jobs: {command: work}}", "{}")
LAST = ("", "environments: [production]\n", "environments: []\n", "requires: [nobody]\n")
ALTERNATIVES = {
    "envtree.yaml": (
        SETTINGS.replace("service}", "together}"),
        SETTINGS.replace("}}", "}, testing: {instance: service}}"),
    ),
    "schemas/accounts.py": (
        ACCOUNTS.replace('process="jobs", ', ""),
        ACCOUNTS.replace("QUEUE: str", 'QUEUE: str = ""'),
    ),
    "schemas/billing.py": (BILLING.replace("Secret = Secret(", "str = str("), BILLING.replace("Secret[Port]", "Port")),
    "schemas/common.py": (COMMON.replace("MOST: int = 9", "MOST: int"), COMMON.replace('"high"', '"top"')),
    "configs/common.yaml": ("LEVEL: none\n", "MOST: 4\n", "URL: !expand x${TOKEN}\n"),
    "configs/ca.pem": ("two", "a blank at the end "),
}


def applied(files: Texts, edits: Edits) -> Texts:
    """The files after an edit."""
    after = {path: text for path, text in files.items() if path not in edits}
    return after | {path: text for path, text in edits.items() if text is not None}


def some_edits(random: Random, files: Texts) -> Edits:
    """A change of the kind that people make, most often of a line."""
    make: Callable[[Random, Texts], Edits] = random.choices(list(KINDS), list(KINDS.values()))[0]
    return make(random, files)


def _line(random: Random, files: Texts) -> Edits:
    """Another line in a layer, in place of one of its name."""
    there = [path for path in LAYERS if path in files]
    path, line = random.choice(there if random.random() < 0.8 else LAYERS), random.choice(LINES)
    return {path: f"{_without(files.get(path, ''), line.partition(':')[0])}{line}\n"}


def _relation(random: Random, files: Texts) -> Edits:
    """A relation, or none any more."""
    relation = random.choice(RELATIONS)
    if random.random() < 0.5:
        return dict(relation)
    path = next(iter(relation))
    return {path: TREE.get(path)}


def _removal(random: Random, files: Texts) -> Edits:
    return {random.choice(sorted(files)): None}


def _move(random: Random, files: Texts) -> Edits:
    path = random.choice(sorted(files))
    return {path: None, random.choice(LAYERS): files[path]}


def _kind(random: Random, files: Texts) -> Edits:
    """The same path as something else: a program, a link, a conflict, a submodule, no YAML at all."""
    path, other = random.choice((*LAYERS, *files)), random.choice(LAYERS)
    link = LINK + posixpath.relpath(other, posixpath.dirname(path))
    return {path: random.choice((f"{PROGRAM}\nLEVEL: low\n", link, CONFLICT, SUBMODULE, "LEVEL: [\n"))}


def _service(random: Random, files: Texts) -> Edits:
    path = f"configs/{random.choice(SERVICES)}/service.yaml"
    if random.random() < 0.2:
        return {path: None, path.replace("service", "Service"): files.get(path)}
    return {path: f"processes: {random.choice(PROCESSES)}\n{random.choice(LAST)}"}


def _alternative(random: Random, files: Texts) -> Edits:
    path = random.choice(sorted(ALTERNATIVES))
    return {path: random.choice((TREE[path], *ALTERNATIVES[path]))}


def _elsewhere(random: Random, files: Texts) -> Edits:
    return {random.choice(ELSEWHERE): random.choice(("LEVEL: low\n", "", None))}


def _without(text: str, name: str) -> str:
    if text.startswith((LINK, CONFLICT, SUBMODULE)):
        return ""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"{name}:"))


KINDS: Mapping[Callable[[Random, Texts], Edits], int] = {
    _line: 50,
    _relation: 20,
    _removal: 5,
    _move: 4,
    _kind: 4,
    _service: 4,
    _alternative: 4,
    _elsewhere: 4,
}


class Index:
    """A repository whose index is written as git is told, without a working tree: quicker than any `git add`."""

    def __init__(self, top: Path) -> None:
        self.top = init(top)
        self.known: set[str] = set()

    def set(self, files: Texts) -> None:
        """Let it hold just these files."""
        (self.top / ".git/index").unlink(missing_ok=True)
        lines = (entry for path, text in files.items() for entry in entries(path, text, self._blob))
        git(self.top, "update-index", "-z", "--index-info", stdin="".join(lines))

    def _blob(self, text: str) -> str:
        data = b"blob %d\0%s" % (len(text), text.encode())
        identity = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if identity not in self.known:
            folder = self.top / ".git/objects" / identity[:2]
            folder.mkdir(exist_ok=True)
            (folder / identity[2:]).write_bytes(zlib.compress(data, 1))
            self.known.add(identity)
        return identity


def entries(path: str, text: str, blob: Callable[[str], str]) -> list[str]:
    """What makes one path of an index."""
    if text == SUBMODULE:
        return [f"160000 {'1' * 40}\t{path}\0"]
    if text == CONFLICT:
        return [f"100644 {blob(str(stage))} {stage}\t{path}\0" for stage in (1, 2, 3)]
    if text.startswith(LINK):
        return [f"120000 {blob(text.removeprefix(LINK))}\t{path}\0"]
    return [f"{'100755' if text.startswith(PROGRAM) else '100644'} {blob(text)}\t{path}\0"]


def stage(top: Path, files: Texts) -> None:
    """Let the working tree hold just these files, and stage them as a user would."""
    for old in sorted(top.rglob("*"), reverse=True):
        if ".git" not in old.relative_to(top).parts:
            old.rmdir() if old.is_dir() and not old.is_symlink() else old.unlink()
    for path, text in files.items():
        file = top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith(LINK):
            file.symlink_to(text.removeprefix(LINK))
        else:
            file.write_text(text)
            file.chmod(0o755 if text.startswith(PROGRAM) else 0o644)
    git(top, "add", "-A")
    odd = {path: text for path, text in files.items() if text in (CONFLICT, SUBMODULE)}
    if odd:
        for path in odd:
            git(top, "rm", "-q", "--cached", path)
        blob = git(top, "hash-object", "-w", "--stdin", stdin="")
        lines = (entry for path, text in odd.items() for entry in entries(path, text, lambda _: blob))
        git(top, "update-index", "-z", "--index-info", stdin="".join(lines))
