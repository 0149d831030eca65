"""Two builds into one output at the same time, and readers meanwhile: one waits, and nobody sees a mix."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.store.verify import verify
from tests.adapters.faults import (
    NEW,
    NEW_ENVDIRS,
    OLD,
    SETTINGS,
    as_tree,
    build,
    build_words,
    envtree,
    everything,
    generations,
    read_current,
    run,
    write_source,
)
from tests.waiting import LONG, child, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., subprocess.Popen[str]]

MARKS = 8  # files that hold the mark, over all envdirs of a generation


def marked(root: Path, mark: str) -> Path:
    """A tree whose every layer says which one it is of; no name twice, so that each layer's file is written."""
    layers = ("", "production", "staging", "api/", "api/production", "api/web/")
    files = {f"configs/{name or 'common'}.yaml": f"MARK_{at}: {mark}\n" for at, name in enumerate(layers)}
    files = {path.replace("/.yaml", "/common.yaml"): text for path, text in files.items()}
    service = "directory: /srv\nuser: nobody\nprocesses:\n  web: {command: run}\n"
    return write_source(root, {**files, "envtree.yaml": SETTINGS, "configs/api/service.yaml": service})


def marks(out: Path) -> list[bytes]:
    return [data for path, (_, data) in read_current(out).items() if data is not None and "/MARK_" in path]


class Reader(threading.Thread):
    """Reads the current generation over and over, through one reading of `current` each time."""

    def __init__(self, out: Path) -> None:
        super().__init__()
        self.out = out
        self.ended = threading.Event()
        self.seen: set[bytes] = set()
        self.reads = 0
        self.faults: list[str] = []

    def look(self) -> None:
        """Wait until it has read once more, from the beginning."""
        before = self.reads
        wait_for(lambda: self.reads > before + 1 or self.faults)

    def run(self) -> None:
        while not self.ended.wait(0.01):  # the builds need the processors too
            try:
                found = marks(self.out)
            except (OSError, KeyError, AssertionError) as error:
                self.faults.append(repr(error))
                continue
            self.reads += 1
            self.seen.update(found)
            if len(found) != MARKS or len(set(found)) != 1:
                self.faults.append(f"a mix: {found}")


@contextlib.contextmanager
def reading(out: Path) -> Iterator[Reader]:
    reader = Reader(out)
    reader.start()
    try:
        yield reader
    finally:
        reader.ended.set()
        reader.join()


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """The output's lock, as another build holds it."""
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts builds, which end with the test."""
    with contextlib.ExitStack() as stack:

        def started(source: Path, out: Path, *options: str) -> subprocess.Popen[str]:
            return stack.enter_context(child(build_words(source, out, options), stderr=subprocess.PIPE, text=True))

        yield started


def wait_for_message(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def end(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=LONG)
    assert process.returncode == 0, errors


def assert_whole(out: Path, allowed: set[bytes]) -> None:
    found = marks(out)
    assert len(found) == MARKS
    assert len(set(found)) == 1
    assert set(found) <= allowed
    assert verify(str(out))[1] == ()
    assert not (out / ".tmp").exists()


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.soak)])
@pytest.mark.parametrize("meeting", ["by chance", "for sure"])
def test_of_two_builds_at_once_one_comes_after_the_other(
    start: Start, meeting: str, rounds: int, tmp_path: Path
) -> None:
    a, b, out = tmp_path / "a", tmp_path / "b", tmp_path / "out"
    build(marked(a, "start"), out)
    with reading(out) as reader:
        reader.look()
        for number in range(rounds):
            pair = [marked(a, f"a{number}"), marked(b, f"b{number}")]
            pair = pair[:: -1 if number % 2 else 1]
            if meeting == "for sure":  # both have compiled and wait, so that they surely meet
                with held(out):
                    processes = [start(source, out, "--keep", "5") for source in pair]
                    assert all("waiting for another build" in wait_for_message(each) for each in processes)
            else:
                processes = [start(source, out, "--keep", "5") for source in pair]
            for process in processes:
                end(process)
            assert_whole(out, {f"a{number}\n".encode(), f"b{number}\n".encode()})
            reader.look()
            assert len(generations(out)) == min(5, 1 + 2 * (number + 1))
    assert reader.faults == []
    assert reader.reads > rounds
    assert len(reader.seen) > rounds


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.soak)])
def test_two_first_builds_at_once_share_the_new_folder(start: Start, rounds: int, tmp_path: Path) -> None:
    a, b = marked(tmp_path / "a", "a"), marked(tmp_path / "b", "b")
    for number in range(rounds):
        out = tmp_path / "made" / str(number) / "out"
        processes = [start(source, out) for source in (a, b)]
        for process in processes:
            end(process)
        assert_whole(out, {b"a\n", b"b\n"})
        assert len(generations(out)) == 2


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.soak)])
def test_a_build_and_a_rollback_at_once_come_one_after_the_other(start: Start, rounds: int, tmp_path: Path) -> None:
    a, b, out = marked(tmp_path / "a", "a"), marked(tmp_path / "b", "b"), tmp_path / "out"
    build(a, out)
    build(b, out)
    c = tmp_path / "c"
    with reading(out) as reader:
        for number in range(rounds):
            building = start(marked(c, f"c{number}"), out, "--keep", "5")
            back = envtree("rollback", "-q", out)
            end(building)
            assert back.returncode == 0, back.stderr
            assert verify(str(out))[1] == ()
            assert not (out / ".tmp").exists()
    assert reader.faults == []


def test_a_build_waits_for_another_and_says_so(start: Start, tmp_path: Path) -> None:
    old, new, out = write_source(tmp_path / "b", OLD), write_source(tmp_path / "c", NEW), tmp_path / "out"
    build(old, out)
    with held(out):
        before = everything(out)
        process = start(new, out)
        message = wait_for_message(process)
        assert message == f"waiting for another build of {out}\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)
        assert everything(out) == before
    end(process)
    assert read_current(out) == as_tree(NEW_ENVDIRS)


def test_a_build_at_work_is_not_one_that_was_left_unfinished(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(write_source(tmp_path / "b", OLD), out)
    (out / ".tmp").mkdir()
    with held(out):
        assert verify(str(out))[1] == ()
    assert "a build was not finished" in verify(str(out))[1][0].message


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_a_build_ended_while_it_waits_leaves_nothing(
    start: Start, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    old, new, out = write_source(tmp_path / "b", OLD), write_source(tmp_path / "c", NEW), tmp_path / "out"
    build(old, out)
    with held(out):
        before = everything(out)
        process = start(new, out)
        wait_for_message(process)
        process.send_signal(number)
        _, errors = process.communicate(timeout=LONG)
        assert process.returncode == code
        assert "Traceback" not in errors
        assert everything(out) == before
    build(new, out)
    assert read_current(out) == as_tree(NEW_ENVDIRS)


def test_a_lock_that_a_killed_build_held_is_free(tmp_path: Path) -> None:
    old, out = write_source(tmp_path / "b", OLD), tmp_path / "out"
    build(old, out)
    holder = run(("sh", "-c", 'flock -x "$0" sh -c "kill -9 \\$PPID; true"', str(out)))
    assert holder.returncode != 0
    assert envtree("build", "-C", write_source(tmp_path / "c", NEW), "--out", out).returncode == 0
    assert verify(str(out))[1] == ()
