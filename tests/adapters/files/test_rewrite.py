"""Files written anew in place: whole, as they were but for their bytes, and not over what somebody else wrote."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.files import rewrite as adapter
from envtree.adapters.files.lock import locked_tree
from envtree.adapters.files.rewrite import LINK, LINKED, FileEdit, linked_files, rewrite
from envtree.core.model.diagnostic import EnvtreeError
from tests.adapters.faults import ENVTREE, KILL, SETTINGS, calls, here, spread, struck, warm_up, write_source
from tests.cli.running import modes_hold_for_root

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = ("configs/a.yaml", "configs/b/c.yaml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_source(tmp_path / "tree", dict.fromkeys(LAYERS, "old\n"))


def edits() -> list[FileEdit]:
    return [FileEdit(path, b"old\n", b"new\n") for path in LAYERS]


def everything(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("owner", [(-1, -1), pytest.param((12, 34), marks=pytest.mark.root)])
def test_bytes_change_and_nothing_else(owner: tuple[int, int], root: Path) -> None:
    (root / LAYERS[0]).chmod(0o640)
    os.chown(root / LAYERS[0], *owner)
    before = (root / LAYERS[0]).stat()
    rewrite(str(root), edits())
    after = (root / LAYERS[0]).stat()
    assert everything(root) == dict.fromkeys(LAYERS, "new\n")
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


def test_a_mode_stays_under_any_umask(root: Path) -> None:
    before = os.umask(0o077)
    try:
        rewrite(str(root), edits())
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / LAYERS[0]).stat().st_mode) & 0o044


def test_a_file_that_changed_since_it_was_read_is_not_overwritten(root: Path) -> None:
    (root / LAYERS[1]).write_text("mine\n")
    with pytest.raises(EnvtreeError, match="changed while it was looked at"):
        rewrite(str(root), edits())
    assert everything(root) == {LAYERS[0]: "old\n", LAYERS[1]: "mine\n"}


@pytest.mark.parametrize("change", ["text", "same text", "link", "gone"])
def test_a_file_that_changes_while_others_are_written_is_not_overwritten(
    change: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, stage = root / LAYERS[0], adapter._stage

    def late(root: str, edit: FileEdit, stack: object) -> object:
        staged = stage(root, edit, stack)  # type: ignore[arg-type]
        if edit.path == LAYERS[1]:
            file.unlink()
            if change == "link":
                file.symlink_to("b/c.yaml")
            elif change != "gone":
                file.write_text("old\n" if change == "same text" else "mine\n")
        return staged

    monkeypatch.setattr(adapter, "_stage", late)
    with pytest.raises(EnvtreeError, match="changed while it was looked at"):
        rewrite(str(root), edits())
    assert (root / LAYERS[1]).read_text() == "old\n"
    assert sorted(path.name for path in root.rglob(".*")) == []


@pytest.mark.parametrize("what", ["file", "folder"])
def test_nothing_is_written_through_a_link(what: str, root: Path, tmp_path: Path) -> None:
    elsewhere = write_source(tmp_path / "elsewhere", {"c.yaml": "old\n"})
    (root / "configs/b/c.yaml").unlink()
    if what == "file":
        (root / "configs/b/c.yaml").symlink_to(elsewhere / "c.yaml")
    else:
        (root / "configs/b").rmdir()
        (root / "configs/b").symlink_to(elsewhere)
    with pytest.raises(EnvtreeError, match="changed while it was looked at"):
        rewrite(str(root), edits())
    assert (elsewhere / "c.yaml").read_text() == "old\n"
    assert (root / LAYERS[0]).read_text() == "old\n"


@pytest.mark.parametrize("path", ["configs/b", "configs/b/c.yaml"])
def test_what_may_not_be_written_keeps_all_as_it_was(path: str, root: Path) -> None:
    (root / path).chmod(0o555 if (root / path).is_dir() else 0o444)
    with modes_hold_for_root(), pytest.raises(EnvtreeError, match=r"`configs/b/c.yaml` can't be written: permission"):
        rewrite(str(root), edits())
    (root / path).chmod(0o755)
    assert everything(root) == dict.fromkeys(LAYERS, "old\n")


def test_links_and_where_they_lead_are_held(root: Path) -> None:
    (root / "configs/d.yaml").symlink_to("b/c.yaml")
    assert linked_files(str(root), [*LAYERS, "configs/d.yaml"]) == {"configs/d.yaml": LINK, "configs/b/c.yaml": LINKED}


REPEATING = {
    "envtree.yaml": SETTINGS,
    "configs/common.yaml": "A: 1\nB: 2\n",
    "configs/production.yaml": "A: 1\nP: 1\n",
    "configs/staging.yaml": "B: 2\nS: 1\n",
    "configs/api/service.yaml": "processes: {web: {command: run}}\n",
    "configs/api/common.yaml": "# all\nA: 1\n",
}
MENDED = {
    **REPEATING,
    "configs/production.yaml": "P: 1\n",
    "configs/staging.yaml": "S: 1\n",
    "configs/api/common.yaml": "# all\n",
}
WRITING = ("write", "fsync", "fchmod", "rename", "renameat", "renameat2", "unlink", "unlinkat")


@pytest.mark.parametrize("strikes", [6, pytest.param(1000, marks=pytest.mark.soak, id="all")])
@pytest.mark.parametrize("fault", [KILL, "error=ENOSPC"])
def test_a_fault_at_any_call_leaves_each_file_old_or_new(fault: str, strikes: int, tmp_path: Path) -> None:
    def words(root: Path) -> tuple[str, ...]:
        return (*ENVTREE, "lint", "--fix", "-C", str(root))

    warm_up(words(write_source(tmp_path / "warm", REPEATING)))
    first = write_source(tmp_path / "first", REPEATING)
    points = calls(words(first), first, tmp_path / "strace.log")
    assert everything(first) == MENDED
    writing = [each for each in points if each.name in WRITING and (fault == KILL or "unlink" not in each.name)]
    assert len(writing) >= 9
    for number, point in enumerate(spread(writing, strikes)):
        root = write_source(tmp_path / str(number), REPEATING)
        done = struck(words(root), root, point, fault, tmp_path / "strace.log")
        left = everything(root)
        stray = [path for path in left if path not in REPEATING]
        assert all(left[path] in (REPEATING[path], MENDED[path]) for path in REPEATING), (point, left)
        assert all(path.rpartition("/")[2].startswith(".") for path in stray)  # what is no part of a tree
        assert fault == KILL or (done.returncode == 2 and not stray), (point, done)
        assert here("lint", "--fix", "-q", "-C", root).code == 0
        assert {path: text for path, text in everything(root).items() if path in MENDED} == MENDED


NEW = "configs/x/y/new.yaml"


def new_file() -> list[FileEdit]:
    return [FileEdit(LAYERS[0], b"old\n", b"new\n"), FileEdit(NEW, None, b"made\n")]


def test_a_new_file_comes_with_its_folders(root: Path) -> None:
    rewrite(str(root), new_file())
    assert everything(root) == {LAYERS[0]: "new\n", LAYERS[1]: "old\n", NEW: "made\n"}
    assert (root / NEW).stat().st_nlink == 1


@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_a_new_file_takes_the_place_of_nothing(what: str, root: Path) -> None:
    (root / NEW).parent.mkdir(parents=True)
    if what == "file":
        (root / NEW).write_text("mine\n")
    elif what == "link":
        (root / NEW).symlink_to("nowhere")
    else:
        (root / NEW).mkdir()
    with pytest.raises(EnvtreeError, match="changed while it was looked at"):
        rewrite(str(root), new_file())
    assert (root / LAYERS[0]).read_text() == "old\n"
    assert sorted(path.name for path in root.rglob(".*")) == []


def test_a_new_file_that_another_makes_meanwhile_stays_as_that_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = adapter._check

    def late(staged: object, folder: int) -> None:
        check(staged, folder)  # type: ignore[arg-type]
        (root / NEW).write_text("mine\n")

    monkeypatch.setattr(adapter, "_check", late)
    with pytest.raises(EnvtreeError, match="changed while it was looked at"):
        rewrite(str(root), new_file()[1:])
    assert everything(root) == {**dict.fromkeys(LAYERS, "old\n"), NEW: "mine\n"}


def test_a_file_system_without_hard_links_takes_a_new_file_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    rewrite(str(root), new_file())
    assert everything(root) == {LAYERS[0]: "new\n", LAYERS[1]: "old\n", NEW: "made\n"}


def test_folders_that_were_made_for_nothing_are_removed(root: Path) -> None:
    edits = [FileEdit(NEW, None, b"made\n"), FileEdit(LAYERS[0], b"other\n", b"new\n")]
    with pytest.raises(EnvtreeError, match="changed while it was looked at"):
        rewrite(str(root), edits)
    assert not (root / "configs/x").exists()


def test_a_new_file_is_made_through_no_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "configs/x").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvtreeError, match="changed while it was looked at"):
        rewrite(str(root), new_file())
    assert sorted((tmp_path / "elsewhere").iterdir()) == []


def test_one_at_a_time_holds_a_tree(root: Path) -> None:
    waited: list[bool] = []
    with locked_tree(str(root), lambda: waited.append(True)):
        descriptor = os.open(root, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)
    with locked_tree(str(root), lambda: waited.append(True)):
        pass
    assert waited == []
