"""An output under any umask, in a folder that hands its group down, and for a group: it works, and lets in no other."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.store.verify import verify
from tests.adapters.faults import NEW, OLD, everything, here, write_source
from tests.boxes import ENVTREE, Box, actor

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
AS_GROUP = ("setpriv", "--reuid=65533", f"--regid={NOBODY}", "--clear-groups")
AS_STRANGER = ("setpriv", "--reuid=65533", "--regid=65533", "--clear-groups")
VALUE = "current/common/env/LEVEL"
needs_root = pytest.mark.root
STORE = f"environments: [review]\nprocesses: {{main: {actor('store', 'obey', ready='sleep 0.3')}}}\n"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def build(files: dict[str, str], out: Path, *options: str) -> str:
    """Build, and return what that said."""
    with tempfile.TemporaryDirectory() as source:
        with umask(0o022):
            tree = write_source(Path(source) / "tree", files)
        done = here("build", "-C", tree, "--out", out, *options)
    assert done.code == 0, done.stderr
    return done.stderr


def modes(top: Path) -> dict[str, int]:
    """The modes of all that is in a folder but links, and of it."""
    paths = (top, *(path for path in top.rglob("*") if not path.is_symlink()))
    return {str(path.relative_to(top)): stat.S_IMODE(path.stat().st_mode) for path in paths}


def can_read(user: tuple[str, ...], out: Path) -> bool:
    return subprocess.run((*user, "cat", out / VALUE), capture_output=True, check=False).stdout == b"info\n"


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o077, 0o777])
def test_the_umask_has_no_say_in_an_output_nor_in_the_folders_above_it(mask: int, tmp_path: Path) -> None:
    usual, other = tmp_path / "usual/a/b/out", tmp_path / "other/a/b/out"
    with umask(0o022):
        build(NEW, usual)
    with umask(mask):
        build(NEW, other)
    assert modes(other) == modes(usual)
    above = [stat.S_IMODE(path.stat().st_mode) for path in other.parents[:3]]
    assert above == [0o755] * 3
    assert verify(str(other))[1] == ()


def test_folders_above_would_be_open_to_all_if_the_umask_were_left_out_alone(tmp_path: Path) -> None:
    with umask(0):
        os.makedirs(tmp_path / "c/d/out", 0o755)  # noqa: PTH103 - as it was done
    assert stat.S_IMODE((tmp_path / "c/d").stat().st_mode) == 0o777  # `mode` is for the last one alone


@needs_root
def test_in_a_folder_that_hands_its_group_down_an_output_is_whole_and_that_groups(open_folder: Path) -> None:
    os.chown(open_folder, 0, NOBODY)
    open_folder.chmod(0o2755)
    out = open_folder / "out"
    build(OLD, out, "--mode", "0640")
    build(NEW, out, "--mode", "0640")
    assert stat.S_IMODE((out / "current/common").stat().st_mode) == 0o2750  # what used to be called damage
    assert verify(str(out))[1] == ()
    assert {path.stat().st_gid for path in (out, *out.rglob("*"))} == {NOBODY}
    assert (can_read(AS_GROUP, out), can_read(AS_STRANGER, out)) == (True, False)
    before = everything(out)
    build(NEW, out, "--mode", "0640", "--repair")
    assert everything(out) == before


@needs_root
def test_in_such_a_folder_a_private_output_stays_private(open_folder: Path) -> None:
    os.chown(open_folder, 0, NOBODY)
    open_folder.chmod(0o2755)
    out = open_folder / "out"
    build(NEW, out)
    assert verify(str(out))[1] == ()
    assert (can_read(AS_GROUP, out), can_read((), out)) == (False, True)


@pytest.mark.parametrize(("name", "mode"), [("", 0o4700), ("", 0o1700), ("env/LEVEL", 0o2600), ("", 0o2750)])
def test_every_other_bit_of_a_mode_is_damage(name: str, mode: int, open_folder: Path) -> None:
    out = open_folder / "out"
    build(NEW, out)
    path = (out / "current/common" / name).resolve()
    path.chmod(mode)
    assert [problem.code for problem in verify(str(out))[1]] == ["damaged-output"]


@pytest.mark.parametrize("owner", [":nogroup", "nobody:nogroup", f"{os.geteuid()}:{os.getegid()}"])
@pytest.mark.parametrize(("mode", "needed"), [("0600", "0640"), ("0400", "0440"), ("0604", "0644")])
def test_a_group_that_could_read_nothing_is_refused_with_the_mode_it_needs(
    owner: str, mode: str, needed: str, open_folder: Path
) -> None:
    done = here(
        "build", "-C", write_source(open_folder, NEW), "--out", open_folder / "out", "--owner", owner, "--mode", mode
    )
    assert done.code == 2
    assert f"names a group, and mode {mode} lets it read nothing" in " ".join(done.stderr.split())
    assert f"`--mode {needed}`" in done.stderr
    assert not (open_folder / "out").exists()


@needs_root
def test_with_that_mode_the_group_reads_and_nobody_else(open_folder: Path) -> None:
    out = open_folder / "out"
    build(NEW, out, "--owner", ":nogroup", "--mode", "0640")
    assert (can_read(AS_GROUP, out), can_read(AS_STRANGER, out)) == (True, False)


@pytest.mark.parametrize("mask", ["000", "077"])
def test_under_any_umask_nobody_else_can_write_what_a_boot_made(mask: str, tmp_path: Path) -> None:
    box = Box(tmp_path / "box", {"store": STORE})
    try:
        words = ("sh", "-c", f'umask {mask}; exec "$@"', "sh", *ENVTREE, *box.boot_words())
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        made = modes(box.run)
        assert {path: oct(mode) for path, mode in made.items() if mode & 0o022} == {}
        assert made["."] == 0o700
        assert made["services/store.main"] == 0o755
    finally:
        box.down()
        box.clean_up()
