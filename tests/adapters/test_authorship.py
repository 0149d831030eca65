"""Which commit wrote an entry, asked of real repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git.authorship.blame import authors, authors_below, authors_of_files
from envtree.adapters.git.repository import Repository, find_repository
from envtree.commands.tree import read_tree
from envtree.core.layers.parse import parse
from envtree.core.layers.sealed import read_entries
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import INDEX, WORKTREE
from tests.builders import small_tree, write_tree
from tests.repositories import commit, git, init
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry

COMMON = "configs/common.yaml"
FILLER = "# this file is here from the beginning\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path)
    commit(tmp_path, small_tree(**{COMMON: FILLER}), "first")
    return tmp_path


def written(folder: Path, revision: str = "HEAD", path: str = COMMON, without: str = "") -> dict[str, Commit | None]:
    """The author of each entry of a layer file."""
    tree = read_tree(str(folder), revision)
    entries, _, _ = parse(path, tree.source)
    repository = tree.repository or repository_of(folder)
    if tree.commit in (None, INDEX):
        found = authors_below(repository, git(folder, "rev-parse", "HEAD"), tree.source, entries.values())
    else:
        assert tree.commit is not None
        found = authors(repository, tree.commit, tree.source, entries.values(), without=without)
    return by_name(found)


def repository_of(folder: Path) -> Repository:
    repository = find_repository(str(folder))
    assert repository is not None
    return repository


def by_name(found: Mapping[Entry, Commit | None]) -> dict[str, Commit | None]:
    return {entry.name: each for entry, each in found.items()}


def subjects(found: Mapping[str, Commit | None]) -> dict[str, str | None]:
    return {name: each.subject if each else None for name, each in found.items()}


def layer(*lines: str) -> dict[str, str]:
    return {COMMON: FILLER + "".join(f"{line}\n" for line in lines)}


def test_each_entry_has_the_commit_that_wrote_its_line(folder: Path) -> None:
    commit(folder, layer("A: 1", "B: 1"), "one")
    commit(folder, layer("A: 1", "B: 2", "C: 1"), "two")
    commit(folder, layer("# about A", "A: 1", "", "B: 2", "C: 1"), "three")
    found = written(folder)
    assert subjects(found) == {"A": "one", "B": "two", "C": "two"}
    assert found["A"] is not None
    assert (found["A"].author, found["A"].date) == ("Ann", "2026-03-01T12:00:00+00:00")
    assert found["A"].id == git(folder, "rev-parse", "HEAD~2")
    assert subjects(written(folder, "HEAD~2")) == {"A": "one", "B": "one"}


def test_the_first_commit_of_all_is_no_boundary(folder: Path) -> None:
    git(folder, "checkout", "-q", "--orphan", "other")
    commit(folder, layer("A: 1"), "root")
    (found,) = written(folder).values()
    assert found is not None
    assert (found.subject, found.is_boundary) == ("root", False)


def test_of_several_lines_the_newest_counts_whatever_its_date(folder: Path) -> None:
    commit(folder, layer("A: |", "  one", "  two", "B: 1"), "one")
    environment = {"GIT_AUTHOR_DATE": "2001-01-01T12:00:00Z", "GIT_COMMITTER_DATE": "2001-01-01T12:00:00Z"}
    write_tree(folder, layer("A: |", "  one", "  2", "B: 1"))
    git(folder, "commit", "-qam", "two", **environment)
    commit(folder, layer("A: |", "  one", "  2", "", "# about B", "B: 2"), "three")
    assert subjects(written(folder)) == {"A": "two", "B": "three"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("A: |", "  one", "  two", "  three"), ("A: |", "  one", "  three")),
        (("A: |", "  one", "  two"), ("A: |", "  one")),
        (("A: one", "  two"), ("A: one",)),
        (("A: !json", "  a: 1", "  b: 2"), ("A: !json", "  a: 1")),
    ],
)
def test_a_commit_that_took_lines_away_made_the_value_what_it_is(
    before: tuple[str, ...], after: tuple[str, ...], folder: Path
) -> None:
    commit(folder, layer(*before, "B: 1"), "one")
    commit(folder, layer(*before, "B: 2"), "two")
    commit(folder, layer(*after, "B: 2"), "three")
    commit(folder, layer(*after, "B: 3"), "four")
    commit(folder, {COMMON: f"{layer(*after)[COMMON]}B: 'never closed\n"}, "broken")
    commit(folder, layer(*after, "B: 4"), "mended")
    assert subjects(written(folder)) == {"A": "three", "B": "mended"}


def test_an_entry_that_came_back_was_written_when_it_came_back(folder: Path) -> None:
    commit(folder, layer("A: 1", "B: 1"), "one")
    commit(folder, layer("B: 1"), "two")
    commit(folder, layer("A: 1", "B: 1"), "three")
    assert subjects(written(folder)) == {"A": "three", "B": "one"}


def test_a_change_on_a_branch_keeps_its_author_through_the_merge(folder: Path) -> None:
    middle = ("# 1", "# 2", "# 3", "# 4")
    commit(folder, layer("A: 1", *middle, "B: 1"), "one")
    git(folder, "checkout", "-qb", "side")
    commit(folder, layer("A: 2", *middle, "B: 1"), "on the side")
    git(folder, "checkout", "-q", "main")
    commit(folder, layer("A: 1", *middle, "B: 2"), "on main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merged", "side")
    assert subjects(written(folder)) == {"A": "on the side", "B": "on main"}


def test_a_renamed_file_keeps_the_authors_of_its_lines(folder: Path) -> None:
    commit(folder, layer("A: 1", "B: 1", "C: 1"), "one")
    git(folder, "mv", COMMON, "configs/staging.yaml")
    commit(folder, message="renamed")
    assert subjects(written(folder, path="configs/staging.yaml")) == {"A": "one", "B": "one", "C": "one"}


def test_in_a_shallow_clone_the_last_commit_that_is_there_is_a_boundary(folder: Path, tmp_path: Path) -> None:
    for number in range(3):
        commit(folder, layer(f"A: {number // 2}", f"B: {number}"), f"change {number}")
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{folder}", tmp_path / "clone")
    found = written(tmp_path / "clone")
    assert subjects(found) == {"A": "change 2", "B": "change 2"}
    commit(tmp_path / "clone", layer("A: 1", "B: 9"), "mine")
    found = written(tmp_path / "clone")
    assert {name: each and (each.subject, each.is_boundary) for name, each in found.items()} == {
        "A": ("change 2", False),
        "B": ("mine", False),
    }
    found = written(tmp_path / "clone", "HEAD~2")
    assert {name: each and (each.subject, each.is_boundary) for name, each in found.items()} == {
        "A": ("change 1", True),
        "B": ("change 1", True),
    }


def test_what_a_commit_that_is_left_out_had_already_is_at_the_boundary(folder: Path) -> None:
    commit(folder, layer("A: 1", "B: 1"), "one")
    before = commit(folder, layer("A: 2", "B: 1"), "two")
    commit(folder, layer("A: 2", "B: 2"), "three")
    found = written(folder, without=before)
    assert {name: each and (each.subject, each.is_boundary) for name, each in found.items()} == {
        "A": ("two", True),
        "B": ("three", False),
    }


def test_a_tree_in_a_subfolder_is_found(tmp_path: Path) -> None:
    init(tmp_path)
    files = {f"deploy/{path}": text for path, text in small_tree(**layer("A: 1")).items()}
    commit(tmp_path, files, "one")
    assert subjects(written(tmp_path / "deploy")) == {"A": "one"}
    assert subjects(written(tmp_path / "deploy", WORKTREE)) == {"A": "one"}
    assert subjects(written(tmp_path / "deploy", INDEX)) == {"A": "one"}


def test_a_link_has_the_authors_of_what_it_leads_to(folder: Path) -> None:
    commit(folder, layer("A: 1", "B: 1"), "one")
    (folder / "configs/staging.yaml").symlink_to("common.yaml")
    commit(folder, message="linked")
    commit(folder, layer("A: 1", "B: 2"), "two")
    for revision in ("HEAD", WORKTREE, INDEX):
        assert subjects(written(folder, revision, "configs/staging.yaml")) == {"A": "one", "B": "two"}


def test_what_is_not_in_the_commit_below_is_not_committed(folder: Path) -> None:
    commit(folder, layer("A: 1", "B: |", "  one", "C: !expand a${B}", "D: 1", "E: !file f"), "one")
    changed = layer("# more", "A: 2", 'B: "one\\n"', "C: a${B}", "D: 1", "X: 1", "E: !file f")
    write_tree(folder, {"configs/f": "content", **changed})
    expected = {"A": None, "B": "one", "C": None, "D": "one", "X": None, "E": "one"}
    assert subjects(written(folder, WORKTREE)) == expected
    assert subjects(written(folder, INDEX)) == dict.fromkeys("ABCDE", "one")
    git(folder, "add", "-A")
    write_tree(folder, {COMMON: "A: 9\n"})
    assert subjects(written(folder, INDEX)) == expected
    assert subjects(written(folder, WORKTREE)) == {"A": None}


def test_a_sealed_value_that_is_not_committed_is_told_by_its_lines(folder: Path) -> None:
    sealed = "configs/common.sops.yaml"
    commit(folder, {sealed: sealed_layer(A="1", B="1")}, "one")
    write_tree(folder, {sealed: sealed_layer(A="2", B="1")})
    tree = read_tree(str(folder), WORKTREE)
    entries, _ = read_entries(sealed, tree.source)
    head = git(folder, "rev-parse", "HEAD")
    found = authors_below(repository_of(folder), head, tree.source, entries.values())
    assert subjects(by_name(found)) == {"A": None, "B": "one"}


def test_a_file_has_the_commit_that_gave_it_its_content(folder: Path) -> None:
    commit(folder, {"configs/key": "1", "configs/other": "1"}, "one")
    commit(folder, {"configs/key": "2"}, "two")
    (folder / "configs/link").symlink_to("key")
    head = commit(folder, message="linked")
    write_tree(folder, {"configs/other": "2", "configs/new": "1"})
    tree = read_tree(str(folder), WORKTREE)
    files = ["configs/key", "configs/other", "configs/new", "configs/link", "configs/none"]
    found = authors_of_files(repository_of(folder), head, tree.source, files)
    assert subjects(found) == dict(zip(files, ("two", None, None, "two", None), strict=True))


def test_an_entry_with_more_lines_than_can_be_compared_one_by_one(folder: Path) -> None:
    lines = [f"  line {number}" for number in range(30)]
    for number in range(30):
        commit(folder, layer("A: |", *lines[: number + 1]), f"line {number}")
    assert subjects(written(folder)) == {"A": "line 29"}


def test_a_file_with_very_many_entries_is_asked_about_in_one_go(folder: Path) -> None:
    lines = [f"V{number}: 1" for number in range(6000)]
    commit(folder, layer(*(each for line in lines for each in (line, "# between"))), "one")
    assert set(subjects(written(folder)).values()) == {"one"}


def test_a_repository_that_lacks_what_git_needs_is_an_error_with_words(folder: Path) -> None:
    commit(folder, layer("A: 1"), "one")
    tree = read_tree(str(folder), "HEAD")
    blob = git(folder, "rev-parse", f"HEAD~1:{COMMON}")
    (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    entries, _, _ = parse(COMMON, tree.source)
    assert tree.repository is not None
    assert tree.commit is not None
    with pytest.raises(EnvtreeError, match="git can't read the repository"):
        authors(tree.repository, tree.commit, tree.source, entries.values())
