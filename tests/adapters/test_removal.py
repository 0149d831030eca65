"""Which commit took a line out of a layer, or brought in one that was there before, asked of real repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git.authorship.removal import merged_by, removers
from envtree.adapters.git.repository import find_repository
from envtree.core.layers.parse import parse
from tests.builders import small_tree, source_of
from tests.repositories import commit, git, init

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry

    Ask = Callable[[Repository, str, str, list[Entry]], dict[Entry, Commit]]

COMMON = "configs/common.yaml"
FILLER = "# here from the beginning\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path)
    commit(tmp_path, small_tree(**layer("A: 1", "B: 1")), "first")
    return tmp_path


def layer(*lines: str) -> dict[str, str]:
    return {COMMON: FILLER + "".join(f"{line}\n" for line in lines)}


def asked(ask: Ask, folder: Path, before: str, names: str, path: str = COMMON) -> dict[str, str]:
    """The subject of the commit that is found for each entry."""
    repository = find_repository(str(folder))
    assert repository is not None
    entries, _, _ = parse(path, source_of({path: "".join(f"{name}: 1\n" for name in names)}))
    ends = (git(folder, "rev-parse", before), git(folder, "rev-parse", "HEAD"))
    return subjects(ask(repository, *ends, list(entries.values())))


def subjects(found: Mapping[Entry, Commit]) -> dict[str, str]:
    return {entry.name: each.subject for entry, each in found.items()}


def test_a_line_is_taken_out_by_the_commit_that_lacks_it_first(folder: Path) -> None:
    commit(folder, layer("A: 2", "B: 1"), "changed")
    commit(folder, layer("B: 1"), "removed")
    commit(folder, layer("B: 2"), "later")
    assert asked(removers, folder, "HEAD~3", "AB") == {"A": "removed"}
    assert asked(removers, folder, "HEAD~1", "AB") == {}


def test_of_several_removals_the_newest_counts(folder: Path) -> None:
    commit(folder, layer("B: 1"), "removed")
    commit(folder, layer("A: 1", "B: 1"), "back")
    commit(folder, layer("B: 1"), "removed again")
    assert asked(removers, folder, "HEAD~3", "A") == {"A": "removed again"}


def test_a_file_that_goes_takes_all_of_its_lines(folder: Path) -> None:
    (folder / COMMON).unlink()
    commit(folder, message="removed")
    assert asked(removers, folder, "HEAD~1", "AB") == {"A": "removed", "B": "removed"}


def test_a_line_that_went_on_a_branch_is_taken_out_there(folder: Path) -> None:
    git(folder, "checkout", "-qb", "side")
    commit(folder, layer("B: 1"), "on the side")
    git(folder, "checkout", "-q", "main")
    commit(folder, {"other": "1"}, "on main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merged", "side")
    assert asked(removers, folder, "HEAD~2", "A") == {"A": "on the side"}


def test_a_line_that_went_with_a_merge_alone_is_taken_out_by_it(folder: Path) -> None:
    git(folder, "checkout", "-qb", "side")
    commit(folder, layer("A: 1", "B: 2"), "on the side")
    git(folder, "checkout", "-q", "main")
    commit(folder, layer("A: 2", "B: 1"), "on main")
    git(folder, "merge", "-q", "--no-ff", "--no-commit", "-s", "ours", "side")
    commit(folder, layer("B: 2"), "merged")
    assert asked(removers, folder, "HEAD~2", "A") == {"A": "merged"}


def test_a_line_that_was_not_there_between_is_not_found(folder: Path) -> None:
    commit(folder, layer("B: 1"), "removed")
    commit(folder, layer("B: 2"), "later")
    assert asked(removers, folder, "HEAD~1", "A") == {}
    assert asked(removers, folder, "HEAD", "A") == {}


def test_a_renamed_file_brings_its_lines(folder: Path) -> None:
    staging = "configs/staging.yaml"
    git(folder, "mv", COMMON, staging)
    commit(folder, message="renamed")
    commit(folder, {staging: FILLER + "A: 1\nB: 2\n"}, "later")
    assert asked(merged_by, folder, "HEAD~2", "AB", staging) == {"A": "renamed", "B": "renamed"}
    assert asked(removers, folder, "HEAD~2", "AB") == {"A": "renamed", "B": "renamed"}
    assert asked(merged_by, folder, "HEAD~1", "AB", staging) == {}


def test_a_file_that_was_a_folder_or_broken_has_no_lines_then(folder: Path) -> None:
    (folder / COMMON).unlink()
    commit(folder, {f"{COMMON}/{number}": f"{number}\n" for number in range(50)}, "a folder")
    git(folder, "rm", "-rq", COMMON)
    commit(folder, {COMMON: "A: [\n"}, "broken")
    commit(folder, layer("B: 1"), "mended")
    assert asked(removers, folder, "HEAD~3", "AB") == {"A": "a folder", "B": "a folder"}
    assert asked(merged_by, folder, "HEAD~3", "AB") == {"B": "mended"}
