"""The index: what would be committed, whatever lies in the working tree, and however git keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envtree.commands.tree import read_tree
from envtree.core.model.source import INDEX, WORKTREE
from tests.builders import small_tree, write_tree
from tests.cli.running import modes_hold_for_root, run
from tests.repositories import attempt, commit, git, init, repository, state

if TYPE_CHECKING:
    from pathlib import Path

    from envtree.core.model.source import Source

COMMON = "configs/common.yaml"
SCHEMA = "from envtree import Settings\n\n\nclass Common(Settings):\n    VERSION: int\n"
TREE = small_tree(**{COMMON: "VERSION: 1\n", "schemas/common.py": SCHEMA})


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", TREE)


def read(folder: Path, revision: str = INDEX) -> Source:
    return read_tree(str(folder), revision).source


def test_what_is_staged_and_then_changed_again_has_three_versions(top: Path) -> None:
    (top / COMMON).write_text("VERSION: 2\n")
    git(top, "add", ".")
    (top / COMMON).write_text("VERSION: 3\n")
    seen = {}
    for words in ((), ("--staged",), ("--ref", "HEAD")):
        shown = run(top, "show", "production/accounts/web", "--format", "dotenv", *words)
        assert shown.code == 0
        seen[words] = shown.stdout.strip()
    assert list(seen.values()) == ["VERSION=3", "VERSION=2", "VERSION=1"]


@pytest.mark.parametrize("bad", range(3))
def test_each_version_is_judged_for_itself(top: Path, bad: int) -> None:
    texts = [f"VERSION: {'x' if number == bad else number}\n" for number in range(3)]
    commit(top, {COMMON: texts[0]})
    (top / COMMON).write_text(texts[1])
    git(top, "add", ".")
    (top / COMMON).write_text(texts[2])
    codes = [run(top, "validate", *words).code for words in (("--ref", "HEAD"), ("--staged",), ())]
    assert codes == [int(number == bad) for number in range(3)]


def test_a_schema_and_the_settings_come_from_the_index_too(top: Path) -> None:
    staged = SCHEMA.replace("int", "bool")
    write_tree(top, {"schemas/common.py": staged, "envtree.yaml": "environments: {review: {instance: service}}\n"})
    git(top, "add", ".")
    write_tree(top, TREE)
    assert run(top, "show", "review/accounts/web", "--staged").code == 0  # `1` is a boolean
    (top / COMMON).write_text("VERSION: 2\n")
    git(top, "add", COMMON)
    assert "`VERSION` is not a boolean" in run(top, "validate", "--staged").stdout
    assert run(top, "validate").code == 0
    assert run(top, "show", "review/accounts/web").code == 2


def test_what_is_untracked_is_not_there_and_what_is_removed_is_gone(top: Path) -> None:
    (top / "configs/staging.yaml").write_text("A: 1\n")
    git(top, "rm", "-q", "--cached", COMMON)
    assert COMMON not in read(top).files
    assert "configs/staging.yaml" not in read(top).files
    assert {COMMON, "configs/staging.yaml"} < read(top, WORKTREE).files.keys()


def test_a_file_that_was_only_announced_is_not_there(top: Path) -> None:
    names = ["configs/full.yaml", "configs/empty.yaml", "configs/a\nb\n  flags: 0\n.yaml", "configs/ü.yaml"]
    write_tree(top, dict.fromkeys(names, "A: 1\n") | {"configs/real.yaml": "", "configs/\n.yaml": ""})
    git(top, "add", "configs/real.yaml", "configs/\n.yaml")
    git(top, "add", "-N", ".")
    assert read(top).files.keys() - TREE.keys() == {"configs/real.yaml", "configs/\n.yaml"}
    git(top, "add", ".")
    assert read(top).files.keys() > set(names)


def test_what_was_judged_without_an_announced_file_says_nothing_of_the_file_itself(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git prints both with the same id: that of no bytes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (top / "configs/nonsense.yaml").write_text("")
    git(top, "add", "-N", ".")
    assert run(top, "validate", "--staged").code == 0
    assert run(top, "validate", "--staged").code == 0
    git(top, "add", ".")
    assert run(top, "validate", "--staged").code == 1


def start_merge(top: Path, path: str, ours: str | None, theirs: str | None) -> None:
    """Leave a conflict over one path in the index; None: the file is removed there."""
    for branch, text in (("theirs", theirs), ("ours", ours)):
        git(top, "checkout", "-q", "-b", branch, "main")
        if text is None:
            (top / path).unlink()
            commit(top)
        else:
            commit(top, {path: text})
    assert attempt(top, "merge", "-q", "theirs").returncode == 1


@pytest.mark.parametrize("path", [COMMON, "configs/accounts/service.yaml", "envtree.yaml", "schemas/common.py"])
@pytest.mark.parametrize(("ours", "theirs"), [("A: 1\n", "A: 2\n"), (None, "A: 2\n"), ("A: 1\n", None)])
def test_a_conflict_is_reported_at_the_file_though_the_working_tree_is_fine(
    top: Path, path: str, ours: str | None, theirs: str | None
) -> None:
    start_merge(top, path, ours, theirs)
    write_tree(top, TREE)
    done = run(top, "validate", "--staged")
    assert done.code in (1, 2)
    assert f"error[merge-conflict]: `{path}` has a merge conflict in the index\n --> {path}\n" in done.said
    assert run(top, "validate").code == 0
    assert run(top, "validate", "--ref", "main").code == 0
    git(top, "add", ".")
    assert run(top, "validate", "--staged").code == 0


def test_a_conflict_elsewhere_in_the_repository_is_none_of_the_tree(top: Path) -> None:
    commit(top, {"README": "1\n"})
    start_merge(top, "README", "2\n", "3\n")
    assert run(top, "validate", "--staged").code == 0


def test_a_build_of_an_index_with_a_conflict_writes_nothing(top: Path, tmp_path: Path) -> None:
    start_merge(top, COMMON, "VERSION: 1\n\n", "VERSION: 2\n")
    assert run(top, "build", "--staged", "--out", str(tmp_path / "out")).code == 1
    assert not (tmp_path / "out").exists()


KINDS: dict[str, list[tuple[str, ...]]] = {
    "version 4": [("update-index", "--index-version", "4")],
    "split": [("update-index", "--split-index"), ("add", ".")],
    "untracked cache": [("update-index", "--force-untracked-cache"), ("status",)],
    "skip-worktree": [("update-index", "--skip-worktree", "{file}")],
    "assume-unchanged": [("update-index", "--assume-unchanged", "{file}")],
    "sparse": [("sparse-checkout", "set", "--cone", "--no-sparse-index", "docs")],
    "sparse index": [("sparse-checkout", "set", "--cone", "--sparse-index", "docs")],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prefix", ["", "deploy/"])
def test_however_git_keeps_the_index_it_says_the_same(tmp_path: Path, kind: str, prefix: str) -> None:
    files = {f"{prefix}{path}": text for path, text in TREE.items()}
    top = repository(tmp_path / "repository", {**files, "docs/a": "", "other/b": ""})
    write_tree(top, {f"{prefix}{COMMON}": "VERSION: 2\n"})
    git(top, "add", ".")
    expected = read(top / prefix).files
    for words in KINDS[kind]:
        git(top, *(word.format(file=f"{prefix}{COMMON}") for word in words))
    (top / prefix).mkdir(exist_ok=True)  # a sparse checkout has none of the tree's files
    before = state(top)
    assert read(top / prefix).files == expected
    assert read(top / prefix, "HEAD").files == {**expected, COMMON: b"VERSION: 1\n"}
    after = state(top)
    # Git marks the shared part of a split index as used, and the trees that it unpacks a sparse index from.
    used = tuple(each for each in before if each.startswith((".git/sharedindex", ".git/objects/")))
    assert {path: after[path][2] for path in used} == {path: before[path][2] for path in used}
    assert {path: after[path] for path in after if path not in used} == {
        path: before[path] for path in before if path not in used
    }


def test_an_unborn_branch_has_an_index(tmp_path: Path) -> None:
    top = write_tree(init(tmp_path), TREE)
    assert "the index has no envtree.yaml at its top" in run(top, "validate", "--staged").said
    git(top, "add", ".")
    assert run(top, "validate", "--staged").code == 0


def test_a_clone_without_a_checkout_has_an_empty_index(top: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--no-checkout", str(top), "clone")
    assert run(tmp_path / "clone", "validate", "--ref", "HEAD").code == 0
    assert "the index has no envtree.yaml at its top" in run(tmp_path / "clone", "validate", "--staged").said


def test_an_index_that_another_git_is_writing_is_read_all_the_same(top: Path) -> None:
    (top / ".git/index.lock").touch()
    assert run(top, "validate", "--staged").code == 0


def test_an_index_that_cant_be_read_is_no_empty_one(top: Path) -> None:
    (top / ".git/index").write_bytes(b"DIRC\0\0\0\x02\0\0\xff\xff")
    done = run(top, "validate", "--staged")
    assert (done.code, "error[git-failed]" in done.said) == (2, True)


def test_reading_changes_neither_the_index_nor_any_file(top: Path) -> None:
    """Not even where the index no longer knows the files: `git status` would write it anew."""
    (top / COMMON).write_text("VERSION: 2\n")
    git(top, "add", ".")
    for path in (top / "configs").rglob("*.yaml"):
        path.touch()
    before = state(top)
    with modes_hold_for_root():
        for words in (("--staged",), ("--ref", "HEAD"), ()):
            assert run(top, "validate", *words).code == 0
            assert run(top, "show", "production/accounts/web", *words).code == 0
            assert run(top, "build", "--dry-run", "--out", str(top.parent / "out"), *words).code == 0
    assert state(top) == before
