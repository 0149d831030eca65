"""What a box must not depend on: who typed boot, how, what the clock says, and that runsvdir lives meanwhile."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.boxes import Box, actor
from tests.builders import ROOT
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN = "review/app/main"
SYS_NICE, SYS_RESOURCE = 23, 24


def may(capability: int) -> bool:
    """Whether this process may take back what was given, as capabilities(7) numbers it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    effective = next(line.split()[1] for line in lines if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> capability & 1)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    ready = json.dumps(f"test ! -e {tmp_path}/broken")
    made = Box(tmp_path, {"app": f"processes: {{main: {actor('main', 'obey', ready=ready)}}}\n"})
    yield made
    made.clean_up()


def python(box: Box, before: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run envtree in a Python that does something before."""
    code = f"import os, resource, sys, time\n{before}\nfrom envtree.cli.main import main\nsys.exit(main())"
    command = [sys.executable, "-c", code, *words]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=LONG, cwd=box.top)


def test_limits_are_the_same_whoever_boots(box: Box) -> None:
    lower = "resource.setrlimit(resource.RLIMIT_NOFILE, (99, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))"
    lower += "\nresource.setrlimit(resource.RLIMIT_STACK, (1 << 20, -1)); os.nice(7)"
    lower += "\nopen('/proc/self/oom_score_adj', 'w').write('500')"
    done = python(box, lower, *box.boot_words())
    assert done.returncode == 0, done.stderr
    main = box.main_of("app.main")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert resource.prlimit(main, resource.RLIMIT_NOFILE) == (1024, 524_288 if may(SYS_RESOURCE) else hard)
    assert resource.prlimit(main, resource.RLIMIT_STACK)[0] == 8 << 20
    if may(SYS_NICE):
        assert os.getpriority(os.PRIO_PROCESS, main) == 0
    if may(SYS_RESOURCE):
        assert Path(f"/proc/{main}/oom_score_adj").read_text() == "0\n"
    assert box.down().returncode == 0


@pytest.mark.parametrize("seconds", [0, 4_000_000_000])
def test_a_clock_that_is_set_changes_no_answer(box: Box, seconds: int) -> None:
    clock = f"time.time = lambda: {seconds}"
    assert python(box, clock, *box.boot_words()).returncode == 0
    done = python(box, clock, "status", "--json", "--run", str(box.run))
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)["processes"][0]
    assert found["state"] == "up"
    assert 0 < found["seconds"] < LONG
    assert box.down().returncode == 0


def test_a_runsvdir_that_dies_while_boot_waits_is_said_and_leaves_nothing(box: Box) -> None:
    broken = box.top / "broken"
    broken.touch()
    going = box.start(*box.boot_words())
    wait_for(lambda: "start" in box.says("main"))
    os.kill(box.supervisors("runsvdir")[0].number, signal.SIGKILL)
    broken.unlink()
    _, said = going.communicate(timeout=LONG)
    assert going.returncode == 1
    assert f"`{MAIN}` runs, but runsvdir has died: boot again" in said
    assert "nothing runs" in said
    box.assert_gone()
    assert box.boot().returncode == 0
    assert box.down().returncode == 0


def test_a_process_stops_by_the_scripts_it_was_started_with_when_the_output_is_replaced(tmp_path: Path) -> None:
    hooks = {name: json.dumps(f'echo "{name} $LEVEL" >>$SAID/hooks') for name in ("before_stop", "after_stop")}
    process = actor("main", "obey", stop="{signal: INT, timeout: 60s}", **hooks)
    box = Box(tmp_path, {"app": f"processes: {{main: {process}}}\n"}, **{"configs/app/common.yaml": "LEVEL: first\n"})
    try:
        booted = box.boot()
        assert (booted.returncode, booted.stderr) == (0, "review is up: 1 started\n")
        shutil.rmtree(box.out)
        os.kill(box.main_of("app.main"), signal.SIGKILL)  # it starts again, with what it had
        wait_for(lambda: box.says("main") == ["start", "start"])
        box.write({"configs/app/common.yaml": "LEVEL: second\n"})
        box.build()
        assert len(list((box.out / "generations").iterdir())) == 1
        assert box.status()["review/app/main"]["environment"]["freshness"] == "stale"
        assert box.down().returncode == 0
        assert box.says("main") == ["start", "start", "got SIGINT"]
        assert box.says("hooks") == ["after_stop first", "before_stop first", "after_stop first"]
        box.assert_gone()
    finally:
        box.clean_up()


def test_a_reload_sends_each_its_signal_past_a_shell_and_restarts_nothing(tmp_path: Path) -> None:
    heard = "trap 'echo {0} >>$SAID/heard' {0}; while true; do sleep 0.1; done"
    script = {name: json.dumps(f"exec sh -c {json.dumps(heard.format(name))}") for name in ("HUP", "USR1")}
    behind = json.dumps(f"true && sh -c {json.dumps(heard.format('USR2'))}")
    services = {
        "app": "processes:\n"
        f"  hup: {{command: {script['HUP']}, reload: HUP}}\n"
        f"  usr: {{command: {script['USR1']}, reload: USR1}}\n"
        f"  behind: {{command: {behind}, reload: USR2}}\n"
        f"  plain: {actor('plain', 'obey')}\n"
    }
    box = Box(tmp_path, services)
    try:
        assert box.boot().returncode == 0
        before = {name: box.main_of(f"app.{name}") for name in ("hup", "usr", "behind", "plain")}
        done = box.envtree("reload", "--run", str(box.run))
        assert (done.returncode, done.stderr) == (0, "sent 3 processes their signals\n")
        wait_for(lambda: sorted(box.says("heard")) == ["HUP", "USR1", "USR2"])
        done = box.envtree("reload", "review/app/plain", "review/app/hup", "--run", str(box.run))
        assert done.returncode == 1
        assert "no `reload` in service.yaml: review/app/plain; " in done.stderr
        assert "sent 1 process its signal" in done.stderr
        wait_for(lambda: box.says("heard").count("HUP") == 2)
        box.write({"configs/app/service.yaml": services["app"].replace(", reload: USR2", "")})  # starts nothing anew
        box.build()
        assert box.envtree("reload", "--run", str(box.run)).stderr == "sent 2 processes their signals\n"
        assert box.boot().stderr == "review is up: 4 as before\n"
        assert json.loads((box.folder("app.behind") / "part.json").read_text())["reload"] == ""
        assert {name: box.main_of(f"app.{name}") for name in before} == before
        box.down()
        box.assert_gone()
    finally:
        box.clean_up()


def test_a_status_that_is_watched_is_shown_again_until_ctrl_c_also_when_nothing_is_booted(box: Box) -> None:
    assert box.boot().returncode == 0
    assert box.envtree("status", "--watch", "--json", "--run", str(box.run)).returncode == 2
    going = box.start("status", "--watch", "--run", str(box.run))
    assert going.stdout is not None
    assert going.stderr is not None
    seen = 0
    while seen < 2:
        seen += "PROCESS" in going.stdout.readline()
    assert box.down().returncode == 0
    assert going.stderr.readline() == f"error[not-booted]: nothing is booted in `{box.run}`\n"
    going.send_signal(signal.SIGINT)
    going.communicate(timeout=LONG)
    assert going.returncode == 2
