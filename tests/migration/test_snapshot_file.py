"""Snapshots on disk: for one user alone, whole or not at all, over no other file, nowhere that git would see them."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.migration.apps.fleet import App, Fleet
from envtree.migration.snapshot_file import read_snapshot, write_snapshot
from tests.adapters.faults import KILL, calls, struck, warm_up
from tests.builders import SETTINGS

CANARY = "canary-5e1f"
FLEET = Fleet((App("acme", values={"KEY": CANARY, "EMPTY": ""}, release=3), App("acme-stg")), "https://api.heroku.com")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Not below a git work tree: pytest's own folder may be in one."""
    (tmp_path / "home").mkdir(mode=0o700)
    return tmp_path / "home"


def refused(path: Path) -> Diagnostic:
    with pytest.raises(EnvtreeError) as caught:
        write_snapshot(str(path), FLEET)
    (problem,) = caught.value.diagnostics
    return problem


def unread(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(EnvtreeError) as caught:
        read_snapshot(str(path))
    assert CANARY not in str(caught.value)
    return caught.value.diagnostics


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_what_is_read_is_what_was_written_and_its_users_alone(umask: int, folder: Path) -> None:
    before = os.umask(umask)
    try:
        write_snapshot(str(folder / "fleet.json"), FLEET)
    finally:
        os.umask(before)
    assert [(path.name, mode_of(path)) for path in folder.iterdir()] == [("fleet.json", 0o600)]
    assert read_snapshot(str(folder / "fleet.json")) == FLEET


def test_a_name_alone_is_one_in_this_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    write_snapshot("fleet.json", FLEET)
    assert read_snapshot("fleet.json") == FLEET


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling link"])
def test_nothing_that_is_there_is_overwritten(kind: str, folder: Path) -> None:
    path = folder / "fleet.json"
    if kind == "file":
        path.write_text("mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(folder if kind == "link" else folder / "gone")
    before = sorted(folder.iterdir())
    problem = refused(path)
    assert (problem.code, problem.message) == ("unusable-snapshot", f"`{path}` is already there")
    assert sorted(folder.iterdir()) == before


def test_a_path_that_names_no_file_is_refused(folder: Path) -> None:
    with pytest.raises(EnvtreeError, match="names no file"):
        write_snapshot(f"{folder}/", FLEET)


@pytest.mark.parametrize("sign", [".git", ".git/config", "envtree.yaml"])
@pytest.mark.parametrize("below", ["", "a/b"])
def test_no_repository_and_no_tree_takes_a_snapshot(sign: str, below: str, folder: Path) -> None:
    (folder / below).mkdir(parents=True, exist_ok=True)
    (folder / sign).parent.mkdir(exist_ok=True)
    (folder / sign).write_text(SETTINGS)
    elsewhere = folder.parent / "link"
    elsewhere.symlink_to(folder / below)
    for path in (folder / below / "fleet.json", elsewhere / "fleet.json"):
        problem = refused(path)
        assert problem.code == "exposed-snapshot"
        assert f"`{folder}`, with every secret in clear" in problem.message
    assert not list(folder.rglob("fleet.json"))


def test_a_folder_that_others_write_to_takes_none_unless_each_file_stays_its_owners(folder: Path) -> None:
    folder.chmod(0o777)
    problem = refused(folder / "fleet.json")
    assert (problem.code, list(folder.iterdir())) == ("exposed-snapshot", [])
    folder.chmod(0o1777)
    write_snapshot(str(folder / "fleet.json"), FLEET)


def test_a_folder_that_is_not_there_is_not_made(folder: Path) -> None:
    problem = refused(folder / "a/fleet.json")
    assert (problem.code, problem.message.rpartition(": ")[2]) == ("cannot-write", "no such file or directory")
    assert list(folder.iterdir()) == []


WRITE = """
import sys
from envtree.migration.snapshot_file import write_snapshot
from envtree.core.model.diagnostic import EnvtreeError
from envtree.migration.apps.fleet import App, Fleet
try:
    write_snapshot(sys.argv[1], Fleet((App("acme", values={"KEY": "x" * 300_000}),)))
except EnvtreeError as error:
    sys.exit(error.diagnostics[0].code)
"""
WRITING = ("write", "fsync", "fchmod", "link", "linkat", "unlink", "unlinkat")


def test_a_fault_at_any_call_leaves_all_of_it_or_nothing(tmp_path: Path) -> None:
    def words(home: Path) -> tuple[str, ...]:
        home.mkdir()
        return (sys.executable, "-c", WRITE, str(home / "fleet.json"))

    warm_up(words(tmp_path / "warm"))
    first = tmp_path / "first"
    points = [each for each in calls(words(first), first, tmp_path / "log") if each.name in WRITING]
    assert {each.name for each in points} >= {"write", "fsync", "fchmod"}
    whole = (first / "fleet.json").read_bytes()
    faults = [("error=ENOSPC", each) for each in points if "unlink" not in each.name] + [(KILL, points[-1])]
    for number, (fault, point) in enumerate(faults):
        home = tmp_path / str(number)
        done = struck(words(home), home, point, fault, tmp_path / "log")
        left = [path for path in home.iterdir() if path.name == "fleet.json" or fault != KILL]
        if fault == KILL:
            assert [path.read_bytes() for path in left] == [whole]
            assert {mode_of(path) for path in home.iterdir()} == {0o600}
        else:
            assert (left, done.stderr) == ([], "cannot-write\n")


@pytest.mark.root
def test_a_full_disk_keeps_nothing(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", folder], check=True)
    try:
        with pytest.raises(EnvtreeError, match="can't be written: no space left on device"):
            write_snapshot(str(folder / "fleet.json"), Fleet((App("acme", values={"KEY": "x" * 300_000}),)))
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run(["umount", folder], check=True)


def config(folder: Path, **files: str) -> Path:
    """A folder as somebody saves it who has no envtree on that machine."""
    home = folder / "configs"
    home.mkdir()
    for name, text in files.items():
        (home / f"{name}.json").write_text(text)
        (home / f"{name}.json").chmod(0o600)
    return home


def test_a_folder_of_saved_config_vars_is_a_fleet(folder: Path) -> None:
    home = config(folder, **{"acme-stg": "{}\n", "acme": '{\n  "KEY": "a\\nb"\n}\n'})
    (home / ".DS_Store").write_text("")
    assert read_snapshot(str(home)) == Fleet((App("acme", values={"KEY": "a\nb"}), App("acme-stg", values={})))


def test_all_that_is_wrong_in_a_folder_is_said_at_once(folder: Path) -> None:
    home = config(folder, empty="", cut=f'{{"KEY": "{CANARY}', number='{"KEY": 1}', acme="{}")
    (home / "notes.txt").write_text("")
    (home / "sub.json").mkdir()
    problems = unread(home)
    assert {each.code for each in problems} == {"unusable-snapshot"}
    assert [each.message.removeprefix(f"`{home}/") for each in problems] == [
        "cut.json` can't be used: it is not JSON, or ends before it is complete",
        "empty.json` can't be used: it is empty; what printed it may have failed",
        "notes.txt` is no file of an app: its name doesn't end in `.json`",
        "number.json` can't be used: variable 1 of it is no text",
        "sub.json` can't be read: is a directory",
    ]


def test_a_folder_without_files_is_no_fleet(folder: Path) -> None:
    assert unread(folder)[0].message == f"`{folder}` has no files"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_what_others_can_read_is_refused(mode: int, folder: Path) -> None:
    write_snapshot(str(folder / "fleet.json"), FLEET)
    (folder / "fleet.json").chmod(mode)
    (problem,) = unread(folder / "fleet.json")
    assert (problem.code, problem.help) == ("exposed-snapshot", f"run `chmod 600 {folder}/fleet.json`")
    home = config(folder, **dict.fromkeys("abcde", "{}"))
    for path in home.iterdir():
        path.chmod(mode)
    (problem,) = unread(home)
    assert "and 2 more" in problem.message
    assert problem.help == f"run `chmod 600 {home}/*.json`"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "can't be read: no such file or directory"),
        (os.mkfifo, "no plain file"),
        (lambda path: path.write_bytes(b"\xff\xfe{"), "is not UTF-8"),
        (lambda path: path.write_text(""), "can't be used: it is empty"),
        (lambda path: path.write_text('{"KEY": "x"}'), "can't be used: it is no snapshot"),
        (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), (256 << 20) + 1), "is larger than 256 MiB"),
    ],
)
def test_what_is_no_snapshot_is_said_to_be_none(make: object, words: str, folder: Path) -> None:
    path = folder / "fleet.json"
    make(path)  # type: ignore[operator]
    if path.exists():
        path.chmod(0o600)
    (problem,) = unread(path)
    assert (problem.code, words in problem.message) == ("unusable-snapshot", True), problem
    shutil.rmtree(folder)
