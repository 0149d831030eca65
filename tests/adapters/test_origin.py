"""What a build's record says of the commit it was made from, and what it costs to know."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import run
from tests.repositories import attempt, commit, git, init, repository, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMON, STAGING, PRODUCTION = (f"configs/{name}.yaml" for name in ("common", "staging", "production"))
TREE = small_tree(**{COMMON: "A: 1\n", STAGING: "B: 1\n", "configs/.env": "B: 1\n", "README": ""})


class Recorded(NamedTuple):
    """What the last line of the log says, and what was said on the terminal."""

    commit: str | None
    dirty: bool | None
    said: str


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", TREE)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def build(folder: Path, out: Path, *words: str) -> Recorded:
    done = run(folder, "build", "--out", str(out), *words)
    assert done.code == 0, done.said
    line = json.loads((out / "log.jsonl").read_text().splitlines()[-1])
    return Recorded(line["commit"], line["dirty"], done.stderr)


def head(folder: Path, name: str = "HEAD") -> str:
    return git(folder, "rev-parse", name)


def test_a_clean_tree_is_its_commit(top: Path, out: Path) -> None:
    commit_id, dirty, said = build(top, out)
    assert (commit_id, dirty) == (head(top), False)
    assert f"from commit {head(top)[:12]}: " in said


def rewrite(path: str, text: str) -> Callable[[Path], object]:
    return lambda top: write_tree(top, {path: text})


CHANGES: dict[str, tuple[bool, Callable[[Path], object]]] = {
    "changed": (True, rewrite(COMMON, "A: 2\n")),
    "changed and staged": (True, lambda top: (rewrite(COMMON, "A: 2\n")(top), git(top, "add", "."))),
    "a comment": (True, rewrite(COMMON, "A: 1 # one\n")),
    "added": (True, rewrite(PRODUCTION, "A: 2\n")),
    "added and empty": (True, rewrite(PRODUCTION, "")),
    "removed": (True, lambda top: (top / COMMON).unlink()),
    "a schema": (True, rewrite("schemas/common.py", "")),
    "skipped by git": (
        True,
        lambda top: (git(top, "update-index", "--skip-worktree", COMMON), rewrite(COMMON, "A: 2\n")(top)),
    ),
    "ignored by git": (True, lambda top: write_tree(top, {".gitignore": "production.yaml", PRODUCTION: ""})),
    "a link of the same content": (False, lambda top: relink(top / STAGING, ".env")),
    "a mode": (False, lambda top: (top / COMMON).chmod(0o755)),
    "a time": (False, lambda top: (top / COMMON).touch()),
    "a file outside of the tree": (False, rewrite("README", "more")),
    "a new file outside of the tree": (False, rewrite("NEWS", "more")),
    "a dotfile": (False, rewrite("configs/.env", "A: 2\n")),
    "a new dotfile": (False, rewrite("configs/.cache/x.yaml", "A: 2\n")),
    "Markdown": (False, rewrite("configs/notes.md", "more")),
    "staged, and changed back": (
        False,
        lambda top: (rewrite(COMMON, "A: 2\n")(top), git(top, "add", "."), rewrite(COMMON, "A: 1\n")(top)),
    ),
}


def relink(path: Path, goal: str) -> None:
    path.unlink()
    path.symlink_to(goal)


@pytest.mark.parametrize("change", CHANGES)
def test_a_tree_is_dirty_where_what_is_read_differs_from_the_commit(top: Path, out: Path, change: str) -> None:
    dirty, make = CHANGES[change]
    make(top)
    recorded = build(top, out)
    assert recorded[:2] == (head(top), dirty)
    assert (f"from commit {head(top)[:12]} with changes: " in recorded.said) == dirty


@pytest.mark.parametrize("words", [("--object-format=sha256",), ("--object-format=sha1",)])
@pytest.mark.parametrize("prefix", ["", "deploy/eu/"])
def test_a_tree_with_links_in_a_subfolder_is_as_clean_as_any(
    tmp_path: Path, out: Path, words: tuple[str, ...], prefix: str
) -> None:
    top = init(tmp_path / "repository", *words)
    root = write_tree(top / prefix, {**TREE, "configs/.shared/a.yaml": "A: 2\n"})
    relink(root / STAGING, ".shared/a.yaml")
    (root / "configs/accounts/production.yaml").symlink_to("../staging.yaml")
    commit(top)
    assert build(root, out)[:2] == (head(top), False)
    (root / "configs/.shared/a.yaml").write_text("A: 3\n")
    assert build(root / "configs", out)[:2] == (head(top), True)


def test_line_ends_that_git_changes_on_checkout_make_a_tree_dirty(top: Path, out: Path) -> None:
    """What is built is what was read, and that is not what was committed."""
    (top / ".gitattributes").write_text("*.yaml text eol=crlf\n")
    (top / COMMON).unlink()
    git(top, "checkout", "-q", "--", COMMON)
    assert (top / COMMON).read_bytes() == b"A: 1\r\n"
    assert attempt(top, "diff", "--quiet", "--", COMMON).returncode == 0  # which git sees no difference in
    assert build(top, out)[:2] == (head(top), True)
    assert build(top, out, "--staged")[:2] == (head(top), False)


def test_before_the_first_commit_a_tree_is_dirty_and_without_a_commit(tmp_path: Path, out: Path) -> None:
    top = write_tree(init(tmp_path / "repository"), TREE)
    recorded = build(top, out)
    assert recorded[:2] == (None, True)
    assert "from no commit: " in recorded.said
    git(top, "add", ".")
    assert build(top, out, "--staged")[:2] == (None, True)


def test_a_plain_folder_has_neither(tmp_path: Path, out: Path) -> None:
    recorded = build(write_tree(tmp_path / "tree", TREE), out)
    assert recorded[:2] == (None, None)
    assert "from a folder that git doesn't know: " in recorded.said


def test_a_revision_is_its_commit_whatever_is_checked_out(top: Path, out: Path) -> None:
    git(top, "tag", "-a", "-m", "one", "one")
    commit(top, {COMMON: "A: 2\n"})
    (top / COMMON).write_text("A: 3\n")
    assert build(top, out, "--ref", "one")[:2] == (head(top, "one^{commit}"), False)
    assert build(top, out, "--ref", "HEAD")[:2] == (head(top), False)


def test_the_index_is_dirty_where_it_differs_from_the_commit(top: Path, out: Path) -> None:
    (top / COMMON).write_text("A: 2\n")
    assert build(top, out, "--staged")[:2] == (head(top), False)
    git(top, "add", ".")
    assert build(top, out, "--staged")[:2] == (head(top), True)


def test_a_bare_repository_can_be_built_from(top: Path, tmp_path: Path, out: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(top), "bare.git")
    assert build(tmp_path / "bare.git", out, "--ref", "main")[:2] == (head(top), False)


def test_a_linked_worktree_has_its_own_commit(top: Path, out: Path) -> None:
    git(top, "worktree", "add", "-q", "-b", "other", "../linked")
    commit(top.parent / "linked", {COMMON: "A: 2\n"})
    assert build(top.parent / "linked", out)[:2] == (head(top, "other"), False)
    assert build(top, out)[:2] == (head(top), False)


@pytest.mark.parametrize("words", [(), ("--staged",), ("--ref", "HEAD")])
def test_a_second_build_writes_nothing(top: Path, out: Path, words: tuple[str, ...]) -> None:
    build(top, out, *words)
    before, untouched = state(out), state(top)
    assert "unchanged: " in build(top, out, *words).said
    assert (state(out), state(top)) == (before, untouched)


@pytest.mark.parametrize("words", [(), ("--staged",), ("--ref", "HEAD")])
def test_the_same_content_at_a_new_commit_is_a_line_in_the_log_and_no_more(
    top: Path, out: Path, words: tuple[str, ...]
) -> None:
    build(top, out, *words)
    before, lines = state(out), (out / "log.jsonl").read_text()
    commit(top, {"README": "more"})
    assert build(top, out, *words)[:2] == (head(top), False)
    after, more = state(out), (out / "log.jsonl").read_text()
    assert more.startswith(lines)
    assert more.count("\n") == lines.count("\n") + 1
    del before["log.jsonl"], after["log.jsonl"]
    assert after == before


@pytest.fixture
def questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where each git that is started leaves a line of what it was asked."""
    real, asked, folder = shutil.which("git"), tmp_path / "asked", tmp_path / "bin"
    assert real
    folder.mkdir()
    (folder / "git").write_text(f"""#!/bin/sh\necho "$@" >> '{asked}'\nexec {real} "$@"\n""")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    asked.touch()
    return asked


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "with-an-option"])
def test_a_build_with_nothing_to_do_asks_git_one_question(top: Path, out: Path, questions: Path, plain: bool) -> None:
    words = () if plain else ("--keep", "3")
    build(top, out, *words)
    questions.write_text("")
    assert build(top, out, *words).said.startswith("unchanged: ")
    (asked,) = questions.read_text().splitlines()
    assert "rev-parse" in asked


@pytest.mark.parametrize(
    ("words", "most"),
    [(("validate",), 0), (("validate", "--staged"), 6), (("validate", "--ref", "HEAD"), 8), (("build", "--out"), 5)],
)
def test_git_is_asked_few_questions(top: Path, out: Path, questions: Path, words: tuple[str, ...], most: int) -> None:
    """Two of the eight are for git's version, where GitPython is imported first."""
    run(top, *words, *([str(out)] if words[-1] == "--out" else []))
    assert len(questions.read_text().splitlines()) <= most
