"""Every verb in every kind of repository: what it says is what it says in a plain one."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree
from tests.cli.running import run
from tests.repositories import commit, git, init

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TARGET = "production/accounts/web"
COMMON = "configs/common.yaml"
SCHEMA = "from envtree import Secret, Settings\n\n\nclass Common(Settings):\n    A: int\n    B: Secret[str]\n"
TREE = small_tree(**{COMMON: "A: 1\nB: hidden\n", "schemas/common.py": SCHEMA})
OF_COMMITS = (
    "validate --ref HEAD",
    f"show {TARGET} --ref HEAD~1",
    "build --out OUT --ref HEAD",
    f"explain {TARGET} A --ref HEAD",
    "diff HEAD~1..HEAD",
    f"history {TARGET} --ref HEAD",
    "lint --ref HEAD",
    "schema --ref HEAD --out OUT/schema",
)
OF_INDEX = (
    "validate --staged",
    f"show {TARGET} --staged",
    f"explain {TARGET} A --staged",
    "diff HEAD~1: :",
    "lint --staged",
)
OF_FILES = ("validate", "build --out OUT", f"explain {TARGET} A", "diff HEAD~1:", f"history {TARGET}")
ALL = (*OF_COMMITS, *OF_INDEX, *OF_FILES)


def history(top: Path, prefix: str = "") -> Path:
    """Three commits of a tree."""
    for number in (1, 2, 3):
        files = {f"{prefix}{path}": text for path, text in TREE.items()}
        commit(
            top, {**files, f"{prefix}{COMMON}": f"A: {number}\nB: hidden\n", "README": str(number)}, f"version {number}"
        )
    return top / prefix


def plain(folder: Path) -> Path:
    return history(init(folder / "repository"))


def subfolder(folder: Path) -> Path:
    return history(init(folder / "repository"), "deploy/eu/")


def inside_of_configs(folder: Path) -> Path:
    return history(init(folder / "repository"), "deploy/eu/") / "configs/accounts"


def bare(folder: Path) -> Path:
    plain(folder)
    git(folder, "clone", "-q", "--bare", "repository", "bare.git")
    return folder / "bare.git"


def bare_with_a_subfolder(folder: Path) -> Path:
    subfolder(folder)
    git(folder, "clone", "-q", "--bare", "repository", "bare.git")
    return folder / "bare.git"


def linked(folder: Path) -> Path:
    top = plain(folder)
    git(top, "worktree", "add", "-q", "--detach", "../linked")
    commit(top, {COMMON: "A: 4\nB: hidden\n"})
    return folder / "linked"


def detached(folder: Path) -> Path:
    top = plain(folder)
    git(top, "checkout", "-q", "--detach")
    git(top, "branch", "-q", "-f", "main", "HEAD~2")
    return top


def sha_256(folder: Path) -> Path:
    return history(init(folder / "repository", "--object-format=sha256"))


def packed(folder: Path) -> Path:
    top = plain(folder)
    git(top, "gc", "-q", "--aggressive", "--prune=now")
    git(top, "commit-graph", "write", "--reachable", "--changed-paths")
    return top


def borrowing(folder: Path) -> Path:
    plain(folder)
    git(folder, "clone", "-q", "--shared", "repository", "clone")
    return folder / "clone"


def in_a_submodule(folder: Path) -> Path:
    top = init(folder / "whole")
    plain(folder)
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../repository", "sub")
    return top / "sub"


def sparse(folder: Path) -> Path:
    root = subfolder(folder)
    git(folder / "repository", "sparse-checkout", "set", "--cone", "--sparse-index", "deploy")
    return root


def beside_another(folder: Path) -> Path:
    """A line of its own history, merged without a conflict."""
    top = init(folder / "repository")
    commit(top, {"README": "0"})
    git(top, "branch", "other")
    history(top)
    git(top, "checkout", "-q", "other")
    commit(top, {"NEWS": "1"})
    git(top, "checkout", "-q", "main")
    return top


KINDS: dict[Callable[[Path], Path], tuple[str, ...]] = {
    subfolder: ALL,
    inside_of_configs: ALL,
    bare: OF_COMMITS,
    bare_with_a_subfolder: OF_COMMITS,
    linked: ALL,
    detached: ALL,
    sha_256: ALL,
    packed: ALL,
    borrowing: ALL,
    in_a_submodule: ALL,
    sparse: ALL,
    beside_another: ALL,
}
VARYING = re.compile(r"#[0-9a-f]{6}\b|\b[0-9a-f]{12}\b|\S*/out-\d+")


def answers(make: Callable[[Path], Path], folder: Path, lines: tuple[str, ...]) -> dict[str, str]:
    """What each command line says, where neither ids nor places show."""
    folder.mkdir()
    root = make(folder)
    found: dict[str, str] = {}
    for line in lines:
        out = folder / f"out-{len(found)}"
        done = run(root, *shlex.split(line.replace("OUT", str(out))))
        said = VARYING.sub("...", done.said)
        found[line] = f"{done.code}\n{said}"
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return answers(plain, tmp_path_factory.mktemp("plain") / "here", ALL)


def test_a_plain_repository_has_an_answer_to_everything(expected: dict[str, str]) -> None:
    assert {line: said for line, said in expected.items() if said.startswith("2") or "bug" in said} == {}


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_a_verb_says_the_same_in_every_kind_of_repository(
    make: Callable[[Path], Path], expected: dict[str, str], tmp_path: Path
) -> None:
    lines = KINDS[make]
    assert answers(make, tmp_path / "here", lines) == {line: expected[line] for line in lines}
