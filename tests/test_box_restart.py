"""A restart ends with everything up again, whoever goes away meanwhile; and what fails is not counted."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.boxes import Box, actor
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

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
    done = box.envtree("restart", "review", "--timeout", "3", "--run", str(box.run))
    assert done.returncode == 1
    assert "restarted 1 process; 2 processes didn't come up" in done.stderr
    assert "`review/app/web` waits for `store`" in done.stderr
    broken.unlink()
    wait_for(lambda: box.status()["review/app/web"]["state"] == "up")
    box.down()
    box.assert_gone()
