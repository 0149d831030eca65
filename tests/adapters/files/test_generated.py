"""Files made from a tree: what differs is written, what is stale goes, and what someone else made stays."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from envtree.adapters.files.generated import Outdated, compare, make_ignored, write_generated
from envtree.core.model.diagnostic import EnvtreeError
from tests.cli.running import modes_hold_for_root

MARK = "made\n"
FILES = {"a.json": f"{MARK}a", "b/c.json": f"{MARK}c", "b/d/e.json": f"{MARK}e"}
NOTHING = Outdated((), (), ())


def write(root: Path, files: dict[str, str] = FILES, folder: str = "") -> Outdated:
    outdated = compare(str(root), folder, files, MARK)
    write_generated(str(root), folder, files, outdated)
    assert compare(str(root), folder, files, MARK) == NOTHING
    return outdated


def there(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("folder", ["", "x", "x/y"])
def test_what_is_missing_is_written_and_then_nothing_is(folder: str, tmp_path: Path) -> None:
    assert write(tmp_path, folder=folder) == Outdated(tuple(FILES), (), ())
    assert there(tmp_path / folder) == FILES
    assert write(tmp_path, folder=folder) == NOTHING


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    write(tmp_path)
    before = {path: (tmp_path / path).stat().st_ino for path in FILES}
    assert write(tmp_path, {**FILES, "b/c.json": f"{MARK}new"}) == Outdated((), ("b/c.json",), ())
    after = {path: (tmp_path / path).stat().st_ino for path in FILES}
    assert [path for path in FILES if before[path] != after[path]] == ["b/c.json"]


def test_what_is_no_longer_made_goes_with_the_folders_that_it_leaves_empty(tmp_path: Path) -> None:
    write(tmp_path)
    assert write(tmp_path, {"a.json": FILES["a.json"]}) == Outdated((), (), ("b/c.json", "b/d/e.json"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_what_someone_else_made_stays(tmp_path: Path) -> None:
    write(tmp_path)
    others = {"package.json": "{}", "b/d/notes.txt": MARK, "b/d/f/g.json": MARK, "empty.json": ""}
    for path, text in others.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "link.json").symlink_to("a.json")
    (tmp_path / "linked").symlink_to("b")
    write(tmp_path, {"a.json": FILES["a.json"]})
    assert there(tmp_path) == {"a.json": FILES["a.json"], "link.json": FILES["a.json"], **others}


@pytest.mark.parametrize("content", [b"{}", b"", b"\xff", b"mad"])
def test_a_file_that_someone_else_made_is_not_written_over(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(EnvtreeError) as raised:
        write(tmp_path)
    assert raised.value.diagnostics[0].code == "unusable-output"
    assert (tmp_path / "a.json").read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("place", ["x", "x/b", "x/b/d", "x/a.json"])
def test_no_link_is_followed(place: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path / "root"
    (root / place).parent.mkdir(parents=True)
    (root / place).symlink_to(elsewhere if place != "x/a.json" else elsewhere / "new")
    with pytest.raises(EnvtreeError) as raised:
        write(root, folder="x")
    assert "is a link" in raised.value.diagnostics[0].message
    assert list(elsewhere.iterdir()) == []


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    os.mkfifo(tmp_path / "stale.json")
    with pytest.raises(EnvtreeError):
        write(tmp_path)
    (tmp_path / "a.json").unlink()
    write(tmp_path)
    assert stat.S_ISFIFO((tmp_path / "stale.json").stat().st_mode)


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("")
    with pytest.raises(EnvtreeError) as raised:
        write(tmp_path)
    assert raised.value.diagnostics[0].code == "cannot-write"


def test_where_a_folder_cannot_be_written_nothing_is_left_beside(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "b").chmod(0o500)
    with modes_hold_for_root(), pytest.raises(EnvtreeError) as raised:
        write(tmp_path, {path: f"{text} new" for path, text in FILES.items()})
    (tmp_path / "b").chmod(0o700)
    assert raised.value.diagnostics[0].code == "cannot-write"
    assert there(tmp_path) == {**FILES, "a.json": f"{MARK}a new"}


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "a.json").chmod(0)
    with modes_hold_for_root(), pytest.raises(EnvtreeError) as raised:
        write(tmp_path)
    assert "can't be read" in raised.value.diagnostics[0].message


def test_a_write_that_fails_halfway_leaves_the_old_file(tmp_path: Path) -> None:
    write(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    try:
        with pytest.raises(EnvtreeError) as raised:
            write(tmp_path, {**FILES, "a.json": MARK + "new" * (1 << 16)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "file too large" in raised.value.diagnostics[0].message
    assert there(tmp_path) == FILES


def test_git_passes_over_a_folder_unless_someone_wants_it_in_git(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    make_ignored(str(folder))
    assert there(folder) == {".gitignore": "*\n"}
    (folder / ".gitignore").unlink()
    make_ignored(str(folder))
    assert there(folder) == {}


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnvtreeError) as raised:
        make_ignored(str(tmp_path / "nowhere/made"))
    assert raised.value.diagnostics[0].code == "cannot-write"
