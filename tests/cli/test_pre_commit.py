"""The hook in the hands of the real pre-commit: a commit is judged by what it would hold, however it is made."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.builders import ROOT, SERVICE, SETTINGS, Files, write_tree
from tests.cli.hooking import NEWER, Hooking, Said, prepare

PRE_COMMIT = (sys.executable, "-m", "pre_commit")
LAYER, OTHER = "configs/accounts/common.yaml", "configs/common.yaml"
RIGHT, ALSO_RIGHT, WRONG = "A: a\nPORT: 5000\n", "A: b\nPORT: 6000\n", "A: b\nPORT: http\n"
FAULT = f" --> {LAYER}:2:7\n"
TREE: Files = {
    "envtree.yaml": SETTINGS,
    "configs/accounts/service.yaml": SERVICE,
    LAYER: RIGHT,
    OTHER: "B: b\n",
    "schemas/common.py": "from envtree import Port, Settings\n\n\nclass Common(Settings):\n"
    "    A: str\n    B: str\n    PORT: Port\n",
}


class Checkout(NamedTuple):
    """A folder under git, with pre-commit as its hook."""

    folder: Path
    hooking: Hooking

    def git(self, *words: str) -> Said:
        return self.hooking.run(self.folder, "git", *words)

    def must(self, *words: str) -> str:
        return self.hooking.must(self.folder, "git", *words)

    def write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text)

    def head(self) -> str:
        return self.must("rev-parse", "HEAD")


def start(hooking: Hooking, folder: Path) -> Checkout:
    """A repository of what is in a folder, without a commit."""
    checkout = Checkout(folder, hooking)
    checkout.must("init", "--quiet", "--initial-branch=main")
    checkout.must("add", "--all")
    hooking.must(folder, *PRE_COMMIT, "install")
    return checkout


def asking(hooking: Hooking, more: str = "") -> Files:
    """The configuration of a user who takes the hook from where envtree is published."""
    hook = f"{{id: envtree-validate{more}}}"
    text = f"repos:\n  - repo: {hooking.repository}\n    rev: {hooking.commit}\n    hooks: [{hook}]\n"
    return {".pre-commit-config.yaml": text}


@pytest.fixture(scope="module")
def hooking(tmp_path_factory: pytest.TempPathFactory) -> Hooking:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return prepare(shared / "hooking")


@pytest.fixture
def checkout(hooking: Hooking, tmp_path: Path) -> Checkout:
    checkout = start(hooking, write_tree(tmp_path / "repository", {**TREE, **asking(hooking)}))
    checkout.must("commit", "--quiet", "--no-verify", "--message=first")
    return checkout


def test_pre_commit_tries_the_hook(hooking: Hooking, tmp_path: Path) -> None:
    checkout = start(hooking, write_tree(tmp_path / "repository", TREE))
    trial = (*PRE_COMMIT, "try-repo", str(hooking.repository), "envtree-validate", "--all-files", "--verbose")
    said = hooking.must(checkout.folder, *trial)
    assert "envtree validate.........................................................Passed\n" in said
    assert "\nvalid: 2 processes of 1 service in 2 environments, 3 variables\n" in said


@pytest.mark.parametrize(
    "commands",
    [
        ["add .", "commit --message=second"],
        ["commit --all --message=second"],
        [f"commit --message=second {LAYER}"],
        ["add .", "commit --amend --no-edit"],
    ],
    ids=["what was added", "all", "one file", "anew"],
)
def test_a_commit_is_refused_until_it_is_right(commands: list[str], checkout: Checkout) -> None:
    before = checkout.head()
    checkout.write(LAYER, WRONG)
    *first, last = ([*command.split()] for command in commands)
    for words in first:
        checkout.must(*words)
    code, text = checkout.git(*last)
    assert code == 1
    assert "envtree validate.........................................................Failed\n" in text
    assert f"error[invalid-value]: `PORT` is not an integer\n{FAULT}" in text
    assert checkout.head() == before

    checkout.write(LAYER, ALSO_RIGHT)
    for words in (*first, last):
        checkout.must(*words)
    assert checkout.must("show", f"HEAD:{LAYER}") == ALSO_RIGHT


def test_a_staged_error_is_refused_though_the_file_is_right_again(checkout: Checkout) -> None:
    before = checkout.head()
    checkout.write(LAYER, WRONG)
    checkout.must("add", LAYER)
    checkout.write(LAYER, RIGHT)
    code, text = checkout.git("commit", "--message=second")
    assert (code, FAULT in text) == (1, True)
    assert checkout.head() == before
    assert (checkout.folder / LAYER).read_text() == RIGHT
    assert checkout.must("show", f":{LAYER}") == WRONG


def test_a_commit_passes_though_the_file_is_wrong_by_now(checkout: Checkout) -> None:
    checkout.write(LAYER, ALSO_RIGHT)
    checkout.must("add", LAYER)
    checkout.write(LAYER, WRONG)
    said = checkout.must("commit", "--message=second")
    assert "Unstaged files detected" in said
    assert checkout.must("show", f"HEAD:{LAYER}") == ALSO_RIGHT
    assert (checkout.folder / LAYER).read_text() == WRONG


def test_a_file_that_was_never_added_counts_as_missing(checkout: Checkout) -> None:
    checkout.write(LAYER, "A: b\n")
    (checkout.folder / "configs/accounts/web").mkdir()
    checkout.write("configs/accounts/web/common.yaml", "PORT: 5000\n")
    checkout.must("add", LAYER)
    code, text = checkout.git("commit", "--message=second")
    assert (code, "error[missing-variable]: `PORT` has no value" in text) == (1, True)
    checkout.must("add", ".")
    checkout.must("commit", "--message=second")


def test_a_commit_that_only_deletes_is_judged(checkout: Checkout) -> None:
    checkout.must("rm", "--quiet", LAYER)
    code, text = checkout.git("commit", "--message=second")
    assert (code, "error[missing-variable]: `PORT` has no value" in text) == (1, True)


def test_a_commit_of_one_file_leaves_out_what_else_is_staged(checkout: Checkout) -> None:
    checkout.write(LAYER, WRONG)
    checkout.must("add", LAYER)
    checkout.write(OTHER, "B: c\n")
    checkout.must("commit", "--message=second", OTHER)
    code, text = checkout.git("commit", "--message=third")
    assert (code, FAULT in text) == (1, True)


def test_a_linked_worktree_is_judged_by_its_own_index(checkout: Checkout, tmp_path: Path) -> None:
    linked = checkout._replace(folder=tmp_path / "linked")
    checkout.must("worktree", "add", "--quiet", "-b", "other", str(linked.folder))
    checkout.write(LAYER, WRONG)
    checkout.must("add", LAYER)
    linked.write(LAYER, ALSO_RIGHT)
    linked.must("commit", "--all", "--message=second")
    assert checkout.git("commit", "--message=second").code == 1

    checkout.must("reset", "--quiet", "--hard")
    linked.write(LAYER, WRONG)
    code, text = linked.git("commit", "--message=third", LAYER)
    assert (code, FAULT in text) == (1, True)
    checkout.write(OTHER, "B: c\n")
    checkout.must("commit", "--all", "--message=second")


def test_a_tree_in_a_subfolder_is_named_by_an_argument(hooking: Hooking, tmp_path: Path) -> None:
    tree = {f"deploy/{path}": text for path, text in TREE.items()}
    files = {**tree, **asking(hooking, ", args: [-C, deploy]")}
    checkout = start(hooking, write_tree(tmp_path / "repository", files))
    checkout.must("commit", "--message=first")
    checkout.write(f"deploy/{LAYER}", WRONG)
    below = checkout._replace(folder=checkout.folder / "deploy/configs")
    for words in (["--all"], ["accounts/common.yaml"]):
        code, text = below.git("commit", "--message=second", *words)
        assert (code, FAULT in text) == (1, True)


@pytest.mark.parametrize("folder", ["", "deploy/"])
def test_a_user_may_pass_over_commits_that_touch_no_file_of_a_tree(
    folder: str, hooking: Hooking, tmp_path: Path
) -> None:
    tree = {f"{folder}{path}": text for path, text in TREE.items()}
    files = {**tree, **asking(hooking, f", always_run: false, args: [-C, ./{folder}]")}
    checkout = start(hooking, write_tree(tmp_path / "repository", files))
    checkout.must("commit", "--quiet", "--no-verify", "--message=first")
    checkout.write("my-configs", "ours\n")
    checkout.must("add", ".")
    assert "(no files to check)Skipped" in checkout.must("commit", "--message=second")
    checkout.write(f"{folder}{LAYER}", WRONG)
    code, text = checkout.git("commit", "--all", "--message=third")
    assert (code, FAULT in text) == (1, True)


@pytest.mark.parametrize("folder", [".", "deploy", 'our "own"/tree'])
def test_what_init_writes_is_what_pre_commit_reads(folder: str, hooking: Hooking, tmp_path: Path) -> None:
    checkout = start(hooking.with_envtree_on_path(), write_tree(tmp_path / "repository", {"README": "ours\n"}))
    checkout.hooking.must(checkout.folder, "envtree", "init", folder)
    checkout.must("add", "--all")
    checkout.must("commit", "--message=first")
    checkout.write(f"{folder}/configs/app/web/common.yaml", "PORT: http\n")
    code, text = checkout.git("commit", "--all", "--message=second")
    assert (code, " --> configs/app/web/common.yaml:1:7\n" in text) == (1, True)


def test_a_commit_that_brings_a_secret_is_refused_and_one_beside_an_old_secret_is_not(
    hooking: Hooking, tmp_path: Path
) -> None:
    checkout = start(hooking.with_envtree_on_path(), write_tree(tmp_path / "repository", {"README": "ours\n"}))
    checkout.hooking.must(checkout.folder, "envtree", "init")
    checkout.must("add", "--all")
    checkout.must("commit", "--message=first")
    note = "configs/app/NOTES.md"
    checkout.write(note, "DB_PASSWORD=tulip99\n")
    checkout.must("add", "--all")
    code, text = checkout.git("commit", "--message=second")
    assert (code, f" --> {note}:1:13\n" in text, "tulip99" in text) == (1, True, False)

    checkout.must("commit", "--no-verify", "--message=second")
    checkout.write("configs/common.yaml", "LANG: C.UTF-8\nLOG_LEVEL: debug\n")
    checkout.must("commit", "--all", "--message=third")


def installed(hooking: Hooking) -> dict[str, str]:
    """What pre-commit has installed for the hook, by name."""
    home = Path(hooking.environment["PRE_COMMIT_HOME"])
    infos = home.glob("repo*/py_env-*/lib/python*/site-packages/*.dist-info")
    return dict(info.name.removesuffix(".dist-info").lower().replace("_", "-").rsplit("-", 1) for info in infos)


def test_the_hook_is_installed_with_the_versions_that_are_pinned(checkout: Checkout) -> None:
    checkout.write(LAYER, ALSO_RIGHT)
    checkout.must("commit", "--all", "--message=second")
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE))
    found = installed(checkout.hooking)
    assert {"pyyaml", "pydantic", "typer", "httpx"} <= found.keys()
    assert {name: version for name, version in found.items() if name in pins and pins[name] != version} == {}
    assert not set(NEWER.values()) & set(found.values())


@pytest.mark.parametrize(("asked", "version"), [("PyYAML>=6", "6.999"), ("flit_core>=3.12,<5", "4.999")])
def test_without_a_pin_a_newer_version_would_be_taken(
    asked: str, version: str, hooking: Hooking, tmp_path: Path
) -> None:
    said = hooking.must(tmp_path, sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", asked)
    assert f"-{version}\n" in said
