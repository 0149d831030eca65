"""What does not end as it should is seen, named, ended and counted: hooks that fail, daemons, sessions, jobs."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.boxes import ENVTREE, Box, actor
from tests.builders import ROOT
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAIN = "review/app/main"


@pytest.fixture
def box_of(tmp_path: Path) -> Iterator[Callable[[str], Box]]:
    made: list[Box] = []

    def make(process: str) -> Box:
        made.append(Box(tmp_path, {"app": f"processes: {{main: {process}}}\n"}))
        return made[-1]

    yield make
    for each in made:
        each.clean_up()


def without_groups(box: Box) -> None:
    """A machine that lets boot make no cgroup: a folder is where its link would be."""
    (box.run / "cgroup").mkdir(parents=True)
    box.run.chmod(0o700)


class Hook(NamedTuple):
    """A hook that fails, and what is said of it."""

    name: str
    command: str
    how: str


HOOKS = (
    Hook("before_stop", "exit 3", "exit code 3"),
    Hook("after_stop", "exit 4", "exit code 4"),
    Hook("after_stop", "no-such-command", "exit code 127"),
    Hook("before_stop", "sleep 100", "cut off after 1 s"),
    Hook("after_stop", "trap : TERM; while true; do sleep 1; done", "cut off after 1 s"),
    Hook("before_stop", "exit 124", "exit code 124"),
)


@pytest.mark.parametrize("hook", HOOKS, ids=[f"{each.name}: {each.command}" for each in HOOKS])
def test_a_hook_that_fails_is_in_the_log_in_the_answer_and_in_the_exit_code(
    box_of: Callable[[str], Box], hook: Hook
) -> None:
    box = box_of(actor("main", "obey", stop="{timeout: 1s}", **{hook.name: json.dumps(hook.command)}))
    assert box.boot().returncode == 0
    done = box.envtree("restart", "review", "--run", str(box.run))
    assert done.returncode == 1
    assert f"`{hook.name}` failed: {MAIN}: {hook.how}\n" in done.stderr
    assert f"envtree: {hook.name} failed: {hook.how}" in box.log_of("app.main")
    down = box.envtree("down", "--format", "json", "--run", str(box.run))
    assert down.returncode == 1
    said = json.loads(down.stdout)
    assert said["hooks"] == [{"target": MAIN, "hook": hook.name, "how": hook.how}]
    assert said["killed"] == []
    left = [process.partition(" ")[2] for each in said["escaped"] for process in each["processes"]]
    assert left in (
        [],
        ["(sleep)"] if hook.how.startswith("cut off") else [],
    )  # what a hook had started may be seen ending
    box.assert_gone()


BACKGROUND = {
    "a daemon": "setsid -f sleep 1000",
    "a job of a shell": "sleep 1000 & exit 0",
}


@pytest.mark.parametrize("groups", [True, False], ids=["in a group", "by the pipe"])
@pytest.mark.parametrize("command", BACKGROUND.values(), ids=BACKGROUND)
def test_a_command_that_goes_to_the_background_is_named_so_and_nothing_is_left(
    box_of: Callable[[str], Box], command: str, groups: bool
) -> None:
    box = box_of(f"{{command: {json.dumps(command)}}}")
    if not groups:
        without_groups(box)
    done = box.boot("--timeout", "60")
    assert done.returncode == 1
    assert f"`{MAIN}` runs in the background, as " in done.stderr
    assert "(sleep): start it in the foreground, as with `--daemonize no`" in done.stderr
    assert "nothing runs" in done.stderr
    assert any("(sleep) runs in the background: start it" in line for line in box.log_of("app.main"))
    box.assert_gone()


ESCAPES = {
    "a session of its own": ("setsid sleep 1000 & exec ", {}),
    "deaf to TERM": ("setsid sh -c \"trap '' TERM; sleep 1000\" & exec ", {}),
    "a job of before_stop": ("", {"before_stop": "'sleep 1000 & exit 0'"}),
    "a job of after_stop": ("", {"after_stop": "'sleep 1000 & exit 0'"}),
}
CLOSED: tuple[str, dict[str, str]] = ("setsid sleep 1000 >/dev/null 2>&1 & exec ", {})


@pytest.mark.parametrize(
    ("before", "hooks", "groups"),
    [
        *(pytest.param(*each, groups, id=f"{name}, {groups}") for name, each in ESCAPES.items() for groups in (1, 0)),
        pytest.param(*CLOSED, 1, id="with its output closed", marks=pytest.mark.root),
    ],
)
def test_what_leaves_its_session_is_ended_and_counted(
    box_of: Callable[[str], Box], before: str, hooks: dict[str, str], groups: int
) -> None:
    main = actor("main", "obey", **hooks).removeprefix("{command: ").removesuffix("}")
    command, comma, rest = main.partition(", ")
    box = box_of(f"{{command: {json.dumps(before + command)}{comma}{rest}}}")
    if not groups:
        without_groups(box)
    assert box.boot().returncode == 0
    if groups and os.geteuid() == 0:
        assert (box.folder("app.main") / "cgroup/cgroup.procs").exists()
    done = box.down()
    assert done.returncode == 1
    assert f"left in the background, and ended: {MAIN}: " in done.stderr
    assert any("is left outside of its session, and is ended" in line for line in box.log_of("app.main"))
    box.assert_gone()


@pytest.mark.root
def test_a_group_is_gone_when_all_is_down(box_of: Callable[[str], Box]) -> None:
    box = box_of(actor("main", "obey"))
    assert box.boot().returncode == 0
    group = (box.folder("app.main") / "cgroup").readlink()
    assert str(box.main_of("app.main")) in (group / "cgroup.procs").read_text().split()
    assert box.down().returncode == 0
    wait_for(lambda: not group.parent.exists())


@pytest.mark.root
def test_a_machine_without_cgroups_boots(box_of: Callable[[str], Box]) -> None:
    box = box_of(actor("main", "obey"))
    boot = shlex.join((*ENVTREE, *box.boot_words()))
    command = f"umount --lazy --all --types cgroup2 && ! grep -q ' - cgroup2 ' /proc/self/mountinfo && {boot}"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        timeout=LONG,
    )
    assert done.returncode == 0, done.stderr
    assert not (box.run / "cgroup").is_symlink()
    assert box.down().returncode == 0
    box.assert_gone()


def test_a_loop_is_called_one_starts_ever_more_slowly_and_calls_somebody_once(box_of: Callable[[str], Box]) -> None:
    call = json.dumps('echo "$1 $2 $3 $MARK" >>$SAID/called')
    box = box_of(f"{{command: sleep 0.8; exit 7, on_failure: {{command: {call}, times: 3, within: 1h}}}}")
    assert box.boot().returncode == 0
    wait_for(lambda: "envtree: it ends again and again: the next start is in 4 s" in box.log_of("app.main"))
    found = box.status()[MAIN]
    assert found["state"] == "looping"
    assert (found["last_end"]["code"], found["last_end"]["signal"]) == (7, None)
    assert found["recent_ends"] in (3, 4)  # on a busy machine it has ended once more
    assert box.says("called") == [f"7 0 3 {box.mark}"]
    table = box.envtree("status", "--run", str(box.run))
    assert table.returncode == 1
    assert "looping" in table.stdout
    assert "exit code 7, " in table.stdout
    assert "times in 10m" in table.stdout
    box.envtree("restart", "review", "--timeout", "1", "--run", str(box.run))  # starts it at once
    assert box.status()[MAIN]["recent_ends"] < 3
    assert box.down().returncode == 0
    box.assert_gone()


@pytest.mark.parametrize("together", [True, False], ids=["with its runsv", "alone"])
def test_lines_are_lost_only_where_svlogd_dies_with_its_runsv_and_that_is_said(
    box_of: Callable[[str], Box], together: bool
) -> None:
    box = box_of(actor("main", "chatty"))
    assert box.boot().returncode == 0
    wait_for(lambda: len(box.log_of("app.main")) > 100)
    victims = box.supervisors("svlogd") + (box.supervisors("runsvdir") + box.supervisors("runsv")) * together
    for each in sorted(victims, key=lambda each: each.number):  # runsvdir is the oldest: it starts none again
        os.kill(each.number, signal.SIGKILL)
    if not together:
        wait_for(lambda: box.supervisors("svlogd"))
    down = box.down()
    said = f"its log was cut off in a crash, and the last lines may be lost: {MAIN}\n"
    assert (said in down.stderr, down.returncode) == (together, int(together)), down.stderr
    box.assert_gone()
    if not together:
        lines = [int(line.split()[1]) for line in box.log_of("app.main") if line.startswith("line ")]
        assert lines == list(range(1, lines[-1] + 1))
