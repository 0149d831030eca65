"""`boot --foreground`: it looks after what it started, tells its manager, and ends all of it when it is told to end."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.boxes import ENVTREE, Box, actor
from tests.builders import ROOT
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_WELL, NOT_WELL, NO_ANSWER, INTERRUPTED = 0, 1, 2, 130
APP = f"processes:\n  one: {actor('one', 'obey', ready='true')}\n  two: {actor('two', 'obey', ready='true')}\n"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, {"app": APP})
    yield made
    made.clean_up()


def stays(box: Box, *options: str, **environ: str) -> subprocess.Popen[str]:
    """A boot in the foreground that has brought everything up."""
    going = box.start(*box.boot_words("--foreground", *options), **environ)
    wait_for(lambda: (box.run / "foreground").exists(), lambda: going.poll())
    return going


def ended(going: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    """The exit code after a signal, and what was said."""
    going.send_signal(number)
    _, said = going.communicate(timeout=LONG)
    assert "Traceback" not in said
    return going.returncode, said


def numbers(box: Box) -> dict[str, int]:
    return {name: box.main_of(f"app.{name}") for name in ("one", "two")}


class Manager:
    """What systemd does for `Type=notify`: it listens."""

    def __init__(self, listening: socket.socket, address: str) -> None:
        self.socket, self.address = listening, address
        self.socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self.socket.setblocking(False)
        self.lines: list[str] = []

    def hears(self) -> list[str]:
        """All that it was told."""
        try:
            while True:
                self.lines += self.socket.recv(4096).decode().splitlines()
        except BlockingIOError:
            return self.lines


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        yield Manager(listening, str(tmp_path / "notify"))


def test_it_tells_its_manager_and_brings_everything_down_at_a_signal(box: Box, manager: Manager) -> None:
    going = stays(box, NOTIFY_SOCKET=manager.address)
    wait_for(lambda: "STATUS=review: 2 processes up" in manager.hears(), manager.hears)
    assert manager.lines[0] == "STATUS=waits for 2 processes to start"
    assert manager.lines[-2:] == ["READY=1", "STATUS=review: 2 processes up"]
    environ = Path(f"/proc/{box.main_of('app.one')}/environ").read_bytes()
    assert b"NOTIFY_SOCKET" not in environ
    assert ended(going) == (ALL_WELL, "review is up: 2 started\ndown: 2 processes ended\n")
    assert "STOPPING=1" in manager.hears()
    assert box.says("one") == ["start", "got SIGTERM"]
    box.assert_gone()


def test_a_runsvdir_that_dies_is_brought_back_and_no_process_is_stopped_for_it(box: Box) -> None:
    going = stays(box)
    before = numbers(box)
    (runsvdir,) = box.supervisors("runsvdir")
    os.kill(runsvdir.number, signal.SIGKILL)
    wait_for(lambda: box.supervisors("runsvdir") not in ([], [runsvdir]), box.processes)
    assert (numbers(box), len(box.supervisors("runsv"))) == (before, 2)
    assert box.envtree("restart", "review/app/two", "--run", str(box.run)).returncode == 0
    assert box.main_of("app.one") == before["one"]

    (runsv,) = (each for each in box.supervisors("runsv") if each.words[1] == "app.one")  # nobody starts it again
    os.kill(runsv.number, signal.SIGKILL)
    wait_for(lambda: box.says("one").count("start") == 2, lambda: box.says("one"))
    assert box.envtree("status", "-q", "--run", str(box.run)).returncode in (0, 1)
    code, said = ended(going)
    assert code == ALL_WELL, said
    assert "runsvdir had died, and is back; no process was stopped for it" in said
    assert box.says("one") == ["start", "got SIGTERM", "start", "got SIGTERM"]
    assert box.says("two") == ["start", "got SIGTERM", "start", "got SIGTERM"]
    box.assert_gone()


def test_the_next_one_goes_on_with_what_a_killed_one_left(box: Box) -> None:
    killed = stays(box)
    before = numbers(box)
    done = box.envtree(*box.boot_words("--foreground"))
    assert (done.returncode, f"process {killed.pid} is `envtree boot --foreground`" in done.stderr) == (NO_ANSWER, True)
    killed.kill()
    killed.wait()
    going = box.start(*box.boot_words("--foreground"))
    wait_for(lambda: (box.run / "foreground").read_text().startswith(f"{going.pid} "))
    assert numbers(box) == before
    assert ended(going) == (ALL_WELL, "review is up: 2 as before\ndown: 2 processes ended\n")
    box.assert_gone()


def test_what_others_bring_down_and_boot_again_is_looked_after_as_well(box: Box) -> None:
    going = stays(box)
    assert box.down().returncode == 0
    assert not box.run.exists()
    assert going.poll() is None
    assert box.boot().returncode == 0
    wait_for(lambda: (box.run / "foreground").exists())
    (runsvdir,) = box.supervisors("runsvdir")
    os.kill(runsvdir.number, signal.SIGKILL)
    wait_for(lambda: box.supervisors("runsvdir") not in ([], [runsvdir]), box.processes)
    code, said = ended(going, signal.SIGINT)
    assert (code, "ctrl-C once more leaves what is still there" in said) == (ALL_WELL, True), said
    assert "unsupervised" not in said
    box.assert_gone()


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"after_stop": "exit 3"}, NOT_WELL, "`after_stop` failed: review/app/main: exit code 3"),
        ({"ready": "exit 1"}, ALL_WELL, "down: nothing is left of what it had started"),  # told to end as it boots
        ({"ready": "exit 1", "after_stop": "exit 3"}, NOT_WELL, "`after_stop` failed: review/app/main: exit code 3"),
    ],
)
def test_the_exit_code_says_how_all_ended_also_before_it_was_up(
    tmp_path: Path, fields: dict[str, str], code: int, says: str
) -> None:
    box = Box(tmp_path, {"app": f"processes: {{main: {actor('main', 'obey', **fields)}}}\n"})
    try:
        going = box.start(*box.boot_words("--foreground"))
        wait_for(lambda: "start" in box.says("main") and ("ready" in fields or (box.run / "foreground").exists()))
        done, said = ended(going)
        assert (done, says in said) == (code, True), said
        box.assert_gone()
    finally:
        box.clean_up()


def test_a_boot_that_fails_or_finds_no_role_ends_it(tmp_path: Path) -> None:
    box = Box(tmp_path, {"app": f"processes: {{main: {actor('main', 'crash')}}}\n"})
    try:
        done = box.boot("--foreground", "--timeout", "0.5")
        assert (done.returncode, "nothing runs" in done.stderr) == (NOT_WELL, True), done.stderr
        box.assert_gone()
        assert box.boot("--foreground", role="revue").returncode == NO_ANSWER
        going = stays(box, "--foreground", "--keep-going", "--timeout", "0.5")
        read = going.stderr
        assert read is not None
        line = ""
        while "ends again and again, last with exit code 7; its log is" not in line:
            line = read.readline()
            assert line
        assert ended(going)[0] == ALL_WELL
        box.assert_gone()
    finally:
        box.clean_up()


def test_that_nobody_reads_what_it_says_ends_nothing(box: Box) -> None:
    going = box.start(*box.boot_words("--foreground"))
    assert going.stdout is not None
    assert going.stderr is not None
    going.stdout.close()
    going.stderr.close()
    wait_for(lambda: (box.run / "foreground").exists())
    os.kill(box.supervisors("runsvdir")[0].number, signal.SIGKILL)
    wait_for(lambda: box.supervisors("runsvdir"))
    going.send_signal(signal.SIGHUP)
    assert going.wait(timeout=LONG) == ALL_WELL
    box.assert_gone()


def test_a_second_interrupt_ends_the_end_and_says_what_it_leaves(tmp_path: Path) -> None:
    process = actor("main", "obey", before_stop=json.dumps("touch $SAID/stopping; sleep 30"))
    box = Box(tmp_path, {"app": f"processes: {{main: {process}}}\n"})
    try:
        going = stays(box)
        going.send_signal(signal.SIGINT)
        wait_for((box.said / "stopping").exists)
        going.send_signal(signal.SIGTERM)  # changes nothing
        code, said = ended(going, signal.SIGINT)
        assert code == INTERRUPTED
        assert "still there: 1 process, such as review/app/main; `envtree down` ends everything" in said
    finally:
        box.clean_up()


@pytest.mark.root
def test_the_first_process_of_a_container_reaps_what_nobody_else_does(box: Box) -> None:
    """Numbers in its namespace are others than those here, where the box is looked at."""
    words = (*ENVTREE, "boot", "--out", str(box.out), "--foreground")
    inside = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", *words]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "ENVTREE_RUN": str(box.run)}
    environ["ENVTREE_AS"] = "production/app/one"
    with subprocess.Popen(inside, env=environ, stderr=subprocess.PIPE, text=True) as going:
        try:
            wait_for(lambda: (box.run / "foreground").exists(), going.poll)
            first = int(Path(f"/proc/{going.pid}/task/{going.pid}/children").read_text())
            assert (box.run / "foreground").read_text().startswith("1 ")
            enter = ("nsenter", "--target", str(first), "--pid", "--mount")
            script = "(sleep 0.2 & echo $!) | cat"
            orphan = subprocess.run([*enter, "sh", "-c", script], capture_output=True, text=True, check=True).stdout
            listed = (*enter, "sh", "-c", f"test -e /proc/{orphan.strip()}")
            wait_for(lambda: subprocess.run(listed, check=False).returncode == 1)
            status = [*enter, *ENVTREE, "status", "--json"]
            found = json.loads(subprocess.run(status, env=environ, capture_output=True, check=True).stdout)
            assert [each["target"] for each in found["processes"]] == ["production/app/one"]
            assert found["processes"][0]["environment"]["freshness"] == "current"
            os.kill(first, signal.SIGTERM)
            assert going.communicate(timeout=LONG)[1].endswith("down: 1 process ended\n")
            assert going.returncode == ALL_WELL
        finally:
            going.kill()
    box.assert_gone()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_killed_comes_back_by_itself_and_never_twice(box: Box, seed: int) -> None:
    """Thirty kills for each seed: of what looks after all, of supervisors, of processes; the first is started again."""
    chance = random.Random(seed)
    going, log = stays(box), []
    for _ in range(30):
        victims = [("foreground", going.pid)]
        victims += [(name, each.number) for name in ("runsvdir", "runsv", "svlogd") for each in box.supervisors(name)]
        victims += [
            (each.words[-2], each.number) for each in box.processes() if any("actor" in word for word in each.words)
        ]
        for name, number in chance.sample(victims, min(len(victims), chance.randint(1, 2))):
            log.append(name)
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(chance.uniform(0, 1.5))
        if "foreground" in log[-2:] and going.poll() is not None:
            going = box.start(*box.boot_words("--foreground"))
        wait_for(
            lambda: box.actors() == {"one": 1, "two": 1} and box.supervisors("runsvdir"), lambda: (log, box.processes())
        )
    wait_for(lambda: box.envtree("status", "--run", str(box.run)).returncode == 0, lambda: (log, box.status()))
    code, said = ended(going)
    assert code == ALL_WELL, (log, said)
    box.assert_gone()
    assert not any("TWICE" in box.says(name) for name in ("one", "two")), log
