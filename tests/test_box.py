"""A box that comes up and goes down, with real processes under a real runsvdir: in order, and without a trace."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.boxes import Box, actor
from tests.builders import ROOT
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STORE = f"environments: [review]\nprocesses: {{main: {actor('store', 'obey', ready='sleep 0.3')}}}\n"
BEHAVIOURS = ("obey", "ignore", "fork", "fork-stubborn", "crash-once", "chatty", "slow")
C_LIBRARYS_OWN = 3 << 31
"""Signals 32 and 33: posix_spawn(3) of glibc, by which make starts the tests, leaves them ignored."""
KILLED = {"review/app/ignore", "review/app/fork-stubborn"}


def app(*behaviours: str) -> str:
    """A service with a process for each of these behaviours; little time to stop is only for what never would."""
    more = {"crash-once": {"ready": json.dumps('test "$(grep -c start $SAID/crash-once)" = 2')}}
    stops = {each: "{timeout: 1s}" if f"review/app/{each}" in KILLED else "{timeout: 60s}" for each in behaviours}
    lines = (f"  {each}: {actor(each, each, stop=stops[each], **more.get(each, {}))}\n" for each in behaviours)
    return f"requires: [store]\nprocesses:\n{''.join(lines)}"


@pytest.fixture
def boxes(tmp_path: Path) -> Iterator[list[Box]]:
    made: list[Box] = []
    yield made
    for each in made:
        each.clean_up()


def box_of(boxes: list[Box], top: Path, services: Mapping[str, str], **more: str) -> Box:
    boxes.append(Box(top, services, **more))
    return boxes[-1]


def test_a_box_of_all_kinds_comes_up_and_goes_down_without_a_trace(boxes: list[Box], tmp_path: Path) -> None:
    box = box_of(boxes, tmp_path, {"store": STORE, "app": app(*BEHAVIOURS)})
    cycle(box, BEHAVIOURS)
    quick = ("obey", "fork", "chatty", "slow")
    box.write({"configs/app/service.yaml": app(*quick)})
    box.build()
    cycle(box, quick)


def cycle(box: Box, behaviours: tuple[str, ...]) -> None:
    """Up and down once; the second time is as the first."""
    (box.said / "crash-once").unlink(missing_ok=True)
    booted = box.boot()
    assert booted.returncode == 0, booted.stderr
    assert set(box.actors().values()) == {1}
    assert box.actors().keys() == {"store", *behaviours}
    down = box.down()
    killed = KILLED & {f"review/app/{each}" for each in behaviours}
    assert {line.removeprefix("had to be killed: ") for line in down.stderr.splitlines()[:-1]} == killed
    assert down.returncode == (1 if killed else 0)
    box.assert_gone()
    for name in {*behaviours} - {"ignore", "crash-once"}:
        own = [line for line in box.log_of(f"app.{name}") if not line.startswith("envtree: ")]
        assert own[-1] == "the last line", name
    assert not any("TWICE" in box.says(each) for each in BEHAVIOURS)


@pytest.mark.soak
def test_a_hundred_cycles_leave_nothing(boxes: list[Box], tmp_path: Path) -> None:
    box = box_of(boxes, tmp_path, {"store": STORE, "app": app(*BEHAVIOURS)})
    for _ in range(100):
        cycle(box, BEHAVIOURS)


def test_what_is_required_is_ready_before_anything_that_requires_it_starts(boxes: list[Box], tmp_path: Path) -> None:
    ready = f"test -e {tmp_path}/ready || {{ sleep 0.5; touch {tmp_path}/ready; false; }}"
    store = f"processes: {{main: {actor('store', 'obey', ready=json.dumps(ready))}}}\n"
    web = f"processes: {{web: {{command: 'test -e {tmp_path}/ready && exec sleep 1000'}}}}\nrequires: [store]\n"
    box = box_of(boxes, tmp_path, {"store": store, "app": web})
    assert box.boot().returncode == 0
    assert box.status()["review/app/web"]["restarts"] == 0
    box.down()


def test_a_second_boot_does_nothing_and_a_third_only_what_changed(boxes: list[Box], tmp_path: Path) -> None:
    box = box_of(boxes, tmp_path, {"store": STORE, "app": app("obey", "slow")})
    first = box.boot()
    assert first.stderr == "review is up: 3 started\n"
    mains = {name: box.main_of(name) for name in ("store.main", "app.obey", "app.slow")}
    assert box.boot().stderr == "review is up: 3 as before\n"
    box.write({"configs/app/slow/review.yaml": "LEVEL: high\n"})
    box.build()
    assert box.boot().stderr == "review is up: 1 restarted, 2 as before\n"
    changed = {name for name, number in mains.items() if box.main_of(name) != number}
    assert changed == {"app.slow"}
    box.write({"configs/app/service.yaml": app("obey")})
    (box.tree / "configs/app/slow/review.yaml").unlink()
    (box.tree / "configs/app/slow").rmdir()
    box.build()
    assert box.boot().stderr == "review is up: 1 stopped, 2 as before\n"
    assert box.actors() == {"store": 1, "obey": 1}
    assert box.down().returncode == 0
    box.assert_gone()


def test_one_machine_is_one_service_or_one_process_of_it(boxes: list[Box], tmp_path: Path) -> None:
    box = box_of(boxes, tmp_path, {"store": STORE, "app": app("obey", "slow")})
    assert box.boot(role="production/app/slow").returncode == 0
    assert box.actors() == {"slow": 1}
    moved = box.boot(role="production/app")
    assert moved.stderr == "production/app is up: 1 started, 1 as before\n"
    assert box.actors() == {"slow": 1, "obey": 1}
    assert box.down().returncode == 0
    box.assert_gone()


def test_what_has_a_count_of_none_and_a_task_is_built_named_and_not_started(boxes: list[Box], tmp_path: Path) -> None:
    def service(count: str) -> str:
        one = f"  one: {actor('one', 'obey')[:-1]}, count: {count}}}\n"
        return f"processes:\n{one}  two: {actor('two', 'obey')}\n  job: {{command: exit 1, task: release}}\n"

    box = box_of(boxes, tmp_path, {"app": service("{review: 0, production: 3}")})
    booted = box.boot()
    assert (booted.returncode, set(box.actors())) == (0, {"two"}), booted.stderr
    assert "note: review/app/one is not started: its `count` is 0\n" in booted.stderr
    assert "note: review/app/job is not started: it is a task (`release`)" in booted.stderr
    assert (box.out / "current/review/app/job/run").exists()
    assert box.envtree("status", "--run", str(box.run)).returncode == 0

    box.write({"configs/app/service.yaml": service("2")})
    box.build()
    booted = box.boot()
    assert (booted.returncode, set(box.actors())) == (0, {"one", "two"}), booted.stderr
    assert "note: review/app/one is started once, and its `count` is 2" in booted.stderr

    box.write({"configs/app/service.yaml": service("0").replace("  two:", "  two: {command: exit 1, count: 0}\n  #")})
    box.build()
    booted = box.boot()
    assert (booted.returncode, set(box.actors())) == (0, set()), booted.stderr
    assert "review is up: 2 stopped" in booted.stderr
    assert box.boot().stderr.endswith("review is up: nothing is to be started\n")
    assert box.down().returncode == 0


def test_status_says_what_is_stale_changed_foreign_or_down(boxes: list[Box], tmp_path: Path) -> None:
    processes = (
        f"  plain: {actor('plain', 'obey')}\n"
        "  foreign: {command: FOREIGN=1 sleep 1000}\n"
        "  changed: {command: LEVEL=low sleep 1000}\n"
        "  stale: {command: sleep 1000}\n"
        "  stopped: {command: sleep 1000}\n"
        "  shell: {command: 'true && sleep 1000'}\n"
    )
    layers = {"configs/app/common.yaml": "LEVEL: high\nPATH: /usr/bin:/bin\n"}
    box = box_of(boxes, tmp_path, {"app": f"processes:\n{processes}"}, **layers)
    assert box.boot().returncode == 0
    box.write({"configs/app/stale/common.yaml": "MORE: '1'\n"})
    box.build()
    subprocess.run(["sv", "down", str(box.folder("app.stopped"))], check=True)
    wait_for(lambda: box.status()["review/app/stopped"]["state"] == "down")
    found = box.status()
    environments = {name.rpartition("/")[2]: each["environment"] for name, each in found.items()}
    assert environments["plain"] == {"freshness": "current", "changed": [], "foreign": []}
    assert environments["shell"] == environments["plain"]
    assert environments["foreign"] == {"freshness": "current", "changed": [], "foreign": ["FOREIGN"]}
    assert environments["changed"] == {"freshness": "changed", "changed": ["LEVEL"], "foreign": []}
    assert environments["stale"]["freshness"] == "stale"
    assert found["review/app/plain"]["state"] == "up"
    table = box.envtree("status", "--run", str(box.run))
    assert table.returncode == 1
    assert "stale: restart it" in table.stdout
    assert "high" not in table.stdout
    os.kill(box.main_of("app.stale"), signal.SIGKILL)  # runsv starts it again, with what is current now
    wait_for(lambda: box.status()["review/app/stale"]["environment"]["freshness"] == "current")
    box.write({"configs/app/stale/common.yaml": "MORE: '2'\n"})
    box.build()
    box.write({"configs/app/service.yaml": f"processes:\n{processes}  added: {{command: sleep 1000}}\n"})
    box.build()
    assert box.status()["review/app/added"]["state"] == "missing"
    before = box.main_of("app.plain")
    assert box.envtree("restart", "--run", str(box.run)).stderr.endswith("restarted 1 process\n")
    assert box.status()["review/app/stale"]["environment"]["freshness"] == "current"
    assert box.main_of("app.plain") == before
    box.down()
    box.assert_gone()


def test_a_restart_never_runs_two_versions_side_by_side(boxes: list[Box], tmp_path: Path) -> None:
    box = box_of(boxes, tmp_path, {"app": f"processes:\n  a: {actor('same', 'slow')}\n  b: {actor('other', 'slow')}\n"})
    assert box.boot().returncode == 0
    box.write({"configs/app/common.yaml": "LEVEL: high\n"})
    box.build()
    assert box.envtree("restart", "review/app", "--run", str(box.run)).returncode == 0
    assert box.says("same") == box.says("other") == ["start", "got SIGTERM", "start"]
    assert box.envtree("restart", "--run", str(box.run)).stderr.endswith("nothing is stale\n")
    box.down()


def test_no_build_removes_the_generation_that_a_process_was_started_with(boxes: list[Box], tmp_path: Path) -> None:
    stop = "{signal: INT, timeout: 5s}"
    box = box_of(boxes, tmp_path, {"app": f"processes: {{main: {actor('main', 'obey', stop=stop)}}}\n"})
    assert box.boot().returncode == 0
    for level in range(5):
        box.write({"configs/app/common.yaml": f"LEVEL: '{level}'\n"})
        box.build()
    assert len(list((box.out / "generations").iterdir())) == 4
    assert box.down().returncode == 0
    assert box.says("main") == ["start", "got SIGINT"]


@pytest.mark.parametrize("program", ["runsvdir", "runsv", "svlogd", "actor"])
def test_after_a_crash_of_any_part_a_boot_makes_all_right(boxes: list[Box], tmp_path: Path, program: str) -> None:
    box = box_of(boxes, tmp_path, {"store": STORE, "app": app("obey", "fork")})
    assert box.boot().returncode == 0
    numbers = [box.main_of("app.obey")] if program == "actor" else [each.number for each in box.supervisors(program)]
    for number in numbers:
        os.kill(number, signal.SIGKILL)
    assert box.boot().returncode == 0
    assert box.actors() == {"store": 1, "obey": 1, "fork": 1}
    assert len(box.supervisors("runsvdir")) == 1
    assert len(box.supervisors("runsv")) == 3
    assert box.down().returncode == 0
    box.assert_gone()
    assert not any("TWICE" in box.says(each) for each in ("store", "obey", "fork"))


def test_down_after_everything_that_supervises_was_killed_still_ends_gracefully(
    boxes: list[Box], tmp_path: Path
) -> None:
    box = box_of(boxes, tmp_path, {"store": STORE, "app": app("obey", "fork")})
    assert box.boot().returncode == 0
    for program in ("runsvdir", "runsv"):
        for each in box.supervisors(program):
            os.kill(each.number, signal.SIGKILL)
    assert box.down().returncode == 0
    box.assert_gone()
    assert box.says("obey") == ["start", "got SIGTERM"]


def test_an_interrupted_boot_stops_what_it_had_started(boxes: list[Box], tmp_path: Path) -> None:
    never = actor("store", "obey", ready='"false"')
    box = box_of(boxes, tmp_path, {"store": f"processes: {{main: {never}}}\n"})
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        going = box.start(*box.boot_words())
        wait_for(lambda: "start" in box.says("store"))
        going.send_signal(number)
        _, said = going.communicate(timeout=LONG)
        assert going.returncode == 130, said
        box.assert_gone()
        (box.said / "store").unlink()


@pytest.mark.root
def test_a_runtime_folder_that_was_mounted_for_it_stays_empty(boxes: list[Box], tmp_path: Path) -> None:
    box = box_of(boxes, tmp_path, {"app": f"processes: {{main: {actor('main', 'obey')}}}\n"})
    box.run.mkdir(mode=0o700)
    boot, down = (
        " ".join((sys.executable, "-m", "envtree", *words))
        for words in (box.boot_words(), ("down", "--run", str(box.run)))
    )
    command = f"mount -t tmpfs -o mode=700 tmpfs {box.run} && {boot} && {down} && ls -A {box.run}"
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command], capture_output=True, text=True, check=False, env=environ, timeout=LONG
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("review/app/main"), "something was left in the folder"


def test_two_boots_at_once_start_everything_once(boxes: list[Box], tmp_path: Path) -> None:
    goes_on = tmp_path / "goes-on"
    store = f"environments: [review]\nprocesses: {{main: {actor('store', 'obey', ready=f'test -e {goes_on}')}}}\n"
    box = box_of(boxes, tmp_path, {"store": store, "app": app("obey")})
    both = [box.start(*box.boot_words()) for _ in range(2)]
    errors = {each.stderr: each for each in both if each.stderr}
    (waits, *_), _, _ = select.select([*errors], [], [], LONG)  # the one that is first has nothing to say yet
    assert waits.readline() == "waiting for another envtree on this machine\n"
    goes_on.touch()
    said = [each.communicate(timeout=LONG)[1] for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert not any("waiting for another envtree" in each for each in said)
    assert box.actors() == {"store": 1, "obey": 1}
    box.down()
    box.assert_gone()


def test_nothing_of_the_one_who_boots_reaches_a_process(boxes: list[Box], tmp_path: Path) -> None:
    ready = json.dumps("grep -e Sig -e Umask /proc/self/status >$SAID/ready")
    services = f"processes: {{main: {actor('main', 'obey', ready=ready)}, plain: {{command: sleep 1000}}}}\n"
    box = box_of(boxes, tmp_path, {"app": services})
    words = " ".join((sys.executable, "-m", "envtree", *box.boot_words()))
    environ = {"PATH": os.environ["PATH"], "SECRET_OF_MINE": "1", "PYTHONPATH": str(Path(__file__).parent.parent)}
    ignoring = "env --ignore-signal=INT,QUIT,HUP,TERM,PIPE,USR1,CHLD --block-signal=USR2,TERM"
    shell = f"umask 077; cd {tmp_path}; exec 9</etc/passwd; exec {ignoring} {words}"
    subprocess.run(["sh", "-c", shell], env=environ, check=True, capture_output=True, timeout=LONG)
    for file in (Path(f"/proc/{box.main_of('app.plain')}/status"), box.said / "ready"):
        status = dict(line.split(":\t", 1) for line in file.read_text().splitlines())
        ignored, blocked = (int(status[each], 16) & ~C_LIBRARYS_OWN for each in ("SigIgn", "SigBlk"))
        assert (ignored, blocked, status["Umask"]) == (0, 0, "0022"), file
    environ_of = Path(f"/proc/{box.main_of('app.main')}/environ").read_bytes()
    names = {each.partition(b"=")[0] for each in environ_of.split(b"\0") if each}
    assert names == {b"PATH", b"MARK", b"SAID", b"PWD", b"OLDPWD"}
    held = [str(each.readlink()) for each in Path(f"/proc/{box.main_of('app.main')}/fd").iterdir()]
    assert "/etc/passwd" not in held
    box.down()


def test_boot_needs_neither_yaml_nor_schemas_nor_git() -> None:
    code = (
        "import sys; from envtree.machine.commands import boot, down, foreground as f, restart, status\n"
        "from envtree.cli import foreground; from envtree.cli.verbs import boot as verb\n"
        "sys.exit(bool({'yaml', 'pydantic', 'git', 'httpx', 'typer'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(8))
def test_kills_at_random_moments_are_mended_by_the_next_boot_or_down(
    boxes: list[Box], tmp_path: Path, seed: int
) -> None:
    """Twenty-five rounds of kill -9 for each seed: of envtree, of what supervises, of what is supervised."""
    chance = random.Random(seed)
    behaviours = ("obey", "fork", "chatty", "slow", "ignore")
    wild = (
        f"processes:\n  hooks: {actor('hooks', 'obey', before_stop='exit 3', after_stop='exit 4')}\n"
        f"  session: {actor('session', 'obey').replace('command: ', 'command: setsid sleep 1000 & exec ')}\n"
        "  daemon: {command: setsid -f sleep 1000}\n"
    )
    box = box_of(boxes, tmp_path, {"store": STORE, "app": app(*behaviours), "wild": wild})
    wanted = dict.fromkeys(("store", *behaviours, "hooks", "session"), 1)
    for _ in range(25):
        log = kill_at_random(box, chance)
        if is_up := chance.random() < 0.6:
            booted = box.boot("--keep-going")
            assert booted.returncode == 1, (log, booted.stderr)
            assert "`review/wild/daemon` runs in the background, as " in booted.stderr, (log, booted.stderr)
            assert "up but for 1 process" in booted.stderr, (log, booted.stderr)
            assert box.actors() == wanted, log
            assert len(box.supervisors("runsvdir")) == 1, log
            assert len(box.supervisors("runsv")) == len(wanted) + 1, log
        down = box.down()
        assert down.returncode in (0, 1), (log, down.stderr)
        if is_up:
            for hook, code in (("before_stop", 3), ("after_stop", 4)):
                assert f"`{hook}` failed: review/wild/hooks: exit code {code}" in down.stderr, (log, down.stderr)
            assert "left in the background, and ended: review/wild/session: " in down.stderr, (log, down.stderr)
        box.assert_gone()
        assert not any("TWICE" in box.says(name) for name in wanted), log


def kill_at_random(box: Box, chance: random.Random) -> list[str]:
    """Boot, restart or bring down, and kill one to three processes meanwhile."""
    if chance.random() < 0.7:
        assert box.boot("--keep-going").returncode == 1
    words = chance.choice(
        (box.boot_words("--keep-going"), ("down",), ("restart", "review"), ("restart", "review", "--at-once"))
    )
    going = box.start(*words, ENVTREE_RUN=str(box.run))
    log = [" ".join(words[:3])]
    for _ in range(chance.randint(1, 3)):
        time.sleep(chance.uniform(0.05, 1.2))
        victims = [("envtree", going.pid)] * 3
        victims += [(name, each.number) for name in ("runsvdir", "runsv", "svlogd") for each in box.supervisors(name)]
        victims += [(" ".join(each.words), each.number) for each in box.processes() if "actor" in "".join(each.words)]
        name, number = chance.choice(victims)
        log.append(name)
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue
    going.communicate(timeout=LONG)
    return log
