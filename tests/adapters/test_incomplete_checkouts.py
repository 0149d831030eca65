"""Checkouts that git keeps incomplete on purpose: nothing is built in silence without what is left out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git import sparse
from envtree.adapters.git.sparse import left_out
from tests.builders import small_tree, write_tree
from tests.cli.running import run
from tests.repositories import commit, git, init

if TYPE_CHECKING:
    from pathlib import Path

BILLING = {
    "configs/billing/service.yaml": "processes: {web: {command: serve}}\n",
    "configs/billing/production.yaml": "A: 2\n",
}
SCHEMA = "from envtree import Settings\n\n\nclass Common(Settings):\n    A: int\n"
FILES = small_tree(**{"configs/common.yaml": "A: 1\n", "schemas/common.py": SCHEMA, **BILLING})
TREE = ("configs", "schemas")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A complete checkout."""
    folder = init(tmp_path / "top")
    commit(folder, FILES)
    write_tree(folder, {})
    return folder


def said(folder: Path, *words: str) -> tuple[int, bool]:
    done = run(folder, *(words or ("validate",)))
    return done.code, "error[incomplete-checkout]" in done.said


def test_a_folder_that_a_sparse_checkout_leaves_out_is_one_error(top: Path, tmp_path: Path) -> None:
    git(top, "sparse-checkout", "set", "configs/accounts", "schemas")
    done = run(top, "validate")
    assert done.code == 2
    assert done.stdout.count("error[") == 1
    assert "`configs/billing` (2 files) is in the repository, and git leaves it out" in done.stdout
    out = tmp_path / "out"
    assert said(top, "build", "--out", str(out)) == (2, True)
    assert not out.exists()
    git(top, "sparse-checkout", "disable")
    assert said(top) == (0, False)


def test_who_works_on_one_service_needs_only_that(top: Path) -> None:
    git(top, "sparse-checkout", "set", "configs/accounts", "schemas")
    assert said(top, "validate", "production/accounts") == (0, False)
    git(top, "sparse-checkout", "set", "configs/billing", "schemas")
    assert said(top, "validate", "production/billing") == (0, False)


@pytest.mark.parametrize("path", ["configs/common.yaml", "configs/accounts/service.yaml", "schemas/common.py"])
def test_a_file_that_is_marked_by_hand_counts_where_it_is_missing(path: str, top: Path) -> None:
    git(top, "update-index", "--skip-worktree", path)
    assert said(top) == (0, False)
    (top / path).unlink()
    assert said(top) == (2, True)
    git(top, "update-index", "--no-skip-worktree", path)
    assert said(top)[1] is False  # a file that a person has removed is removed


def test_what_a_commit_and_the_index_say_is_complete(top: Path) -> None:
    git(top, "sparse-checkout", "set", "schemas")
    assert said(top, "validate", "--ref", "HEAD") == (0, False)
    assert said(top, "validate", "--staged") == (0, False)


def test_markdown_may_be_left_out(top: Path) -> None:
    commit(top, {"configs/notes/README.md": "a\n", "docs/a.md": "b\n"})
    git(top, "sparse-checkout", "set", "configs/accounts", "configs/billing", "schemas")
    assert said(top) == (0, False)


def test_a_built_output_does_not_hide_what_is_missing_now(top: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    git(top, "sparse-checkout", "set", "configs/accounts", "schemas")
    (top / ".git/index").rename(top / "index")
    assert said(top, "build", "--out", out) == (0, False)  # without an index, git leaves out nothing
    (top / "index").rename(top / ".git/index")
    assert said(top, "build", "--out", out) == (2, True)


@pytest.mark.parametrize("words", [("--index-version", "4"), ("--split-index",)], ids=["version 4", "split"])
def test_every_form_of_an_index_is_understood(words: tuple[str, ...], top: Path) -> None:
    git(top, "update-index", *words)
    assert said(top) == (0, False)
    git(top, "update-index", "--skip-worktree", "configs/common.yaml")
    (top / "configs/common.yaml").unlink()
    assert left_out(str(top), TREE) == ("configs/common.yaml",)


def test_a_tree_below_the_top_of_a_linked_working_tree_is_looked_at(top: Path, tmp_path: Path) -> None:
    commit(top, {f"deploy/{path}": text for path, text in FILES.items()})
    git(top, "worktree", "add", "-q", "--detach", tmp_path / "other")
    git(tmp_path / "other", "sparse-checkout", "set", "--no-cone", "/deploy/*", "!/deploy/configs/common.yaml")
    write_tree(tmp_path / "other", {})
    assert left_out(str(tmp_path / "other/deploy"), TREE) == ("configs/common.yaml",)
    assert said(tmp_path / "other/deploy") == (2, True)
    assert said(top / "deploy") == (0, False)


def test_git_is_asked_only_where_its_index_has_such_marks(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def answer(_: str, *words: str) -> bytes:
        asked.append(words)
        return b""

    monkeypatch.setattr(sparse, "git", answer)
    assert left_out(str(top), TREE) == ()
    assert asked == []
    git(top, "update-index", "--skip-worktree", "configs/common.yaml")
    left_out(str(top), TREE)
    assert len(asked) == 1


@pytest.mark.parametrize("what", ["pipe", "folder", "nothing", "text"])
def test_an_index_that_is_none_is_not_waited_for(what: str, top: Path) -> None:
    index = top / ".git/index"
    index.unlink()
    if what == "pipe":
        os.mkfifo(index)
    elif what == "folder":
        index.mkdir()
    elif what == "text":
        index.write_text("DIRC")
    assert left_out(str(top), TREE) == ()


def test_a_partial_clone_is_called_one(top: Path, tmp_path: Path) -> None:
    git(top, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{top}", tmp_path / "part")
    done = run(tmp_path / "part", "validate", "--ref", "HEAD")
    assert (done.code, done.stderr.count("error[git-failed]: this clone is partial")) == (2, 1)
    assert "git fetch --refetch --no-filter" in done.stderr
    git(tmp_path / "part", "fetch", "-q", "--refetch", "--no-filter")
    assert run(tmp_path / "part", "validate", "--ref", "HEAD", "--no-schemas").code == 0
