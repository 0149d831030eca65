"""A repository that others can write, whose objects are not what their ids say, or in which git would wait for ever."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from pathlib import Path

import pytest

from envtree.adapters.git import contents
from tests.builders import ENVTREE_TIMEOUT, small_tree
from tests.cli.running import run
from tests.forks import quick
from tests.repositories import commit, git, init, repository

COMMON = "configs/common.yaml"
SCHEMA = "schemas/common.py"
GOOD = "from envtree import Settings\n\n\nclass Common(Settings):\n    A: int\n"
TREE = small_tree(**{COMMON: "A: 1\n", SCHEMA: GOOD})
TARGET = "production/accounts/web"
NOBODY = 65534
REVISIONS = (("--ref", "HEAD"), ("--staged",))


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", TREE)


def loose(top: Path, revision: str) -> Path:
    """Where the object that a revision names lies."""
    name = git(top, "rev-parse", revision)
    return top / ".git/objects" / name[:2] / name[2:]


def tampered(top: Path, revision: str, text: str) -> None:
    """Put another content under the id of a file."""
    path = loose(top, revision)
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob %d\0%s" % (len(text.encode()), text.encode())))


@pytest.mark.parametrize("words", REVISIONS)
@pytest.mark.parametrize(
    "path", [".git/HEAD", ".git/config", ".git/index", ".git/objects/info", ".git/objects/pack", "loose", "."]
)
def test_what_others_can_write_of_a_repository_is_no_code(top: Path, path: str, words: tuple[str, ...]) -> None:
    wrong = loose(top, "HEAD^{tree}").parent if path == "loose" else (top / path)
    (top / ".git/objects/info").mkdir(exist_ok=True)
    wrong.chmod(0o777)
    done = run(top, "validate", *words)
    assert (done.code, f"others could have written `{os.path.normpath(wrong)}`" in done.stdout) == (1, True)
    assert run(top, "validate").code == 0  # of these files, it is known who wrote them


def test_a_folder_above_in_which_others_can_rename_is_no_place_for_code(top: Path) -> None:
    assert run(top, "validate", "--ref", "HEAD").code == 0
    top.parent.chmod(0o777)
    done = run(top, "validate", "--ref", "HEAD")
    assert (done.code, f"others could have written `{top.parent}`" in done.stdout) == (1, True)
    top.parent.chmod(0o1777)
    assert run(top, "validate", "--ref", "HEAD").code == 0


@pytest.mark.root
@pytest.mark.parametrize("packed", [False, True])
def test_an_object_of_another_user_is_no_code(top: Path, *, packed: bool) -> None:
    """As `git clone` of his repository makes it, by a hard link."""
    path = loose(top, "HEAD^{tree}")
    if packed:
        git(top, "gc", "-q")
        path = next((top / ".git/objects/pack").glob("*.idx"))
    os.chown(path, NOBODY, NOBODY)
    done = run(top, "validate", "--ref", "HEAD")
    assert (done.code, f"another user (nobody) owns, and could have written, `{path}`" in done.stdout) == (1, True)
    done = run(top, "build", "--out", str(top.parent / "out"), "--ref", "HEAD")
    assert (done.code, "error[unsafe-source]" in done.stderr) == (1, True)


def test_a_tree_without_schemas_is_not_built_from_a_repository_that_others_can_write(tmp_path: Path) -> None:
    top = repository(tmp_path / "repository", small_tree(**{COMMON: "A: 1\n"}))
    (top / ".git/objects").chmod(0o777)
    assert run(top, "validate", "--ref", "HEAD").code == 0
    for words in (("build", "--out", "../out"), ("export", TARGET, "--format", "dotenv")):
        done = run(top, *words, "--ref", "HEAD")
        assert (done.code, "error[unsafe-source]" in done.stderr) == (1, True)
    assert run(top, "exec", TARGET, "--ref", "HEAD", "--", "true").code == 111
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize("words", REVISIONS)
def test_an_object_that_is_not_what_its_id_says_is_not_run(tmp_path: Path, form: str, words: tuple[str, ...]) -> None:
    top = repository(tmp_path / "repository", TREE, f"--object-format={form}")
    name = git(top, "rev-parse", f"HEAD:{SCHEMA}")
    assert name == hashlib.new(form, b"blob %d\0%s" % (len(GOOD), GOOD.encode())).hexdigest()
    marker = tmp_path / "marker"
    tampered(top, f"HEAD:{SCHEMA}", f"open({str(marker)!r}, 'w')\n")
    done = run(top, "validate", *words)
    assert (done.code, f"has other content than the id says for {name}" in done.stderr) == (2, True)
    assert not marker.exists()


def test_without_the_check_git_hands_on_what_the_id_does_not_say(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "id_of", lambda _, like: like)
    marker = top.parent / "marker"
    tampered(top, f"HEAD:{SCHEMA}", f"open({str(marker)!r}, 'w')\n")
    run(top, "validate", "--ref", "HEAD")
    assert marker.exists()


SPECIAL = (".git/HEAD", ".git/config", ".git/shallow", ".git/packed-refs", ".git/index", ".git/objects/info/alternates")
VERBS = (
    ("validate", "--staged"),
    ("validate", "--ref", "HEAD"),
    ("explain", TARGET, "A"),
    ("history", TARGET),
    ("diff", "HEAD:"),
)


def ended(top: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*quick(), *words], cwd=top, capture_output=True, timeout=ENVTREE_TIMEOUT, check=False)


@pytest.mark.parametrize("path", SPECIAL)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_device_in_a_repository_keeps_nobody_waiting(top: Path, path: str, kind: str) -> None:
    file = top / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    os.mkfifo(file) if kind == "pipe" else file.symlink_to("/dev/zero")
    for words in VERBS:
        done = ended(top, *words)
        assert done.returncode in (0, 2)
        assert done.returncode == 0 or b"is no plain file" in done.stderr
    assert b"bug" not in done.stderr


def test_a_pipe_in_place_of_an_object_or_a_branch_keeps_nobody_waiting(top: Path) -> None:
    for path in (loose(top, f"HEAD:{SCHEMA}"), top / ".git/refs/heads/main"):
        path.unlink()
        os.mkfifo(path)
        assert b"is no plain file" in ended(top, "validate", "--ref", "main").stderr


@pytest.mark.parametrize("how", ["file", "settings", "worktree", "link", "huge"])
def test_a_mailmap_keeps_nobody_waiting(top: Path, how: str) -> None:
    commit(top, {COMMON: "A: 2\n"})
    pipe = top.parent / "pipe"
    os.mkfifo(pipe)
    if how == "file":
        os.mkfifo(top / ".mailmap")
    elif how == "settings":
        git(top, "config", "mailmap.file", pipe)
    elif how == "worktree":
        os.mkfifo(top.parent / ".mailmap")
        git(top, "config", "core.worktree", top.parent)
    elif how == "link":
        (top / ".mailmap").symlink_to(pipe)
        git(top, "add", ".mailmap")
        commit(top)
    else:
        commit(top, {".mailmap": "#\n" * (1 << 20)})
    for words in VERBS[2:]:
        done = ended(top, *words)
        assert done.returncode in ((0, 1, 2) if how == "worktree" else (0, 1)), done.stderr


def test_git_itself_waits_for_a_pipe(top: Path) -> None:
    os.mkfifo(top / ".mailmap")
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(
            ["git", "rev-list", "--format=%aN", "HEAD"], cwd=top, capture_output=True, timeout=3, check=False
        )


def test_a_mailmap_counts_as_it_is_checked_out(tmp_path: Path) -> None:
    top = init(tmp_path / "repository")
    for text in ("A: 1\n", "A: 2\n"):
        commit(top, {**TREE, COMMON: text, ".mailmap": "Anna Example <ann@example.org>\n"})
    assert "Anna Example" in run(top, "history", TARGET).stdout
