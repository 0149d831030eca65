"""The shell functions that all scripts share: those that compute something, run by a real /bin/sh."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from envtree.core.runit.supervision import TEXT
from envtree.machine.system.processes import find_process

if TYPE_CHECKING:
    from pathlib import Path


def sh(folder: Path, *lines: str) -> str:
    (folder / "supervise").mkdir(exist_ok=True)
    (folder / "supervision.sh").write_text(TEXT)
    script = "\n".join((". ./supervision.sh", *lines))
    done = subprocess.run(["/bin/sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.strip()


SHORT = "0"


@pytest.mark.parametrize(
    ("lived", "pause"),
    [
        ((), "0"),
        ((SHORT,), "1"),
        ((SHORT,) * 2, "2"),
        ((SHORT,) * 3, "4"),
        ((SHORT,) * 7, "60"),
        ((SHORT,) * 50, "60"),
        ((SHORT, SHORT, "59"), "4"),
        ((SHORT, SHORT, "60"), "1"),
        ((SHORT, SHORT, "3600", SHORT), "2"),
    ],
)
def test_each_pause_is_twice_the_one_before_until_a_minute_up(
    tmp_path: Path, lived: tuple[str, ...], pause: str
) -> None:
    ends = "".join(f"{at} 7 0 {seconds}\n" for at, seconds in enumerate(lived, 100))
    (tmp_path / "ends").write_text(ends)
    assert sh(tmp_path, "clock", "pause <ends", 'echo "$pause"') == pause


def test_ends_of_before_the_machine_started_count_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "ends").write_text("99999999999 7 0 0\n" * 5)
    assert sh(tmp_path, "clock", "pause <ends", 'echo "$pause"') == "0"


def test_somebody_is_called_once_in_a_window_and_again_in_the_next(tmp_path: Path) -> None:
    (tmp_path / "supervise").mkdir()
    ends, called = tmp_path / "supervise/ends", tmp_path / "supervise/called"
    lines = ("now=1000", 'if often 3 60; then echo "called after $times"; else echo no; fi')
    assert sh(tmp_path, *lines) == "no"
    ends.write_text("900 7 0 0\n980 7 0 0\n990 7 0 0\n")
    assert sh(tmp_path, *lines) == "no"
    ends.write_text(f"{ends.read_text()}1000 -1 9 3\n")
    assert sh(tmp_path, *lines) == "called after 3"
    assert called.read_text() == "1000\n"
    assert sh(tmp_path, *lines) == "no"
    assert sh(tmp_path, "now=1030", *lines[1:]) == "no"
    ends.write_text("1050 7 0 0\n1055 7 0 0\n1060 7 0 0\n")
    assert sh(tmp_path, "now=1060", *lines[1:]) == "called after 3"


@pytest.mark.parametrize("wanted", ["run, want down, got TERM", "run"])
def test_an_end_is_counted_only_where_nobody_asked_for_it(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "supervise").mkdir()
    (tmp_path / "supervise/stat").write_text(f"{wanted}\n")
    asked = "down" in wanted
    assert sh(tmp_path, "note_end 7 0 && echo unasked") == ("" if asked else "unasked")
    assert (tmp_path / "supervise/ended").read_text().startswith("7 0 ")
    assert (tmp_path / "supervise/ends").exists() != asked


def test_no_more_than_fifty_ends_are_kept(tmp_path: Path) -> None:
    lines = ("count=0", "while [ $count -lt 60 ]; do count=$((count + 1)); note_end $count 0; done")
    sh(tmp_path, *lines)
    kept = (tmp_path / "supervise/ends").read_text().splitlines()
    assert [line.split()[1] for line in kept] == [str(each) for each in range(11, 61)]


@pytest.mark.parametrize("name", ["plain", "a b", ") S 1 1 1", "two\nlines", "x\n) Z 1 1", "\n", "(a) (b"])
def test_a_process_is_known_whatever_it_calls_itself(tmp_path: Path, name: str) -> None:
    code = "import sys; open('/proc/self/comm', 'w').write(sys.argv[1]); print(flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", code, name]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = find_process(process.pid)
        assert found is not None
        assert found.name == name
        said = sh(tmp_path, f'look {process.pid} && echo "$state $parent $session $start"')
        assert said.split()[1:] == [str(os.getpid()), str(process.pid), str(found.start)]
        process.kill()


def test_what_a_start_has_waited_is_no_time_up(tmp_path: Path) -> None:
    sh(tmp_path, "sleep 2.1", "record", "note_end 7 0")
    _, code, number, lived = (tmp_path / "supervise/ends").read_text().split()
    assert (code, number) == ("7", "0")
    assert int(lived) < 2
