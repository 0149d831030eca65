"""A restart ends with everything up again, whoever goes away meanwhile; and what fails is not counted."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.boxes import ACTOR, Box, actor
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOW = f"processes: {{main: {actor('main', 'slow', before_stop=json.dumps('touch $SAID/stopping'))}}}\n"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, {"app": SLOW})
    assert made.boot().returncode == 0
    yield made
    made.clean_up()


def begun(box: Box) -> subprocess.Popen[str]:
    """A restart of everything that has just begun to stop it."""
    going = box.start("restart", "review", "--run", str(box.run))
    wait_for((box.said / "stopping").exists)
    return going


def is_up(box: Box) -> bool:
    return str(box.status()["review/app/main"]["state"]) == "up"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_restart_goes_on_when_its_caller_goes_away(box: Box, number: signal.Signals) -> None:
    going = begun(box)
    going.send_signal(number)
    _, said = going.communicate(timeout=LONG)
    assert (going.returncode, box.actors()) == (0, {"main": 1}), said
    assert "restarted 1 process" in said
    assert box.says("main") == ["start", "got SIGTERM", "start"]
    assert not (box.run / "restart.json").exists()
    assert box.down().returncode == 0
    box.assert_gone()


@pytest.mark.parametrize("verb", ["status", "boot", "restart"])
def test_a_restart_that_is_killed_is_finished_by_the_next_command(box: Box, verb: str) -> None:
    going = begun(box)
    going.kill()
    going.wait()
    wait_for(lambda: "got SIGTERM" in box.says("main") and not box.actors())
    words = {"boot": box.boot_words()}.get(verb, (verb, "--run", str(box.run)))
    done = box.envtree(*words)
    wait_for(lambda: is_up(box))
    assert box.actors() == {"main": 1}
    assert not (box.run / "restart.json").exists()
    says = {"boot": "review is up: 1 restarted", "restart": "it goes on with review/app/main"}
    assert says.get(verb, "a restart was cut off: 1 process that it left down start now") in done.stderr
    assert box.envtree("restart", "--run", str(box.run)).stderr.endswith("nothing is stale\n")
    assert box.says("main") == ["start", "got SIGTERM", "start"]
    box.down()
    box.assert_gone()


def test_a_second_interrupt_leaves_it_and_says_what_it_leaves(box: Box) -> None:
    going = begun(box)
    going.send_signal(signal.SIGINT)
    assert going.stderr is not None
    line = ""
    while "once more" not in line:
        line = going.stderr.readline()
    going.send_signal(signal.SIGINT)
    _, said = going.communicate(timeout=LONG)
    assert going.returncode == 130
    assert "not started again yet: review/app/main" in said
    wait_for(lambda: not box.actors())
    wait_for(lambda: is_up(box))
    box.down()
    box.assert_gone()


def test_what_fails_is_not_counted_and_what_requires_it_comes_up_with_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    store = actor("store", "obey", ready=json.dumps(f"test ! -e {broken}"))
    services = {
        "store": f"processes: {{main: {store}}}\n",
        "app": f"requires: [store]\nprocesses: {{web: {actor('web', 'obey')}}}\n",
        "other": f"processes: {{main: {actor('other', 'obey')}}}\n",
    }
    box = Box(tmp_path, services)
    assert box.boot().returncode == 0
    broken.touch()
    done = box.envtree("restart", "review", "--at-once", "--timeout", "3", "--run", str(box.run))
    assert done.returncode == 1
    assert "restarted 1 process; 2 processes didn't come up" in done.stderr
    assert "`review/app/web` waits for `store`" in done.stderr
    broken.unlink()
    wait_for(lambda: box.status()["review/app/web"]["state"] == "up")
    box.down()
    box.assert_gone()


@pytest.fixture
def rolling(tmp_path: Path) -> Iterator[Box]:
    """Three processes that say in one file what happens to them, and are ready unless their level is bad."""

    def process(name: str) -> str:
        def said(what: str) -> str:
            return f'echo "{what} {name}" >>$SAID/order'

        ready = f'test "$LEVEL" != bad && {said("ready")}'
        return actor(name, "obey", ready=json.dumps(ready), before_stop=json.dumps(said("stop")))

    services = {
        "store": f"processes: {{main: {process('store')}}}\n",
        "app": f"requires: [store]\nprocesses: {{a: {process('a')}, b: {process('b')}}}\n",
    }
    made = Box(tmp_path, services, **{"configs/review.yaml": "LEVEL: good\n"})
    assert made.boot().returncode == 0
    (made.said / "order").unlink()
    yield made
    made.clean_up()


def level_of(box: Box, name: str) -> str:
    environ = Path(f"/proc/{box.main_of(name)}/environ").read_bytes().decode().split("\0")
    return next(each.partition("=")[2] for each in environ if each.startswith("LEVEL="))


def test_none_is_stopped_before_the_one_before_it_is_ready(rolling: Box) -> None:
    done = rolling.envtree("restart", "review", "--run", str(rolling.run))
    assert (done.returncode, done.stderr) == (0, "restarted 3 processes\n")
    order = rolling.says("order")
    stops = [order.index(f"stop {name}") for name in ("store", "a", "b")]
    assert stops == sorted(stops)
    for name, (stopped, following) in zip(("store", "a"), itertools.pairwise(stops), strict=True):
        assert f"ready {name}" in order[stopped:following]
    assert rolling.down().returncode == 0


def test_the_first_that_is_not_ready_is_the_last_that_is_stopped(rolling: Box) -> None:
    before = {name: rolling.main_of(name) for name in ("app.a", "app.b", "store.main")}
    rolling.write({"configs/app/review.yaml": "LEVEL: bad\n"})
    rolling.build()
    done = rolling.envtree("restart", "--timeout", "2", "--run", str(rolling.run))
    assert done.returncode == 1
    assert "`review/app/a` runs, but isn't ready after 2 s" in done.stderr
    assert "not restarted, since one before did not come up: review/app/b\n" in done.stderr
    assert "restarted 0 processes; 1 process didn't come up" in done.stderr
    after = {name: rolling.main_of(name) for name in before}
    assert {name for name in before if before[name] != after[name]} == {"app.a"}
    assert not (rolling.run / "restart.json").exists()
    assert rolling.down().returncode == 0


def test_what_is_not_ready_is_brought_back_on_what_it_had(rolling: Box) -> None:
    rolling.write({"configs/app/review.yaml": "LEVEL: bad\n"})
    rolling.build()
    shutil.rmtree(rolling.out)  # the copy is enough
    rolling.build()
    done = rolling.envtree("restart", "--rollback", "--timeout", "2", "--run", str(rolling.run))
    assert done.returncode == 1
    assert "runs on what it had before: review/app/a\n" in done.stderr
    assert (level_of(rolling, "app.a"), level_of(rolling, "app.b")) == ("good", "good")
    found = rolling.status()["review/app/a"]
    assert (found["state"], found["environment"]["freshness"]) == ("up", "stale")
    number = rolling.main_of("app.a")
    os.kill(number, signal.SIGKILL)
    wait_for(lambda: rolling.main_of("app.a") != number and rolling.actors()["a"] == 1)
    wait_for(lambda: level_of(rolling, "app.a") == "good")  # and stays on it
    rolling.write({"configs/app/review.yaml": "LEVEL: better\n"})
    rolling.build()
    done = rolling.envtree("restart", "--run", str(rolling.run))
    assert (done.returncode, done.stderr) == (0, "restarted 2 processes\n")
    assert (level_of(rolling, "app.a"), level_of(rolling, "app.b")) == ("better", "better")
    assert rolling.down().returncode == 0
    rolling.assert_gone()


CUT = """\
import os, sys
step, seen = int(sys.argv.pop(1)), 0
CHANGES = ("os.rename", "os.remove", "os.symlink", "os.mkdir", "subprocess.Popen")

def count(event, words):
    global seen
    if event in CHANGES or (event == "open" and str(words[0]).endswith(("/control", ".new"))):
        seen += 1
        if seen == step:
            os.kill(os.getpid(), 9)

from envtree.cli.main import main
sys.addaudithook(count)
sys.exit(main())
"""


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("order", ["--at-once", "--rollback"])
def test_a_restart_that_is_cut_off_at_any_step_leaves_nothing_down_and_nothing_twice(
    tmp_path: Path, order: str
) -> None:
    """It is killed before each file that it changes, and each command that it gives to runsv, one after the other."""
    services = {"app": f"processes: {{a: {actor('a', 'obey')}, b: {actor('b', 'obey')}}}\n"}
    box = Box(tmp_path, services, **{"configs/review.yaml": "LEVEL: '0'\n"})
    try:
        assert box.boot().returncode == 0
        cuts = itertools.count(1)
        for step, verb in zip(cuts, itertools.cycle(("status", "restart", "boot"))):
            box.write({"configs/review.yaml": f"LEVEL: '{step}'\n"})
            box.build()
            words = (sys.executable, "-c", CUT, str(step), "restart", order, "--run", str(box.run))
            environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ACTOR.parent.parent)}
            done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False, timeout=LONG)
            assert done.returncode in (0, -signal.SIGKILL), done.stderr
            if verb == "boot":
                assert box.boot().returncode == 0, step
            else:
                box.envtree(verb, "--run", str(box.run))
            wait_for(lambda: all(each["state"] == "up" for each in box.status().values()), box.status)
            assert box.actors() == {"a": 1, "b": 1}, step
            assert "TWICE" not in (*box.says("a"), *box.says("b")), step
            if verb != "status":
                assert {level_of(box, name) for name in ("app.a", "app.b")} == {str(step)}, (step, verb)
            if done.returncode == 0:
                break
        assert step > 20  # so many steps were cut
        assert box.down().returncode == 0
        box.assert_gone()
    finally:
        box.clean_up()
