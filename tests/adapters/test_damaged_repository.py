"""A repository that is damaged, partial, not one's own, or that there is no git to read with."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from typing import TYPE_CHECKING

import pytest

from envtree.core.model.listing import id_of
from tests.builders import small_tree
from tests.cli.running import run
from tests.repositories import commit, git, repository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.running import Done

COMMON = "configs/common.yaml"
SCHEMA = "from envtree import Settings\n\n\nclass Common(Settings):\n    A: int\n"
TREE = small_tree(**{COMMON: "A: 1\n", "schemas/common.py": SCHEMA})
READ = (("--ref", "HEAD"), ("--staged",))
NOBODY = 65534
SHA_1 = "0" * 40


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", TREE)


def stored(folder: Path, name: str) -> Path:
    """The file of an object."""
    identity = git(folder, "rev-parse", name)
    return folder / ".git/objects" / identity[:2] / identity[2:]


def assert_failed(done: Done, *words: str) -> None:
    """There is no answer, and no bug is to blame."""
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("error[git-failed]: ")
    for word in words:
        assert word in done.stderr


def spoil(path: Path, how: str) -> None:
    """Make an object one that git can't use."""
    path.chmod(0o644)
    data = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut off": data[: len(data) // 2], "garbage": b"\0" * 60}[how])


@pytest.mark.parametrize("how", ["missing", "empty", "cut off", "garbage"])
@pytest.mark.parametrize("name", [f"HEAD:{COMMON}", "HEAD:schemas/common.py", "HEAD:configs", "HEAD^{tree}"])
def test_an_object_that_git_cant_use_is_an_error_and_no_missing_file(top: Path, name: str, how: str) -> None:
    spoil(stored(top, name), how)
    assert_failed(run(top, "validate", "--ref", "HEAD"))


@pytest.mark.parametrize("how", ["missing", "empty", "cut off", "garbage"])
def test_a_commit_that_git_cant_use_is_none(top: Path, how: str) -> None:
    spoil(stored(top, "HEAD"), how)
    done = run(top, "validate", "--ref", "HEAD")
    assert (done.code, "error[unknown-revision]" in done.stderr) == (2, True)


def test_a_file_that_git_breaks_off_amidst_is_not_taken_for_whole(top: Path) -> None:
    """Where files are large enough to be handed on in pieces, the end is found damaged too late."""
    lines = "".join(f"# {number:032x}\n" for number in range(2000)) + "A: 1\n"
    texts = (f"# {number}\n{lines}" for number in range(1000))
    text = next(
        text for text in texts if id_of(text.encode(), SHA_1).startswith("ff")
    )  # the last that git is asked for
    commit(top, {COMMON: text})
    git(top, "config", "core.bigFileThreshold", "1")
    path = stored(top, f"HEAD:{COMMON}")
    path.chmod(0o644)
    packed = zlib.compress(b"blob %d\0" % len(text) + text.encode(), 0)
    path.write_bytes(packed[:40_000])
    assert_failed(run(top, "validate", "--ref", "HEAD"), "lacks 1 of the files of this revision")


def test_a_plain_build_needs_nothing_of_a_damaged_repository(top: Path, tmp_path: Path) -> None:
    spoil(stored(top, "HEAD^{tree}"), "missing")
    done = run(top, "build", "--out", str(tmp_path / "out"))
    assert (done.code, "with changes" in done.stderr) == (0, True)
    shutil.rmtree(top / ".git/objects")
    (top / COMMON).write_text("A: 2\n")
    done = run(top, "build", "--out", str(tmp_path / "out"))
    assert (done.code, "from a folder that git doesn't know" in done.stderr) == (0, True)


@pytest.mark.parametrize("words", READ)
def test_a_repository_that_says_what_no_git_knows_is_refused(top: Path, words: tuple[str, ...]) -> None:
    git(top, "config", "core.repositoryFormatVersion", "1")
    git(top, "config", "extensions.weather", "fine")
    assert_failed(run(top, "validate", *words), "unknown repository extension found: weather")


def test_a_broken_configuration_is_named(top: Path) -> None:
    (top / ".git/config").write_text("[core\n")
    assert_failed(run(top, "validate", "--staged"), "bad config line 1")


@pytest.mark.parametrize("filtered", ["blob:none", "tree:0"])
def test_a_partial_clone_is_read_as_far_as_it_goes_and_nothing_is_fetched(
    top: Path, tmp_path: Path, filtered: str
) -> None:
    commit(top, {COMMON: "A: 2\n"})
    git(top, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", f"--filter={filtered}", f"file://{top}", "clone")
    clone = tmp_path / "clone"
    assert run(clone, "validate", "--ref", "HEAD").code == 0  # the checkout fetched it
    before = sorted(path.name for path in (clone / ".git/objects").rglob("*"))
    assert_failed(run(clone, "validate", "--ref", "HEAD~1"))
    assert sorted(path.name for path in (clone / ".git/objects").rglob("*")) == before


def given_away(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


@pytest.mark.root
@pytest.mark.parametrize("words", READ)
def test_schemas_from_the_repository_of_another_user_are_not_run(top: Path, words: tuple[str, ...]) -> None:
    given_away(top / ".git")
    done = run(top, "validate", *words)
    assert (done.code, "error[unsafe-schema]" in done.stdout) == (1, True)
    assert f"another user (nobody) owns, and could have written, `{top}/.git`" in done.stdout
    assert run(top, "validate").code == 0  # these files are one's own
    assert run(top, "show", "production/accounts/web", *words).code == 1


@pytest.mark.root
@pytest.mark.parametrize("words", READ)
def test_a_tree_without_schemas_may_be_anybodys(tmp_path: Path, words: tuple[str, ...]) -> None:
    top = repository(tmp_path / "repository", small_tree(**{COMMON: "A: 1\n"}))
    given_away(top)
    assert run(top, "validate", *words).code == 0


@pytest.mark.parametrize("folder", [".git", ".git/objects"])
@pytest.mark.parametrize("words", READ)
def test_schemas_from_a_repository_that_others_can_write_are_not_run(
    top: Path, folder: str, words: tuple[str, ...]
) -> None:
    (top / folder).chmod(0o777)
    done = run(top, "validate", *words)
    assert (done.code, f"others could have written `{top}/{folder}`" in done.stdout) == (1, True)


@pytest.mark.parametrize("words", READ)
def test_schemas_from_borrowed_objects_that_others_can_write_are_not_run(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """As `clone --reference` borrows them; one lender borrows from the next."""
    mirror = repository(tmp_path / "mirror", TREE)
    git(tmp_path, "clone", "-q", "--shared", "mirror", "middle")
    git(tmp_path, "clone", "-q", "--shared", "middle", "clone")
    assert run(tmp_path / "clone", "validate", *words).code == 0
    (mirror / ".git/objects").chmod(0o777)
    done = run(tmp_path / "clone", "validate", *words)
    assert (done.code, f"others could have written `{mirror}/.git/objects`" in done.stdout) == (1, True)


@pytest.mark.parametrize("words", READ)
def test_schemas_of_a_linked_worktree_come_from_its_repository(top: Path, words: tuple[str, ...]) -> None:
    git(top, "worktree", "add", "-q", "--detach", "../linked")
    (top / ".git").chmod(0o777)
    done = run(top.parent / "linked", "validate", *words)
    assert (done.code, "error[unsafe-schema]" in done.stdout) == (1, True)


@pytest.fixture
def without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH on which there is no git."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_without_git_what_needs_none_works(top: Path, tmp_path: Path, without_git: Path) -> None:
    assert run(top, "validate").code == 0
    assert run(top, "show", "production/accounts/web").code == 0
    done = run(top, "build", "--out", str(tmp_path / "out"))
    assert (done.code, "from a folder that git doesn't know" in done.stderr) == (0, True)
    line = json.loads((tmp_path / "out/log.jsonl").read_text())
    assert (line["commit"], line["dirty"]) == (None, None)
    done = run(top, "build", "--out", str(tmp_path / "out"))
    assert (done.code, done.stderr.startswith("unchanged: ")) == (0, True)


@pytest.mark.parametrize("words", READ)
def test_without_git_a_revision_can_t_be_read(top: Path, without_git: Path, words: tuple[str, ...]) -> None:
    assert_failed(run(top, "validate", *words), "git is not installed", "leave out `--ref` and `--staged`")


def test_a_git_that_is_too_old_is_told(top: Path, without_git: Path) -> None:
    """It prints the options that it doesn't know, as the real one prints those that are for others."""
    (without_git / "git").write_text("#!/bin/sh\nprintf '%s\\n' --path-format=absolute true .git .git '' ''\n")
    (without_git / "git").chmod(0o755)
    assert_failed(run(top, "validate", "--staged"), "git is older than 2.31")


def test_a_git_that_fails_without_a_word_is_told(top: Path, without_git: Path) -> None:
    (without_git / "git").write_text("#!/bin/sh\nexit 3\n")
    (without_git / "git").chmod(0o755)
    assert_failed(run(top, "validate", "--staged"), "no reason given")
    assert run(top, "build", "--out", str(top.parent / "out")).code == 0
