"""What GitPython is asked, in repositories of every kind: it has git's answer, or there is an error of ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git import objects
from envtree.adapters.git.history import latest
from envtree.adapters.git.plumbing import GitError, GitMissing
from envtree.adapters.git.repository import find_repository
from envtree.core.model.commit import Commit
from tests.builders import small_tree
from tests.repositories import commit, git, init, repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.adapters.git.repository import Repository

COMMON = "configs/common.yaml"


def history(top: Path) -> Path:
    """Three commits, with a branch at each, and a side branch that was merged."""
    for number in (1, 2, 3):
        commit(top, small_tree(**{COMMON: f"A: {number}\n"}), f"version {number}")
        git(top, "branch", f"version-{number}")
    git(top, "checkout", "-q", "-b", "side", "version-2")
    commit(top, {"configs/staging.yaml": "B: 1\n"}, "on the side")
    git(top, "checkout", "-q", "main")
    git(top, "merge", "-q", "--no-ff", "-m", "merged", "side")
    git(top, "tag", "-a", "-m", "annotated", "annotated")
    return top


def plain(folder: Path) -> Path:
    return history(init(folder / "repository"))


def sha_256(folder: Path) -> Path:
    return history(init(folder / "repository", "--object-format=sha256"))


def index_version_4(folder: Path) -> Path:
    top = plain(folder)
    git(top, "update-index", "--index-version", "4")
    return top


def split_index(folder: Path) -> Path:
    top = plain(folder)
    git(top, "update-index", "--split-index")
    return top


def sparse_index(folder: Path) -> Path:
    top = plain(folder)
    git(top, "sparse-checkout", "set", "--cone", "--sparse-index", "schemas")
    return top


def partial(folder: Path) -> Path:
    git(plain(folder), "config", "uploadpack.allowFilter", "true")
    url = f"file://{folder}/repository"
    git(folder, "clone", "-q", "--filter=blob:none", "--no-single-branch", "--no-checkout", url, "clone")
    return with_branches(folder / "clone")


def linked(folder: Path) -> Path:
    git(plain(folder), "worktree", "add", "-q", "--detach", "../linked", "main")
    return folder / "linked"


def bare(folder: Path) -> Path:
    plain(folder)
    git(folder, "clone", "-q", "--bare", "repository", "bare.git")
    return folder / "bare.git"


def borrowing(folder: Path) -> Path:
    plain(folder)
    git(folder, "clone", "-q", "--shared", "repository", "clone")
    return with_branches(folder / "clone")


def packed(folder: Path) -> Path:
    top = plain(folder)
    git(top, "gc", "-q", "--prune=now")
    git(top, "commit-graph", "write", "--reachable", "--changed-paths")
    return top


def working_tree_elsewhere(folder: Path) -> Path:
    """In which another repository lies."""
    top = plain(folder)
    repository(folder / "another", small_tree(**{COMMON: "A: another\n"}))
    git(top, "config", "core.worktree", str(folder / "another"))
    return top


def named_as_a_variable(folder: Path) -> Path:
    """GitPython replaces what looks like one in the path of a repository."""
    return plain(folder / "$HOME" / "~" / "%x%")


def with_branches(clone: Path) -> Path:
    """A clone has branches of its own too."""
    for name in ("version-1", "version-2", "version-3", "side"):
        git(clone, "branch", "-q", name, f"origin/{name}")
    return clone


KINDS: list[Callable[[Path], Path]] = [
    *(plain, sha_256, index_version_4, split_index, sparse_index, partial, linked, bare, borrowing, packed),
    *(working_tree_elsewhere, named_as_a_variable),
]


def found(folder: Path) -> Repository:
    repository = find_repository(str(folder))
    assert repository is not None
    return repository


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_every_question_has_an_answer_in_every_kind_of_repository(make: Callable[[Path], Path], tmp_path: Path) -> None:
    top = make(tmp_path)
    names = ("main", "version-1", "version-2", "version-3", "side")
    ids = {name: git(top, "rev-parse", f"refs/heads/{name}") for name in names}
    here = found(top)
    assert {name: objects.resolve(here, name) for name in names} == ids
    assert {objects.resolve(here, name) for name in ("HEAD", "annotated", ids["main"][:9], "main^{}")} == {ids["main"]}
    assert objects.resolve(here, "main~2") == ids["version-2"]
    assert objects.parents(here, ids["main"]) == [ids["version-3"], ids["side"]]
    assert objects.merge_base(here, ids["version-3"], ids["side"]) == ids["version-2"]
    assert sorted(objects.independent(here, [ids.values()])[0]) == [ids["main"]]
    said = objects.rev_list(here, ids["main"], "%s%x00", [COMMON], without=ids["version-1"])
    assert [each.partition("\n")[2] for each in said.decode().split("\0\n")[:-1]] == ["version 3", "version 2"]
    if make is not partial:  # a line may come from any version, and it lacks them all
        assert (
            objects.blame(here, ids["main"], {COMMON: [(1, 1)]})[0].decode().startswith(f"{ids['version-3']} 1 1 1\n")
        )


def test_a_shallow_clone_ends_where_it_ends(tmp_path: Path) -> None:
    top = plain(tmp_path)
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{top}", "clone")
    here = found(tmp_path / "clone")
    last, before = objects.resolve(here, "HEAD"), objects.resolve(here, "HEAD~1")
    assert (last, before) == (git(top, "rev-parse", "main"), git(top, "rev-parse", "version-3"))
    assert (len(objects.parents(here, last)), objects.parents(here, before)) == (2, [])
    for name in ("HEAD~2", git(top, "rev-parse", "version-2"), f"{before}^", "version-2"):
        with pytest.raises(GitError):
            objects.resolve(here, name)
    git(tmp_path / "clone", "fetch", "-q", "--depth", "1", "origin", "main")
    with pytest.raises(GitError):  # the commit is still there, and git no longer leads to it
        objects.resolve(here, "HEAD~1")


@pytest.mark.parametrize("how", ["missing", "empty", "cut off", "garbage", "a file"])
def test_a_name_of_what_is_no_whole_commit_is_none(tmp_path: Path, how: str) -> None:
    top = plain(tmp_path)
    identity = git(top, "rev-parse", "main")
    path = top / ".git/objects" / identity[:2] / identity[2:]
    path.chmod(0o644)
    data = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "a file":
        blob = git(top, "hash-object", "-w", COMMON)
        tag = f"object {blob}\ntype commit\ntag main\ntagger A <a@b> 1 +0000\n\nof a file\n"
        tagged = git(top, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=tag)
        (top / ".git/refs/heads/main").write_text(f"{tagged}\n")
    else:
        path.write_bytes({"empty": b"", "cut off": data[: len(data) // 2], "garbage": b"\0" * 60}[how])
    for name in ("main", "HEAD", "0" * 40, *([] if how == "a file" else [identity, identity[:9]])):
        with pytest.raises(GitError):
            objects.resolve(found(top), name)


def test_gitpython_has_the_last_word_on_names_and_git_on_all_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, real, asked = found(plain(tmp_path)), shutil.which("git"), tmp_path / "asked"
    identity = git(Path(here.where), "rev-parse", "main")
    (tmp_path / "git").write_text(f"""#!/bin/sh\necho "$@" >> '{asked}'\nexec {real} "$@"\n""")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name in ("main", "HEAD", "@", "annotated", "refs/heads/version-1", identity, identity[:9], identity.upper()):
        objects.resolve(here, name)
    assert "rev-parse" not in asked.read_text()
    for number, name in enumerate(("HEAD~1", "main^{}", "main@{yesterday}", ":/version"), 1):
        objects.resolve(here, name)
        assert asked.read_text().count("rev-parse") == number


def test_what_gitpython_takes_for_an_id_and_git_does_not_is_none(tmp_path: Path) -> None:
    top = plain(tmp_path)
    identity = git(top, "rev-parse", "main")
    git(top, "branch", "beef")
    for name in (f"{identity}\n", f"{identity[:9]}-dirty", f"v1-3-g{identity[:9]}-dirty", "v1-2-gbeef", "logs/HEAD"):
        with pytest.raises(GitError):
            objects.resolve(found(top), name)


def test_references_that_gitpython_cannot_read_are_read_by_git(tmp_path: Path) -> None:
    """As in a repository that keeps them in another format."""
    top = plain(tmp_path)
    identity = git(top, "rev-parse", "main")
    packed = f"# pack-refs with: sorted \n{identity} refs/heads/pac\udce9\n"
    (top / ".git/packed-refs").write_bytes(os.fsencode(packed))
    (top / ".git/refs/heads/linked").symlink_to("main")
    (top / ".git/refs/heads/spaced").write_text(f"{identity}\n\n")
    for name in ("main", "linked", "spaced", "pac\udce9"):
        assert objects.resolve(found(top), name) == identity


@pytest.mark.parametrize("broken", ["config", "packed-refs", "HEAD", "index"])
def test_a_file_of_git_that_is_no_such_file_is_an_error_at_most(tmp_path: Path, broken: str) -> None:
    top = plain(tmp_path)
    here, identity = found(top), git(top, "rev-parse", "main")
    (top / ".git" / broken).write_bytes(b"\xff[\0" * 1000)
    asked: list[Callable[[], object]] = [
        lambda: objects.resolve(here, "version-1"),
        lambda: objects.parents(here, identity),
        lambda: objects.blame(here, identity, {COMMON: [(1, 1)]}),
    ]
    for ask in asked:
        with contextlib.suppress(GitError):
            ask()


def test_a_missing_git_is_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = found(plain(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissing):
        objects.resolve(here, "main")
    code = "from envtree.adapters.git import objects"  # as it is asked for its version
    assert subprocess.run([sys.executable, "-c", code], env={"PATH": str(tmp_path)}, check=False).returncode == 0


def test_nothing_that_git_is_asked_with_goes_on_running(tmp_path: Path) -> None:
    here = found(plain(tmp_path))
    for _ in range(3):
        objects.resolve(here, "main")
    assert not children(b"cat-file")


@pytest.mark.parametrize("count", [1, objects.FEW, objects.FEW + 1, 60])
def test_many_files_are_answered_for_in_their_order(count: int, tmp_path: Path) -> None:
    top, paths = init(tmp_path / "repository"), [f"configs/{number}.yaml" for number in range(count)]
    for number, path in enumerate(paths):
        commit(top, {path: f"A: {number}\n" * 9000}, path)
    here, ids = found(top), git(top, "rev-list", "--reverse", "HEAD").split()
    told = objects.blame(here, ids[-1], {path: [(1, 9000)] for path in paths})
    assert [said.decode().split(" ", 1)[0] for said in told] == ids
    told = objects.rev_lists(here, ids[-1], "%s", paths)
    assert [said.decode().split("\n")[1] for said in told] == paths
    assert objects.independent(here, [ids[: number + 1] for number in range(count)]) == [[each] for each in ids]


def test_of_commits_of_the_same_second_the_last_is_always_the_same(tmp_path: Path) -> None:
    top = init(tmp_path / "repository")
    commit(top, {COMMON: "A: 1\n"})
    ids = []
    for number in range(12):
        git(top, "checkout", "-q", "-b", f"side-{number}", "main")
        commit(top, {f"configs/{number}.yaml": "A: 1\n"}, str(number))
        ids.append(git(top, "rev-parse", "HEAD"))
    date = "2026-01-01T00:00:00+00:00"
    group = frozenset(Commit(each, "Ann", date, "") for each in ids)
    assert latest(found(top), [group])[group].id == max(ids)


@pytest.mark.parametrize("at", [0, 7, 29])
def test_one_file_of_many_that_git_fails_for_is_an_error_and_nothing_goes_on(at: int, tmp_path: Path) -> None:
    top, ranges = plain(tmp_path), {f"missing-{number}.yaml": [(1, 1)] for number in range(30)}
    commit(top, {path: "A: 1\n" * 9000 for number, path in enumerate(ranges) if number != at})
    here, before = found(top), {*Path("/proc/self/fd").iterdir()}
    with pytest.raises(GitError, match=rf"no such path '?missing-{at}\.yaml'? in"):
        objects.blame(here, git(top, "rev-parse", "HEAD"), ranges)
    assert ({*Path("/proc/self/fd").iterdir()}, children(b"blame")) == (before, [])


@pytest.mark.parametrize("name", ["\0", "x" * 3_000_000])
def test_what_no_command_line_can_hold_is_an_error(name: str, tmp_path: Path) -> None:
    top = plain(tmp_path)
    for count in (1, objects.FEW + 1):
        with pytest.raises(GitError):
            objects.rev_lists(found(top), git(top, "rev-parse", "HEAD"), "%H", [name] * count)


def children(command: bytes) -> list[str]:
    """The processes that this one started with such a command."""
    started = " ".join(path.read_text() for path in Path("/proc/self/task").glob("*/children")).split()
    return [each for each in started if command in Path(f"/proc/{each}/cmdline").read_bytes()]
