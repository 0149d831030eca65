"""Trees that are broken in one way each, and what envtree says of them, to the letter.

`tests/cases/base` is a tree without a fault. `tests/cases/CODE[-variant]` lays its `tree` over it, and `case.toml` says
what git can't keep and which command is run. `UPDATE_CASES=1` writes the expected output, and the examples in
docs/reference/diagnostics.md, anew: read what it wrote as the author of the tree would.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from envtree.core.model.diagnostic import Code
from tests.builders import ROOT
from tests.cli.running import Done, modes_hold_for_root, run
from tests.repositories import AUTHOR

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

CASES = Path(__file__).parent / "cases"
BASE = CASES / "base"
REFERENCE = ROOT / "docs/reference/diagnostics.md"
CODES: tuple[str, ...] = get_args(Code)
UPDATE = bool(os.environ.get("UPDATE_CASES"))
if UPDATE and "PYTEST_XDIST_WORKER" in os.environ:
    raise RuntimeError("UPDATE_CASES writes one file from many tests: run pytest without -n")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b(?=[:, ]|$)|(?<=\[hidden #)[0-9a-f]{6}(?=\])", re.MULTILINE)
PYDANTICS = re.compile(r"(?:Error building|Invalid Schema).*")
EXAMPLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    """A `case.toml`: what is done to the tree before the command, in this order."""

    name: str
    command: str = "validate"
    exit: int = 1
    base: bool = True
    """Start from the tree without a fault."""
    rooted: list[str] = field(default_factory=list)
    """Files in which `/tree` stands for the folder that the tree lies in, as it does in what is expected."""
    before: list[str] = field(default_factory=list)
    """Commands that must succeed."""
    remove: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    fifos: list[str] = field(default_factory=list)
    latin_1_names: list[str] = field(default_factory=list)
    """Empty files whose names are no UTF-8."""
    files: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, list[Any]] = field(default_factory=dict)
    """Files of a text, so many times; `{n}` in it counts."""
    sparse: dict[str, int] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    """Only root gives files away."""
    shell: list[str] = field(default_factory=list)
    """Lines that must succeed, most of them git's."""
    environment: dict[str, str] = field(default_factory=dict)
    """What the command finds in its environment besides."""

    @property
    def code(self) -> str:
        """The code that the case is there for, or `valid`."""
        fitting = [code for code in (*CODES, "valid") if self.name == code or self.name.startswith(f"{code}-")]
        return max(fitting, key=len, default="")

    @property
    def expected(self) -> Path:
        return CASES / self.name / "expected.txt"

    def lay_out(self, folder: Path) -> None:
        """Make the tree."""
        if self.base:
            copy(BASE, folder)
        copy(CASES / self.name / "tree", folder)
        for path in self.rooted:
            (folder / path).write_text((folder / path).read_text().replace("/tree", str(folder)))
        for command in self.before:
            assert run(folder, *shlex.split(command)).code == 0, command
        for path in self.remove:
            shutil.rmtree(folder / path) if (folder / path).is_dir() else (folder / path).unlink()
        for path in self.folders:
            (folder / path).mkdir(parents=True)
        for path in self.fifos:
            os.mkfifo(folder / path)
        for path in self.latin_1_names:
            Path(os.fsdecode(os.fsencode(folder) + b"/" + path.encode("latin-1"))).touch()
        texts = {
            path: text * count if "{n}" not in text else _numbered(text, count)
            for path, (text, count) in self.repeated.items()
        }
        for path, text in {**self.files, **texts}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        for path, size in self.sparse.items():
            with (folder / path).open("wb") as file:
                file.truncate(size)
        for path, goal in self.links.items():
            (folder / path).symlink_to(goal)
        for path, mode in self.modes.items():
            (folder / path).chmod(int(mode, 8))
        for path, owner in self.owners.items():
            os.chown(folder / path, owner, owner)
        if self.shell:
            script = "\n".join(("set -e", *self.shell))
            subprocess.run(["sh", "-c", script], cwd=folder, env={**os.environ, **AUTHOR}, umask=0o022, check=True)

    def run(self, folder: Path) -> Done:
        """Run the command in its tree."""
        with modes_hold_for_root():
            return run(folder, *shlex.split(self.command), env=self.environment)


def _numbered(text: str, count: int) -> str:
    return "".join(text.replace("{n}", str(number)) for number in range(1, count + 1))


def copy(tree: Path, folder: Path) -> None:
    """Lay a tree over a folder, with modes of its own: a checkout's depend on the umask."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    for path in sorted(tree.rglob("*")):
        to = folder / path.relative_to(tree)
        if path.is_dir():
            to.mkdir(exist_ok=True)
            to.chmod(0o755)
        else:
            to.write_bytes(path.read_bytes())
            to.chmod(0o644)


def parameter(case: Case) -> ParameterSet:
    """The case for a test that runs it."""
    return pytest.param(case, id=case.name, marks=pytest.mark.root if case.owners else ())


def read_case(folder: Path) -> Case:
    return Case(folder.name, **tomllib.loads((folder / "case.toml").read_text()))


ALL = [read_case(path.parent) for path in sorted(CASES.glob("*/case.toml"))]


def steady(text: str, folder: Path) -> str:
    """The output without what differs from run to run, and from version to version."""
    return PYDANTICS.sub("WORDS OF PYDANTIC", DIGEST.sub("DIGEST", text.replace(str(folder), "/tree")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


@pytest.mark.parametrize("case", [parameter(case) for case in ALL])
def test_a_case_says_what_is_expected(case: Case, folder: Path) -> None:
    case.lay_out(folder)
    done = case.run(folder)
    said = steady(done.said, folder)
    if UPDATE:
        case.expected.write_text(said)
    assert said == case.expected.read_text()
    assert done.code == case.exit
    if case.code != "valid":
        assert re.search(rf"^(error|warning)\[{case.code}\]: ", said, re.MULTILINE)


def test_a_case_is_named_for_its_code() -> None:
    assert [case.name for case in ALL if not case.code] == []


def test_each_code_has_a_case() -> None:
    assert [code for code in CODES if not (CASES / code / "expected.txt").is_file()] == []


def test_a_message_is_lowercase_and_has_no_full_stop() -> None:
    pattern = re.compile(r"^(?:error|warning)\[[a-z0-9-]+\]: (.*)", re.MULTILINE)
    messages = [message for case in ALL for message in pattern.findall(case.expected.read_text())]
    assert len(messages) > len(CODES)
    assert [each for each in messages if re.match(r"[A-Z][a-z]", each) or each.endswith((".", ":", ";", " "))] == []


def test_the_base_has_no_fault(folder: Path) -> None:
    copy(BASE, folder)
    done = run(folder, "validate")
    assert (done.code, done.stdout) == (0, "")


def test_a_tree_is_reported_in_the_order_of_its_places(folder: Path) -> None:
    case = next(each for each in ALL if each.name == "unknown-variable-thousand")
    case.lay_out(folder)
    found = re.findall(r"^(\S+):(\d+):(\d+): ", run(folder, "validate", "--format", "short").stdout, re.MULTILINE)
    places = [(file, int(line), int(column)) for file, line, column in found]
    assert len(places) == 1000
    assert places == sorted(places)


def test_the_reference_lists_every_code_in_order() -> None:
    assert re.findall(r"^### `(.*)`$", REFERENCE.read_text(), re.MULTILINE) == list(CODES)


def test_the_example_in_the_reference_is_what_the_case_prints() -> None:
    for code in CODES:
        check_example(code)


def check_example(code: str) -> None:
    before, heading, rest = REFERENCE.read_text().partition(f"\n### `{code}`\n")
    section, following, after = rest.partition("\n##")
    command = read_case(CASES / code).command
    example = f"$ envtree {command}\n{(CASES / code / 'expected.txt').read_text()}"
    if UPDATE:
        section = EXAMPLE.sub(lambda _: example, section)
        REFERENCE.write_text(f"{before}{heading}{section}{following}{after}")
    assert EXAMPLE.findall(section) == [example], code
