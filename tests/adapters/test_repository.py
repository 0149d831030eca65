"""Where a tree's repository is, and where in it the tree stands: subfolders, bare ones, worktrees, clones, hooks."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from envtree.adapters.git.repository import find_repository
from envtree.commands.tree import read_tree
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import INDEX
from tests.builders import small_tree
from tests.repositories import commit, git, init, repository

COMMON = "configs/common.yaml"


def tree(version: str, folder: str = "") -> dict[str, str | bytes]:
    """A tree in a folder, and what tells its version."""
    return {f"{folder}{path}": text for path, text in small_tree(**{COMMON: f"VERSION: {version}\n"}).items()}


def version(folder: Path | str, revision: str) -> str:
    """Which version is read."""
    text = read_tree(str(folder), revision).source.files[COMMON].decode()
    return text.removeprefix("VERSION: ").strip()


@pytest.fixture(scope="module")
def eu_and_us(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trees in one repository, and a folder of neither."""
    top = tmp_path_factory.mktemp("many") / "repository"
    return repository(top, {**tree("eu", "deploy/eu/"), **tree("us", "us/"), "docs/a.txt": ""})


@pytest.mark.parametrize("revision", ["HEAD", INDEX])
@pytest.mark.parametrize(
    ("folder", "expected"),
    [("deploy/eu", "eu"), ("deploy/eu/configs", "eu"), ("deploy/eu/configs/accounts", "eu"), ("us/configs", "us")],
)
def test_the_tree_is_the_nearest_one_upwards(eu_and_us: Path, folder: str, expected: str, revision: str) -> None:
    assert version(eu_and_us / folder, revision) == expected


@pytest.mark.parametrize("revision", ["HEAD", INDEX])
@pytest.mark.parametrize("folder", [".", "docs", "deploy"])
def test_a_folder_that_no_tree_is_above_has_none(eu_and_us: Path, folder: str, revision: str) -> None:
    with pytest.raises(EnvtreeError) as raised:
        read_tree(str(eu_and_us / folder), revision)
    assert [each.code for each in raised.value.diagnostics] == ["no-tree"]


def test_the_tree_is_where_it_was_at_that_commit_and_not_where_it_is_now(tmp_path: Path) -> None:
    """It stood at the top, then moved into `deploy`."""
    top = repository(tmp_path / "repository", tree("old"))
    git(top, "rm", "-q", "-r", "--cached", ".")
    (top / "deploy").mkdir()
    for name in ("envtree.yaml", "configs"):
        (top / name).rename(top / "deploy" / name)
    commit(top, {f"deploy/{COMMON}": "VERSION: new\n"})
    assert [version(top / "deploy", revision) for revision in ("HEAD~1", "HEAD")] == ["old", "new"]


def test_a_link_to_the_tree_is_as_good_as_the_tree(eu_and_us: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(eu_and_us / "us/configs")
    assert version(tmp_path / "link", "HEAD") == "us"
    assert read_tree(str(tmp_path / "link"), "HEAD").root == str(eu_and_us / "us")


@pytest.mark.parametrize("more", [{}, tree("other", "old/")], ids=["alone", "beside-another"])
def test_a_bare_repository_has_the_tree_at_its_top(tmp_path: Path, more: dict[str, str | bytes]) -> None:
    repository(tmp_path / "work", {**tree("1"), **more})
    git(tmp_path, "clone", "-q", "--bare", "work", "bare.git")
    assert version(tmp_path / "bare.git", "main") == "1"


def test_a_bare_repository_has_the_only_tree_wherever_it_is(tmp_path: Path) -> None:
    repository(tmp_path / "work", {**tree("1", "a b/deploy/"), "docs/a.txt": ""})
    git(tmp_path, "clone", "-q", "--bare", "work", "bare.git")
    assert version(tmp_path / "bare.git", "main") == "1"
    assert version(tmp_path / "bare.git/refs", "main") == "1"  # as git has it
    assert version(tmp_path / "work/.git", "main") == "1"


def test_a_bare_repository_has_no_tree_at_a_commit_that_holds_none(tmp_path: Path) -> None:
    repository(tmp_path / "work", {"a.txt": ""})
    git(tmp_path, "clone", "-q", "--bare", "work", "bare.git")
    with pytest.raises(EnvtreeError, match="has no envtree"):
        read_tree(str(tmp_path / "bare.git"), "main")


def test_a_linked_worktree_has_a_head_and_an_index_of_its_own(tmp_path: Path) -> None:
    top = repository(tmp_path / "repository", tree("1"))
    git(top, "worktree", "add", "-q", "-b", "other", "../linked")
    commit(tmp_path / "linked", tree("2"))
    (tmp_path / "linked" / COMMON).write_text("VERSION: 3\n")
    git(tmp_path / "linked", "add", ".")
    assert [version(tmp_path / "linked", each) for each in ("main", "HEAD", INDEX)] == ["1", "2", "3"]
    assert [version(top, each) for each in ("HEAD", "other", INDEX)] == ["1", "2", "1"]


def test_a_shallow_clone_has_what_it_has(tmp_path: Path) -> None:
    top = repository(tmp_path / "repository", tree("1"))
    commit(top, tree("2"))
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{top}", "clone")
    assert version(tmp_path / "clone", "HEAD") == "2"
    with pytest.raises(EnvtreeError) as raised:
        read_tree(str(tmp_path / "clone"), "HEAD~1")
    assert "--unshallow" in raised.value.diagnostics[0].help


def test_a_repository_under_sha_256_is_as_any_other(tmp_path: Path) -> None:
    top = repository(tmp_path / "repository", tree("1"), "--object-format=sha256")
    (top / COMMON).write_text("VERSION: 2\n")
    git(top, "add", ".")
    assert [version(top, each) for each in ("HEAD", INDEX)] == ["1", "2"]


def test_packed_references_and_objects_are_as_good_as_loose_ones(tmp_path: Path) -> None:
    top = repository(tmp_path / "repository", tree("1"))
    git(top, "branch", "release/1.x")
    commit(top, tree("2"))
    git(top, "gc", "-q", "--prune=now")
    assert not list((top / ".git/refs/heads").rglob("1.x"))
    assert [version(top, each) for each in ("release/1.x", "HEAD")] == ["1", "2"]


def test_objects_borrowed_from_another_repository_are_as_good_as_its_own(tmp_path: Path) -> None:
    repository(tmp_path / "mirror", tree("1"))
    git(tmp_path, "clone", "-q", "--shared", "mirror", "clone")
    assert version(tmp_path / "clone", "HEAD") == "1"


def test_a_git_file_that_leads_nowhere_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text(f"gitdir: {tmp_path}/nowhere\n")
    assert find_repository(str(tmp_path)) is None


def test_a_folder_that_a_mount_point_is_above_is_in_no_repository() -> None:
    """Git doesn't look beyond the file system, and says so behind its refusal."""
    assert os.path.ismount("/dev/shm"), "it needs a file system of its own"
    with TemporaryDirectory(dir="/dev/shm") as folder:
        assert find_repository(folder) is None


@pytest.mark.parametrize("names", [("a\nb", "repository"), ("a", "repository\n")])
def test_a_line_end_in_the_path_of_a_repository_is_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    top = repository(tmp_path.joinpath(*names), tree("1"))
    for folder in (top, top / "configs", top / ".git"):
        with pytest.raises(EnvtreeError, match="holds a line end"):
            read_tree(str(folder), "HEAD")


def test_a_line_end_in_the_path_of_a_tree_is_refused(tmp_path: Path) -> None:
    top = repository(tmp_path / "repository", tree("1", "a\nb/"))
    for folder in (top / "a\nb", top / ".git"):
        with pytest.raises(EnvtreeError, match="holds a line end"):
            read_tree(str(folder), "HEAD")


def test_a_working_tree_elsewhere_is_found_by_its_repository(tmp_path: Path) -> None:
    """`core.worktree`, as some keep the dotfiles of their home."""
    top = repository(tmp_path / "repository", tree("1"))
    (tmp_path / "elsewhere").mkdir()
    git(top, "config", "core.worktree", str(tmp_path / "elsewhere"))
    assert version(top, "HEAD") == "1"
    assert version(top, INDEX) == "1"


def test_what_leads_git_to_another_repository_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a hook of it."""
    mine = repository(tmp_path / "mine", tree("mine"))
    another = repository(tmp_path / "another", tree("another"))
    for name, value in {
        "GIT_DIR": another / ".git",
        "GIT_COMMON_DIR": another / ".git",
        "GIT_WORK_TREE": another,
        "GIT_OBJECT_DIRECTORY": another / ".git/objects",
        "GIT_NAMESPACE": "another",
        "GIT_PREFIX": "configs/",
        "GIT_CEILING_DIRECTORIES": tmp_path,
    }.items():
        monkeypatch.setenv(name, str(value))
    assert [version(mine / "configs", each) for each in ("HEAD", INDEX)] == ["mine", "mine"]


def test_the_index_of_a_hook_is_read_for_its_own_repository_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `git commit FILE` does it: the index that will be committed is another file than the repository's own."""
    mine = repository(tmp_path / "mine", tree("1"))
    other = repository(tmp_path / "other", tree("2"))
    git(mine, "read-tree", "--empty", GIT_INDEX_FILE=str(mine / ".git/next"))
    for path, text in tree("3").items():
        (mine / path).write_bytes(text.encode() if isinstance(text, str) else text)
    git(mine, "add", ".", GIT_INDEX_FILE=str(mine / ".git/next"))
    monkeypatch.chdir(mine)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next")
    assert [version(folder, INDEX) for folder in (mine, mine / "configs", other)] == ["3", "3", "2"]
    monkeypatch.chdir(other)
    monkeypatch.setenv("GIT_INDEX_FILE", str(mine / ".git/next"))
    assert [version(folder, INDEX) for folder in (mine, other)] == ["3", "2"]
    git(other, "read-tree", "HEAD", GIT_INDEX_FILE=str(tmp_path / "next"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "next"))
    assert [version(folder, INDEX) for folder in (mine, other)] == ["1", "2"]


def test_a_tree_in_a_submodule_has_the_commits_of_the_submodule(tmp_path: Path) -> None:
    shared = repository(tmp_path / "shared", tree("1"))
    top = init(tmp_path / "repository")
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(shared), "shared")
    commit(top)
    assert version(top / "shared", "HEAD") == "1"
    with pytest.raises(EnvtreeError, match="has no envtree"):
        read_tree(str(top), "HEAD")
