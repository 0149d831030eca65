"""What `--ref` may be given, and what it names: a commit by whatever name git has for it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git.revision import commit_of
from envtree.commands.tree import read_tree, repository_of
from envtree.core.model.diagnostic import EnvtreeError
from tests.builders import small_tree
from tests.cli.running import run
from tests.repositories import commit, git, init, repository

if TYPE_CHECKING:
    from pathlib import Path

LIKE_OPTIONS = ("-x", "--output=/tmp/x", "--upload-pack=true", "-C", "--", "--staged")
LIKE_OTHER_THINGS = ("production", "configs/common.yaml", "HEAD.x", "ünï")


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four commits, called `one` to `four`; tags and branches with all kinds of names, each at the commit `two`."""
    folder = repository(tmp_path_factory.mktemp("revisions") / "repository", small_tree())
    for number in ("one", "two", "three", "four"):
        identity = commit(folder, {"configs/common.yaml": f"VERSION: {number}\n"}, f"version {number}")
        git(folder, "tag", number)
        if number == "two":
            git(folder, "tag", "-a", "-m", "annotated", "annotated")
            git(folder, "tag", "-a", "-m", "of a tag", "twice", "annotated")
            git(folder, "tag", "-a", "-m", "of a tree", "of-a-tree", "HEAD^{tree}")
            git(folder, "tag", "-a", "-m", "of a file", "of-a-file", "HEAD:envtree.yaml")
            for name in (*LIKE_OPTIONS, *LIKE_OTHER_THINGS):
                git(folder, "update-ref", f"refs/heads/{name}", identity)
    git(folder, "branch", "release/1.x", "two")
    git(folder, "checkout", "-q", "--detach", "three")
    return folder


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("HEAD", "three"),
        ("@", "three"),
        ("main", "four"),
        ("refs/heads/main", "four"),
        ("heads/main", "four"),
        ("tags/one", "one"),
        ("annotated", "two"),
        ("twice", "two"),
        ("release/1.x", "two"),
        ("main~3", "one"),
        ("main^^", "two"),
        ("main@{1}", "three"),
        ("main@{0}", "four"),
        ("HEAD@{1}", "four"),
        ("@{-1}", "four"),
        (":/version two", "two"),
        ("main^{/version o}", "one"),
        ("main^{commit}~1", "three"),
        ("annotated^{}", "two"),
        ("twice^0", "two"),
        ("production", "two"),
        ("configs/common.yaml", "two"),
        ("ünï", "two"),
        ("-x", "two"),
        ("--output=/tmp/x", "two"),
        ("--upload-pack=true", "two"),
        ("--staged", "two"),
        ("--", "two"),
    ],
)
def test_a_commit_has_many_names(top: Path, revision: str, expected: str) -> None:
    source = read_tree(str(top), revision).source
    assert source.files["configs/common.yaml"] == f"VERSION: {expected}\n".encode()


def test_the_start_of_an_id_is_as_good_as_all_of_it(top: Path) -> None:
    identity = git(top, "rev-parse", "two")
    found = repository_of(str(top))
    assert {commit_of(found, each) for each in (identity, identity[:7], identity.upper(), "two")} == {identity}


@pytest.mark.parametrize(
    "revision",
    [
        "mian",
        "HEAD~9",
        "HEAD:configs",
        "HEAD:configs/common.yaml",
        "HEAD^{tree}",
        "of-a-tree",
        "of-a-file",
        "^HEAD",
        "one..two",
        "one...two",
        "HEAD^@",
        "HEAD^!",
        "HEAD^-",
        "--all",
        "--branches",
        "--help",
        "--git-dir",
        "-",
        ".",
        "..",
        "/etc/passwd",
        "HEAD\n",
        "HEAD\nmain",
        "\n",
        "HEAD\0",
        " HEAD",
        ":/no commit says so",
        ":configs/common.yaml",
        ":0:configs/common.yaml",
        ":",
        "main@{9999}",
        "main@{upstream}",
        "0" * 40,
        "f" * 40,
        "f" * 64,
        "x" * 70_000,
        "\x1b[31m",
        "\udcff",
        "*",
        "HEAD^{nonsense}",
        "%s%n",
    ],
)
def test_what_names_no_commit_is_refused(top: Path, revision: str) -> None:
    done = run(top, "validate", f"--ref={revision}")
    assert done.code == 2
    assert "names no commit" in done.said or "needs a commit" in done.said
    assert "\x1b[31m" not in done.said
    assert "Traceback" not in done.said
    assert "a bug in envtree" not in done.said


def test_a_commit_that_is_gone_is_refused(tmp_path: Path) -> None:
    folder = repository(tmp_path, small_tree())
    identity = commit(folder)
    git(folder, "reset", "-q", "--hard", "HEAD~1")
    git(folder, "reflog", "expire", "--expire=all", "--all")
    git(folder, "gc", "-q", "--prune=now")
    with pytest.raises(EnvtreeError, match="names no commit"):
        read_tree(str(folder), identity)


def test_a_name_that_several_things_have_is_what_git_takes_it_for(tmp_path: Path) -> None:
    folder = repository(tmp_path, small_tree(**{"configs/common.yaml": "VERSION: tag\n"}))
    git(folder, "tag", "both")
    git(folder, "branch", "both")
    git(folder, "checkout", "-q", "heads/both")
    commit(folder, {"configs/common.yaml": "VERSION: branch\n"})
    git(folder, "update-ref", "refs/heads/both", "HEAD")
    assert read_tree(str(folder), "both").source.files["configs/common.yaml"] == b"VERSION: tag\n"


def test_an_unborn_branch_has_no_commit_and_other_branches_have_theirs(tmp_path: Path) -> None:
    folder = repository(tmp_path / "repository", small_tree())
    git(folder, "checkout", "-q", "--orphan", "new")
    assert run(folder, "validate", "--ref", "main").code == 0
    done = run(folder, "validate", "--ref", "HEAD")
    assert (done.code, "none on this branch yet" in done.said) == (2, True)
    assert run(folder, "validate", "--staged").code == 0
    empty = init(tmp_path / "empty")
    assert "none on this branch yet" in run(empty, "validate", "--ref", "main").said
    assert "the index has no envtree.yaml at its top" in run(empty, "validate", "--staged").said


@pytest.mark.parametrize("words", [("--ref", "HEAD", "--staged"), ("--ref", "")])
def test_a_revision_is_asked_for_once_and_by_name(top: Path, words: tuple[str, ...]) -> None:
    done = run(top, "validate", *words)
    assert (done.code, done.stdout) == (2, "")
