"""Who could have written a file is asked of what is read, while another user puts something else in its place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envtree.adapters import schemas
from envtree.adapters.files import worktree
from envtree.adapters.files.ownership import exposed_folders, is_unsafe
from envtree.commands.tree import faults_of_ownership, load_schemas, read_tree
from envtree.core.compile import read_project_of
from envtree.core.model.source import MAX_FILE
from tests.builders import SERVICE, small_tree, write_tree
from tests.cli.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.model.source import Source

ATTACKER = 54321
"""A user without a name."""
GOOD = "from envtree import Settings\n\nclass Common(Settings):\n    A: str\n"
EVIL = "from pathlib import Path\nPath({marker!r}).write_text('run')\n"
SWAP = """\
import ctypes, os, sys
os.chdir({folder!r})  # the folders above are closed to others
os.setgroups([]); os.setgid({user}); os.setuid({user})
libc, first, second, turns = ctypes.CDLL(None), {first!r}, {second!r}, 0
print("ready", flush=True)
while libc.renameat2(-100, first, -100, second, 2) == 0:
    turns += 1
"""
"""Exchanges two names in a folder, as another user, as fast as it can."""

only_root = pytest.mark.root


@contextmanager
def swapping(folder: Path, first: str, second: str) -> Iterator[None]:
    """While another user exchanges two names in a folder of his."""
    script = SWAP.format(user=ATTACKER, folder=str(folder), first=first.encode(), second=second.encode())
    attacker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert attacker.stdout
        assert attacker.stdout.readline() == b"ready\n"
        yield
        assert attacker.poll() is None, attacker.stderr and attacker.stderr.read()
    finally:
        attacker.send_signal(signal.SIGKILL)
        attacker.communicate()


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A tree of root's in a folder of the attacker's, who has schemas, settings and layers of his own beside it."""
    folder = write_tree(tmp_path / "stage", small_tree(**{"configs/common.yaml": "A: a\n", "schemas/common.py": GOOD}))
    theirs = {
        "schemas-2/common.py": EVIL.format(marker=str(tmp_path / "marker")),
        "configs-2/accounts/service.yaml": SERVICE.replace("serve", "steal"),
        "configs-2/common.yaml": "A: theirs\n",
    }
    write_tree(folder, theirs)
    for path in (folder, *folder.glob("*-2"), *folder.glob("*-2/**/*")):
        os.chown(path, ATTACKER, ATTACKER)
    return folder


def runs_schemas(folder: Path) -> bool:
    """Whether the schemas that are there now are run."""
    tree = read_tree(str(folder))
    project, _ = read_project_of(tree.source)
    return bool(load_schemas(tree, project)[0])


def assert_never_run(folder: Path, times: int) -> None:
    answers = set()
    with swapping(folder, "schemas", "schemas-2"):
        for _ in range(times):
            answers.add(runs_schemas(folder))
            assert not (folder.parent / "marker").exists()
    assert answers == {True, False}  # it met root's own, and the other's


@only_root
def test_schemas_that_are_swapped_while_they_are_read_are_never_run(stage: Path) -> None:
    assert_never_run(stage, 300)


@only_root
@pytest.mark.soak
def test_schemas_that_are_swapped_ten_thousand_times_are_never_run(stage: Path) -> None:
    assert_never_run(stage, 10_000)


def checked_by_path(folder: Path, source: Source) -> None:
    """Run schemas as it was done once: their bytes are read, and then it is asked who owns what is there by now."""
    paths = [folder / "schemas", *(folder / "schemas").glob("*.py")]
    if not any(is_unsafe(str(path)) for path in paths):
        schemas.load(source, read_project_of(source)[0])


@only_root
def test_a_check_of_paths_would_let_the_swapped_schemas_run(stage: Path) -> None:
    marker, end = stage.parent / "marker", time.monotonic() + 240
    with swapping(stage, "schemas", "schemas-2"):
        while not marker.exists():
            assert time.monotonic() < end
            checked_by_path(stage, worktree.read(str(stage)))


@only_root
def test_without_the_check_the_swapped_schemas_are_run(stage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worktree, "others_can_write", lambda *_: False)
    marker, end = stage.parent / "marker", time.monotonic() + 240
    with swapping(stage, "schemas", "schemas-2"):
        while not marker.exists():
            assert time.monotonic() < end
            runs_schemas(stage)


@only_root
def test_commands_that_are_swapped_in_are_never_built(stage: Path) -> None:
    os.chown(stage, 0, 0)
    (stage / "inner").mkdir()
    for name in ("envtree.yaml", "schemas", "configs", "configs-2"):
        (stage / name).rename(stage / "inner" / name)
    os.chown(stage / "inner", ATTACKER, ATTACKER)
    with swapping(stage / "inner", "configs", "configs-2"):
        for _ in range(100):
            tree = read_tree(str(stage / "inner"))
            assert faults_of_ownership(tree)
            assert "." in tree.source.unsafe
            theirs = b"steal" in tree.source.files.get("configs/accounts/service.yaml", b"")
            assert theirs == ("configs/accounts/service.yaml" in tree.source.unsafe)


@only_root
def test_a_pipe_that_is_swapped_in_keeps_nobody_waiting(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "stage", small_tree(**{"configs/common.yaml": "A: a\n"}))
    os.mkfifo(folder / "configs/pipe")
    for path in (folder / "configs", folder / "configs/pipe"):
        os.chown(path, ATTACKER, ATTACKER)
    refused = set()
    with swapping(folder / "configs", "common.yaml", "pipe"):
        for _ in range(500):
            refused |= set(worktree.read(str(folder)).refused)
    assert refused <= {"configs/common.yaml", "configs/pipe"}


def test_an_endless_file_is_read_no_further_than_a_file_may_be(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "tree", small_tree(**{"configs/common.yaml": "A: a\n"}))
    with (folder / "configs/common.yaml").open("wb") as file:
        file.truncate(1 << 40)
    done = run(folder, "validate")
    assert (done.code, f"is larger than {MAX_FILE >> 20} MiB" in done.stdout) == (1, True)


def test_rights_of_one_more_user_are_seen_where_the_group_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(0o664)
    monkeypatch.setattr("envtree.adapters.files.ownership._is_private", lambda *_: True)
    assert not is_unsafe(str(path))
    # version 2; owner rw, user 1000 rw, group r, mask rw, others r, as acl(5) has them
    entries = [(1, 6, -1), (2, 6, 1000), (4, 4, -1), (16, 6, -1), (32, 4, -1)]
    packed = b"\2\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + (user & 0xFFFFFFFF).to_bytes(4, "little")
        for tag, bits, user in entries
    )
    try:
        os.setxattr(path, "system.posix_acl_access", packed)
    except OSError:
        pytest.skip("this file system knows no access lists")
    assert is_unsafe(str(path))


def test_a_folder_above_in_which_others_can_rename_is_named(tmp_path: Path) -> None:
    inner = tmp_path / "shared/inner"
    inner.mkdir(parents=True)
    assert exposed_folders(str(inner / "file")) == ()
    (tmp_path / "shared").chmod(0o777)
    assert exposed_folders(str(inner / "file")) == (str(tmp_path / "shared"),)
    (tmp_path / "shared").chmod(0o1777)  # as /tmp is
    assert exposed_folders(str(inner / "file")) == ()
