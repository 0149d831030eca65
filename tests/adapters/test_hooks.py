"""Real commits with a real hook that runs `envtree validate --staged`: it judges what git is about to commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import ROOT, small_tree
from tests.cli.running import ENVTREE
from tests.forks import quick
from tests.repositories import attempt, commit, git, init, repository

COMMON, STAGING = "configs/common.yaml", "configs/staging.yaml"
SCHEMA = "from envtree import Settings\n\n\nclass Common(Settings):\n    NUMBER: int = 0\n    OTHER: int = 0\n"
TREE = small_tree(**{COMMON: "NUMBER: 1\n", STAGING: "OTHER: 1\n", "schemas/common.py": SCHEMA})
GOOD, BAD = "NUMBER: 2\n", "NUMBER: many\n"


def hook(*options: str, command: tuple[str, ...] = ()) -> str:
    """A hook that judges what is staged, by a command that starts at once where it isn't the real one."""
    return f"#!/bin/sh\nexec {' '.join(command or quick())} validate --staged {' '.join(options)}\n"


@pytest.fixture(autouse=True)
def found_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def with_hook(folder: Path, text: str = "", name: str = "pre-commit") -> Path:
    """Put the hook where git looks for it from this folder."""
    hooks = folder / git(folder, "rev-parse", "--git-path", "hooks")
    hooks.mkdir(exist_ok=True)
    (hooks / name).write_text(text or hook())
    (hooks / name).chmod(0o755)
    return folder


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return with_hook(repository(tmp_path / "repository", TREE))


def commits(folder: Path, *words: str) -> bool:
    """Whether a commit is made; where it isn't, it must be the tree that is to blame."""
    before = attempt(folder, "rev-parse", "HEAD").stdout
    done = attempt(folder, "commit", "-q", "-m", "a change", *words)
    made = attempt(folder, "rev-parse", "HEAD").stdout != before
    assert made == (done.returncode == 0)
    assert made or b"error[invalid-value]: `NUMBER` is not an integer" in done.stdout + done.stderr
    return made


def test_a_commit_is_made_of_a_good_index_alone(top: Path) -> None:
    (top / COMMON).write_text(BAD)
    git(top, "add", ".")
    assert not commits(top)
    (top / COMMON).write_text(GOOD)
    assert not commits(top)
    git(top, "add", ".")
    (top / COMMON).write_text(BAD)
    assert commits(top)
    assert not commits(top, "--amend", "-a")


@pytest.mark.parametrize("words", [("-a",), ("--include", COMMON), ("--only", COMMON), (COMMON,), (".",)])
@pytest.mark.parametrize("folder", [".", "configs/accounts"])
def test_what_the_commit_itself_stages_is_judged(top: Path, words: tuple[str, ...], folder: str) -> None:
    """Git then sets GIT_INDEX_FILE to a temporary file."""
    paths = tuple(str(top / word) if word == COMMON else word for word in words)
    if folder != "." and words == (".",):
        paths = (str(top),)
    (top / COMMON).write_text(BAD)
    assert not commits(top / folder, *paths)
    (top / COMMON).write_text(GOOD)
    assert commits(top / folder, *paths)


def test_what_is_staged_and_left_out_of_the_commit_is_not_judged(top: Path) -> None:
    (top / COMMON).write_text(BAD)
    git(top, "add", ".")
    (top / STAGING).write_text("OTHER: 2\n")
    assert commits(top, "--only", STAGING)
    (top / STAGING).write_text("OTHER: 3\n")
    assert not commits(top, "--include", STAGING)


def test_a_hook_in_a_linked_worktree_judges_the_index_of_that(top: Path) -> None:
    """There git sets GIT_DIR besides; and the hooks are those of the repository."""
    git(top, "worktree", "add", "-q", "-b", "other", "../linked")
    linked = top.parent / "linked"
    (top / COMMON).write_text(BAD)
    git(top, "add", ".")
    (linked / COMMON).write_text(GOOD)
    assert commits(linked, "-a")
    (linked / COMMON).write_text(BAD)
    assert not commits(linked, "-a")
    assert not commits(linked, COMMON)


def test_a_hook_can_look_at_another_repository(top: Path, tmp_path: Path) -> None:
    """What git sets for the hook is about the repository that is committed to, in whichever way it is named."""
    other = repository(tmp_path / "other", TREE)
    envtree = " ".join(quick())
    with_hook(top, f"#!/bin/sh\n{envtree} validate --staged -C {other} && cd {other} && {envtree} validate --staged\n")
    (top / COMMON).write_text(BAD)
    assert commits(top, "-a")
    commit(other, {COMMON: BAD})
    assert not commits(top, "-a", "--allow-empty")


def test_a_hook_of_a_submodule_judges_the_submodule(top: Path, tmp_path: Path) -> None:
    whole = init(tmp_path / "whole")
    git(whole, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(top), "shared")
    shared = with_hook(whole / "shared")
    (shared / COMMON).write_text(BAD)
    assert not commits(shared, "-a")
    (shared / COMMON).write_text(GOOD)
    assert commits(shared, COMMON)


def test_a_tree_in_a_subfolder_is_named_to_the_hook(tmp_path: Path) -> None:
    top = repository(tmp_path / "repository", {f"deploy/{path}": text for path, text in TREE.items()})
    with_hook(top, hook("-C", "deploy"))
    (top / "deploy" / COMMON).write_text(BAD)
    assert not commits(top, "-a")
    (top / "deploy" / COMMON).write_text(GOOD)
    assert commits(top / "deploy/configs", "-a")


def test_a_first_commit_is_judged_too(tmp_path: Path) -> None:
    top = with_hook(init(tmp_path / "repository"), hook(command=ENVTREE))
    for path, text in {**TREE, COMMON: BAD}.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(str(text))
    git(top, "add", ".")
    assert not commits(top)
    (top / COMMON).write_text(GOOD)
    assert commits(top, "-a")


def test_a_merge_is_judged_before_it_is_committed(top: Path) -> None:
    """Both sides are good, and what comes of them is not."""
    with_hook(top, name="pre-merge-commit")
    git(top, "checkout", "-q", "-b", "rule")
    (top / "schemas/common.py").write_text(SCHEMA.replace("OTHER: int", "OTHER: bool"))
    assert commits(top, "-a")
    git(top, "checkout", "-q", "main")
    (top / STAGING).write_text("OTHER: 2\n")
    assert commits(top, "-a")
    done = attempt(top, "merge", "--no-edit", "rule")
    assert done.returncode == 1
    assert b"error[invalid-value]: `OTHER` is not a boolean" in done.stdout + done.stderr
