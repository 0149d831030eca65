"""Edits at the same time, edits that are killed or find a full disk, and edits on a terminal: real processes all."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.adapters.faults import ENVTREE, KILL, calls, here, run, spread, struck, warm_up
from tests.builders import ENVTREE_TIMEOUT
from tests.editing.trees import CANARY, lay_out, read
from tests.forks import quick

if TYPE_CHECKING:
    from pathlib import Path

WRITING = (
    *("write", "fsync", "fchmod", "rename", "renameat", "renameat2"),
    *("link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat"),
)


def words(tree: Path, *more: str) -> tuple[str, ...]:
    return (*ENVTREE, *more, "-q", "-C", str(tree))


def started(tree: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*quick(), *words(tree, *more)[len(ENVTREE) :]], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def test_edits_at_once_lose_nothing(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    names = [f"NAME_{number}" for number in range(8)]
    (tree / "schemas/common.py").write_text(
        "from envtree import Settings\n\n\nclass Common(Settings):\n    LOG_LEVEL: str\n    LANG: str\n"
        + "".join(f"    {name}: str | None = None\n" for name in names)
    )
    running = [started(tree, "set", "common", f"{name}=x") for name in names]
    running += [started(tree, "set", "staging", f"{name}=y") for name in names[:4]]
    for each in running:
        _, said = each.communicate(timeout=ENVTREE_TIMEOUT)
        assert each.returncode == 0, said
    common = (tree / "configs/common.yaml").read_text()
    assert common.startswith("# for all\nLOG_LEVEL: info  # quiet\nLANG: C.UTF-8\n")
    assert sorted(common.splitlines()[3:]) == [f"{name}: x" for name in names]
    assert sorted((tree / "configs/staging.yaml").read_text().splitlines()) == [f"{name}: 'y'" for name in names[:4]]


def test_an_edit_waits_for_another_one_and_says_so(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    held = os.open(tree, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = started(tree, "set", "production", "OTHER=x")
        assert waiting.stderr is not None
        assert b"waiting for another edit of this tree" in waiting.stderr.readline()
        assert waiting.poll() is None
        assert run(words(tree, "set", "production", "OTHER=x", "--dry-run")).returncode == 0
    finally:
        os.close(held)
    waiting.communicate(timeout=ENVTREE_TIMEOUT)
    assert waiting.returncode == 0
    assert "OTHER: x" in (tree / "configs/production.yaml").read_text()


@pytest.mark.parametrize("strikes", [6, pytest.param(1000, marks=pytest.mark.soak, id="all")])
@pytest.mark.parametrize("fault", [KILL, "error=ENOSPC"])
@pytest.mark.parametrize("scope", ["production", "staging/accounts/worker"])
def test_a_fault_at_any_call_leaves_the_old_file_or_the_new(
    scope: str, fault: str, strikes: int, tmp_path: Path
) -> None:
    def edit(root: Path) -> tuple[str, ...]:
        return words(root, "set", scope, "LOG_LEVEL=debug")

    warm_up(edit(lay_out(tmp_path / "warm")))
    first = lay_out(tmp_path / "first")
    before = read(first)
    points = calls(edit(first), first, tmp_path / "strace.log")
    after = read(first)
    writing = [each for each in points if each.name in WRITING and (fault == KILL or "unlink" not in each.name)]
    assert len(writing) >= 4
    for number, point in enumerate(spread(writing, strikes)):
        root = lay_out(tmp_path / str(number))
        done = struck(edit(root), root, point, fault, tmp_path / "strace.log")
        left = read(root)
        stray = [path for path in left if path not in after]
        assert {path: data for path, data in left.items() if path not in stray} in (before, after), (point, left)
        assert all(path.rpartition("/")[2].startswith(".") for path in stray)  # what is no part of a tree
        assert fault == KILL or (done.returncode == 2 and not stray and "no space left" in done.stderr), (point, done)
        assert here(*edit(root)[len(ENVTREE) :]).code == 0
        assert {path: data for path, data in read(root).items() if path in after} == after


def at_a_terminal(tree: Path, typed: bytes, *more: str) -> tuple[int, str]:
    """Run a command line that has a terminal, on which something is typed once it asks; what the terminal shows."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(ENVTREE[0], words(tree, *more))
    shown = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
        if shown.endswith(b"TOKEN: ") and typed:
            os.write(terminal, typed)
            typed = b""
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_a_value_that_is_typed_is_not_shown(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    code, shown = at_a_terminal(tree, b"typed-value\n", "set", "*/accounts", "TOKEN", "--clear")
    assert (code, "typed-value" in shown, CANARY in shown) == (0, False, False), shown
    assert "TOKEN: typed-value\n" in (tree / "configs/accounts/common.yaml").read_text()


@pytest.mark.parametrize(("typed", "code"), [(b"\n", 2), (b"\x04", 2), (b"\x03", 130)])
def test_nothing_that_is_typed_changes_nothing(typed: bytes, code: int, tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    before = read(tree)
    assert at_a_terminal(tree, typed, "set", "*/accounts", "TOKEN", "--clear")[0] == code
    assert read(tree) == before


def test_while_a_value_is_typed_no_other_edit_has_to_wait(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    child, terminal = pty.fork()
    if child == 0:
        os.execv(ENVTREE[0], words(tree, "set", "*/accounts", "TOKEN", "--clear"))
    shown = b""
    while not shown.endswith(b"TOKEN: "):
        shown += os.read(terminal, 4096)
    assert run(words(tree, "set", "*/accounts", "POOL=9")).returncode == 0
    os.write(terminal, b"typed-value\n")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(terminal)
    text = (tree / "configs/accounts/common.yaml").read_text()
    assert ("TOKEN: typed-value" in text, "POOL: 9" in text) == (True, True)


def test_what_can_not_be_shown_is_not_written(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    before = read(tree)
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(words(tree, "set", "common", "LOG_LEVEL=debug"), stdout=full, check=False)
    assert done.returncode == 2
    assert read(tree) == before
