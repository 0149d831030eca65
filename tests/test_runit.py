"""What a build writes for runit, under the real runsvdir: what a process gets, how it is stopped, what is left of it.

`production` runs as boot installs it, `staging` by links that were made by hand.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from envtree.core.runit.scripts import PATH
from envtree.machine.system import processes
from tests.builders import compiled, values_of
from tests.supervised import Box, box
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.builders import Files

SETTINGS = """\
environments: {production: {instance: together}, staging: {instance: together}}
runtimes: {directory: %s}
log: {directory: %s}
"""
PEM = "-----BEGIN PRIVATE KEY-----\nMIIE/vQ==\n  \\n $x\n-----END PRIVATE KEY-----\n"
VALUES = {
    "NL": "line1\nline2",
    "PEM": PEM,
    "EMPTY": "",
    "SPACES": "  two   words",
    "JSON": '{"a": [1, "it\'s"]}',
    "HASH": "color#fff # no comment",
    "BACKSL": "C:\\path\\new",
    "LITERAL": "$HOME `id` $(id) ; = % * ~ & | \\n",
    "UTF8": "æøå \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
    "CR": "a\r\n\r",
    "OLD": "to be removed",
    "PORT": "8080",
}


def process(command: str, **more: Any) -> dict[str, Any]:
    return {"command": command, **more}


def witness(name: str, *words: str, **more: Any) -> dict[str, Any]:
    return process(" ".join(("exec", "witness", name, *words)), **more)


PEERS = {
    "port": process("witness port --port $PORT"),
    "assigned": process("FOO=bar witness assigned --port $PORT"),
    "chained": process('/bin/echo before >"$SAID/chain" && witness chained --port $PORT'),
    "piped": process("witness piped --port $PORT | /bin/cat"),
    "quoted": process("witness quoted 'a  b' \"$PORT c\" it\\'s '$PORT' \"$NL\" ''"),
    "script": process("PORT=1$PORT\nexport PORT\n# a comment: it's\nif true; then\n\twitness script --port $PORT\nfi"),
}
STOPPED = {
    "term": witness("term"),
    "plain": process("witness plain"),
    **{name: witness(name, f"stop={name.upper()}", stop={"signal": name.upper()}) for name in ("int", "quit", "usr1")},
    "piped": process("witness piped-a | witness piped-b"),
    "chained": process("witness chained-a && witness chained-b"),
    "followed": process("witness followed-a; witness followed-b"),
    "interrupted": process(
        "witness interrupted-a stop=INT; witness interrupted-b", stop={"signal": "INT", "timeout": "2s"}
    ),
    "nested": process("(witness nested-a; witness nested-b) | { witness nested-c; witness nested-d; }"),
    "children": process("witness parent child=child"),
    "polite": witness("polite", "child=orphan", stop={"signal": "TERM"}),
    "obstinate": witness("obstinate", "child=obstinate-child", "child_stop=NONE"),
    "hooked": process(
        "witness hooked",
        before_stop='echo "before $PORT $PWD $(witness hooked exit=0 2>&1)" >>"$SAID/hooked"',
        after_stop='echo "after $1 $2 $PORT $PWD" >>"$SAID/hooked"',
    ),
    "slow": process("witness slow", before_stop="trap : TERM; while :; do /bin/sleep 1; done", stop={"timeout": "1s"}),
    "failing": process("witness failing", before_stop="exit 1", after_stop="nowhere"),
    "deaf": witness("deaf", "stop=NONE", after_stop='echo "after $1 $2" >>"$SAID/deaf"'),
    "deafpipe": process("witness deafpipe-a stop=NONE | witness deafpipe-b stop=NONE"),
    "paused": process("witness paused-a; witness paused-b"),
    "looping": process("while witness looping exit=0; do :; done; witness looping-b"),
    "lingering": process("witness lingering", after_stop="/bin/sleep 1000", stop={"timeout": "1s"}),
}
ENDED = {
    "seven": witness("seven", "exit=7", after_stop='echo "after $1 $2" >>"$SAID/seven"'),
    "killed": witness("killed", after_stop='echo "after $1 $2" >>"$SAID/killed"'),
    "default": process("/bin/sleep 1000", after_stop='echo "after $1 $2" >>"$SAID/default"'),
    "lacking": process("nowhere --to be found"),
}
TOLD = {"told": witness("told"), "front": process("witness front; witness front-b")}
CRASHED = {
    "crashed": process("witness crashed child=crashed-child child_stop=NONE; witness crashed-b"),
    "quitting": witness("quitting", "stop=QUIT", stop={"signal": "QUIT"}),
    "reused": witness("reused"),
    "rebooted": witness("rebooted"),
}


def tree(root: Path) -> Files:
    """All that the tests of this module run."""
    away, by_hand = {"environments": ["production"]}, {"environments": ["staging"]}
    folder = root / "a folder's $NAME"
    services: dict[str, dict[str, Any]] = {
        "peers": {**away, "directory": str(folder), "processes": PEERS},
        "linked": {**by_hand, "directory": str(folder), "processes": PEERS},
        "waiting": {**by_hand, "requires": ["db", "absent"], "processes": {"main": process("witness needy")}},
        "stopped": {**away, "directory": str(folder), "processes": STOPPED},
        "ended": {**away, "processes": ENDED},
        "told": {**away, "processes": TOLD},
        "crashed": {**away, "processes": CRASHED},
        "nopath": {**away, "processes": {"main": process(f"'{root}/bin/witness' nopath".replace("it's", "it'\\''s"))}},
        "alias": {
            **away,
            "processes": {"main": process("witness alias"), "two": process("witness two-a; witness two-b")},
        },
        "gone": {**away, "directory": str(root / "nowhere"), "processes": {"main": process("witness gone")}},
        "runtime": {**away, "runtimes": {"nodejs": "20.1.0"}, "processes": {"main": process("node runtime")}},
        "missing": {**away, "runtimes": {"nodejs": "9.9.9"}, "processes": {"main": process("node missing")}},
        "db": {"processes": {"main": process("witness db", ready='test -e "$SAID/db-is-ready"')}},
        "absent": {"processes": {"main": process("witness absent")}},
        "needy": {**away, "requires": ["db", "absent"], "processes": {"main": process("witness needy")}},
        "never": {**away, "processes": {"main": process("witness never", ready="/bin/false")}},
        "hopeless": {**away, "requires": ["never"], "processes": {"main": process("witness hopeless")}},
        "unlogged": {**away, "log": {"directory": str(root / "file/log")}, "processes": {"main": witness("unlogged")}},
        "logged": {
            **away,
            "log": {"size": "2KiB", "count": 3, "mode": "0700"},
            "processes": {
                "main": process('i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; done; witness logged')
            },
        },
    }
    if os.geteuid() == 0:
        for name, user in {"name": "nobody", "group": "nobody:daemon", "number": "65534:1"}.items():
            service = {**away, "user": user, "log": {"owner": user}, "processes": {"main": witness(name)}}
            services[f"user-{name}"] = service
    common = {"SAID": str(root / "said"), "PATH": str(root / "bin")}
    return {
        "envtree.yaml": SETTINGS % (json.dumps(str(root / "mise")), json.dumps(str(root / "log"))),
        "configs/common.yaml": as_yaml(common),
        "configs/staging.yaml": as_yaml({"SAID": str(root / "said/hand")}),
        "configs/peers/common.yaml": as_yaml(VALUES),
        "configs/linked/common.yaml": as_yaml(VALUES),
        "configs/stopped/common.yaml": as_yaml({"PORT": "80"}),
        "configs/nopath/common.yaml": "PATH: !unset\n",
        "configs/alias/common.yaml": as_yaml({"KEY.bkp": "a\nb", "other-key": "c"}),
        "schemas/alias.py": ALIAS,
        **{f"configs/{name}/service.yaml": json.dumps(service) for name, service in services.items()},
    }


ALIAS = """\
from pydantic import Field

from envtree import Settings


class Alias(Settings):
    SAID: str
    PATH: str
    key: str = Field(alias="KEY.bkp")
    other: str = Field(alias="other-key")
"""


def as_yaml(values: dict[str, str]) -> str:
    return "".join(f"{name}: {json.dumps(text, ensure_ascii=False)}\n" for name, text in values.items())


@pytest.fixture(scope="module")
def started() -> Iterator[Box]:
    """All of it, running."""
    with box() as it:
        (it.root / "a folder's $NAME").mkdir()
        (it.root / "file").touch()
        (it.root / "mise/installs/node/20.1.0/bin").mkdir(parents=True)
        shutil.copy(it.bin / "witness", it.root / "mise/installs/node/20.1.0/bin/node")
        it.program("node", "#!/bin/sh\necho the system's\n")
        (it.said / "hand").mkdir()
        it.build(tree(it.root))
        it.start(besides="absent.main")
        for name in PEERS:
            it.link(f"staging/linked/{name}")
        it.link("staging/waiting/main")
        it.start_by_hand()
        yield it


def resolution(root: Path, target: str) -> dict[bytes, bytes]:
    """What the tree says, with the usual PATH where it says none."""
    values = {"PATH": PATH} | values_of(compiled(tree(root))[0], target)
    return {name.encode(): text.encode() for name, text in values.items() if text is not None}


SHELLS_OWN = {b"PWD", b"OLDPWD"}


@pytest.mark.parametrize("process", PEERS)
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_a_process_has_what_the_tree_says_and_nothing_else(environment: str, process: str, started: Box) -> None:
    is_linked = environment == "staging"
    name = f"hand/{process}" if is_linked else process
    expected = resolution(started.root, f"{environment}/{'linked' if is_linked else 'peers'}/{process}")
    expected |= {"assigned": {b"FOO": b"bar"}, "script": {b"PORT": b"18080"}}.get(process, {})
    live = started.environment(name)
    assert {key: text for key, text in live.items() if key not in SHELLS_OWN} == expected
    assert live[b"PWD"] == os.fsencode(started.root / "a folder's $NAME")
    assert live[b"PEM"] == PEM.encode()


@pytest.mark.parametrize("folder", ["", "hand/"])
def test_a_command_means_what_it_says(folder: str, started: Box) -> None:
    for name in PEERS:
        started.number(f"{folder}{name}")
    said = {name: started.words(f"{folder}{name}") for name in PEERS if name != "quoted"}
    assert said == dict.fromkeys(PEERS.keys() - {"quoted", "script"}, "<--port> <8080>") | {
        "script": "<--port> <18080>"
    }
    quoted = (started.said / f"{folder}quoted").read_text().partition("\n")[2]
    assert quoted == "<a  b> <8080 c> <it's> <$PORT> <line1\nline2> <>\n"
    assert (started.said / f"{folder}chain").read_text() == "before\n"


def test_a_variable_whose_name_is_no_identifier_reaches_the_process(started: Box) -> None:
    expected = resolution(started.root, "production/alias/main")
    live = started.environment("alias")
    assert {key: text for key, text in live.items() if key not in (*SHELLS_OWN, b"SHLVL", b"_")} == expected
    assert live[b"KEY.bkp"] == b"a\nb"


def test_a_variable_that_the_tree_removes_is_gone_even_if_it_is_the_path(started: Box) -> None:
    wait_for(lambda: "Can't" in started.log("nopath.main") or started.says("nopath"))
    assert started.environment("nopath").keys() & {b"PATH", b"SAID"} == {b"SAID"}


def test_nothing_is_inherited_but_what_is_meant_to_be(started: Box) -> None:
    wait_for(lambda: started.says("front"))
    shell = Path("/proc") / (started.service("told.front") / "supervise/pid").read_text().strip()
    status = (shell / "status").read_text()
    ignored = next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn:"))
    assert not int(ignored, 16) & 0x7FFFFFFF  # make ignores two real-time signals
    assert "Umask:\t0022\n" in status
    open_files = {path.name: str(path.readlink()) for path in (shell / "fd").iterdir()}
    assert open_files.keys() == {"0", "1", "2"}
    assert open_files["0"] == "/dev/null"
    assert open_files["1"] == open_files["2"]
    assert open_files["1"].startswith("pipe:")


def test_a_process_that_is_one_program_has_no_shell_in_front(started: Box) -> None:
    for name in ("port", "assigned", "quoted"):
        pid = (started.service(f"peers.{name}") / "supervise/pid").read_text()
        assert int(pid) == started.number(name)
        look = processes.find_process(int(pid))
        assert look is not None
        assert look.session == int(pid)


@pytest.fixture(scope="module")
def stopped(started: Box) -> Box:
    """Some of it stopped again, all at once."""
    firsts = {
        "piped": "piped-b",
        "nested": "nested-c",
        "children": "child",
        "polite": "orphan",
        "deafpipe": "deafpipe-b",
    }
    firsts |= {name: f"{name}-a" for name in ("chained", "followed", "interrupted", "paused")}
    for name in STOPPED:
        started.number(firsts.get(name, name))
    for name in ("piped-a", "nested-a", "parent", "deafpipe-a", "obstinate-child", "two-a"):
        started.number(name)
    assert started.sv("pause", "stopped.paused").returncode == 0
    wait_for(lambda: state_of(started.number("paused-a")) == "T")
    forced = [f"stopped.{name}" for name in ("deaf", "deafpipe")]
    asked = [*(f"stopped.{name}" for name in STOPPED.keys() - {"deaf", "deafpipe"}), "alias.two"]
    by_force = subprocess.Popen(["sv", "-w", "2", "force-stop", *map(started.service, forced)], stdout=subprocess.PIPE)
    done = started.sv("stop", *asked)
    assert done.returncode == 0, done.stdout
    said = by_force.communicate(timeout=LONG)[0].decode()
    assert by_force.returncode == 2, said
    wait_for(lambda: started.says("deaf")[-1].startswith("after"))
    return started


def state_of(number: int) -> str:
    look = processes.find_process(number)
    return look.state if look else ""


@pytest.mark.parametrize("name", ["term", "plain", "int", "quit", "usr1"])
def test_the_signal_asked_for_reaches_the_program(name: str, stopped: Box) -> None:
    got = "TERM" if name == "plain" else name.upper()
    assert stopped.says(name)[1:] in ([f"got {got}"], [f"got {got}", "got CONT"])
    assert f"{name} has ended" in stopped.log(f"stopped.{name}")
    assert (stopped.service(f"stopped.{name}") / "supervise/ended").read_text().startswith("0 0 ")


@pytest.mark.parametrize("names", [["piped-a", "piped-b"], ["nested-a", "nested-c"], ["paused-a"], ["two-a"]])
def test_what_runs_behind_a_shell_is_told(names: list[str], stopped: Box) -> None:
    for name in names:
        assert stopped.says(name)[1:2] == ["got TERM"]
        assert not stopped.lives(name)


@pytest.mark.parametrize("name", ["chained", "followed", "interrupted", "nested", "paused", "looping", "two"])
def test_what_would_come_next_is_not_started(name: str, stopped: Box) -> None:
    assert not stopped.says(f"{name}-b")
    assert not stopped.says(f"{name}-d")


def test_what_a_process_leaves_behind_is_asked_and_then_killed(stopped: Box) -> None:
    assert stopped.says("child")[1:] == ["got TERM"]
    assert stopped.says("orphan")[1:] == ["got TERM"]
    assert stopped.says("obstinate-child")[1:] == ["got TERM", "got CONT"]
    assert not stopped.lives("obstinate-child")
    for name, was_killed in {"children": False, "polite": False, "obstinate": True}.items():
        assert (stopped.service(f"stopped.{name}") / "supervise/killed").exists() == was_killed
    number = stopped.number("obstinate")
    assert f"envtree: what {number} had started is killed" in stopped.log("stopped.obstinate")


def test_the_hooks_run_before_the_signal_and_after_the_end_with_the_environment(stopped: Box) -> None:
    lines = stopped.says("hooked")
    folder = stopped.root / "a folder's $NAME"
    order = ["started", "started", f"before 80 {folder} ", "got", f"after 0 0 80 {folder}"]
    assert [line.startswith(word) for line, word in zip(lines, order, strict=True)] == [True] * 5, lines


def test_a_hook_that_takes_too_long_is_ended_and_one_that_fails_changes_nothing(stopped: Box) -> None:
    for name in ("slow", "failing", "lingering"):
        assert stopped.says(name)[1:2] == ["got TERM"]
    assert "nowhere: not found" in stopped.log("stopped.failing")


def test_a_process_that_is_deaf_is_killed_with_its_whole_session(stopped: Box) -> None:
    assert stopped.says("deaf")[1:] == ["got TERM", "got CONT", "after -1 9"]
    for name in ("deafpipe-a", "deafpipe-b"):
        assert "got TERM" in stopped.says(name)
        assert not stopped.lives(name)


def test_nothing_of_what_was_stopped_is_left(stopped: Box) -> None:
    names = {f"stopped.{name}" for name in STOPPED}
    leaders = {int((stopped.service(name) / "supervise/started").read_text().split()[0]) for name in names}
    assert [each for each in processes.running() if each.session in leaders] == []


def test_how_a_process_ended_is_told_to_what_runs_after_it(started: Box) -> None:
    os.kill(started.number("killed"), signal.SIGKILL)
    wait_for(lambda: (started.service("ended.default") / "supervise/started").exists())
    assert started.sv("stop", "ended.default").returncode == 0
    wait_for(lambda: {"after 7 0"} <= {*started.says("seven")})
    wait_for(lambda: {"after -1 9"} <= {*started.says("killed")})
    assert started.says("default") == ["after -1 15"]


@pytest.mark.parametrize(
    ("name", "message", "ended"),
    [
        ("ended.lacking", "nowhere: not found", "127 0"),
        ("gone.main", "can't cd to", "111 0"),
        ("missing.main", "/mise/installs/node/9.9.9/bin: install this version, or name another", "111 0"),
    ],
)
def test_what_cannot_be_started_says_so_in_its_log(name: str, message: str, ended: str, started: Box) -> None:
    wait_for(lambda: message in started.log(name))
    wait_for(lambda: (started.service(name) / "supervise/ended").exists())
    assert (started.service(name) / "supervise/ended").read_text().split()[:2] == ended.split()
    assert "the system's" not in started.log(name)


def test_the_runtime_asked_for_comes_first_on_a_path_that_the_tree_sets(started: Box) -> None:
    folder = started.root / "mise/installs/node/20.1.0/bin"
    assert started.environment("runtime")[b"PATH"] == os.fsencode(f"{folder}:{started.bin}")
    assert "the system's" not in started.log("runtime.main")


SENT = {"hup": "HUP", "1": "USR1", "2": "USR2", "alarm": "ALRM", "quit": "QUIT", "interrupt": "INT", "cont": "CONT"}


@pytest.mark.parametrize("name", TOLD)
def test_other_signals_reach_the_program_and_only_that(name: str, started: Box) -> None:
    number = started.number(name)
    for word, got in SENT.items():
        assert started.sv(word, f"told.{name}").returncode == 0
        wait_for(lambda got=got: started.says(name)[-1] == f"got {got}")  # type: ignore[misc]
    assert started.says(name)[1:] == [f"got {got}" for got in SENT.values()]
    assert started.sv("pause", f"told.{name}").returncode == 0
    wait_for(lambda: state_of(number) == "T")
    assert started.sv("cont", f"told.{name}").returncode == 0
    wait_for(lambda: state_of(number) != "T")
    assert started.number(name) == number
    assert not started.says("front-b")


def runsv_of(started: Box, name: str) -> int:
    """The number of the runsv of a service."""
    status = processes.find_process(int((started.service(name) / "supervise/pid").read_text()))
    assert status is not None
    return status.parent


def test_what_a_crash_left_ends_as_always_before_anything_starts(started: Box) -> None:
    for name in ("crashed-child", "quitting"):
        started.number(name)
    before = {name: started.number(name) for name in ("crashed", "crashed-child", "quitting")}
    for name in ("crashed", "quitting"):
        os.kill(runsv_of(started, f"crashed.{name}"), signal.SIGKILL)
    for name in ("crashed", "quitting"):
        wait_for(lambda name=name: started.number(name) != before[name])  # type: ignore[misc]
        assert processes.find_process(before[name]) is None
    assert processes.find_process(before["crashed-child"]) is None
    assert not started.says("crashed-b")
    assert started.says("crashed")[1] == "got TERM"
    assert started.says("quitting")[1] == "got QUIT"
    wait_for(lambda: "still runs; it ends first" in started.log("crashed.quitting"))
    turn = (started.service("crashed.quitting") / "supervise/started").read_text().split()[2]
    assert turn == "2"


def test_a_process_that_only_has_the_number_of_the_last_one_is_left_alone(started: Box) -> None:
    other = subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True)
    try:
        for name in ("reused", "rebooted"):
            started.number(name)
            assert started.sv("stop", f"crashed.{name}").returncode == 0
        start = processes.find_process(other.pid)
        assert start is not None
        supervise = started.service("crashed.reused") / "supervise"
        (supervise / "started").write_text(f"{other.pid} {start.start - 1} 1\n")
        (supervise / "ended").unlink()
        supervise = started.service("crashed.rebooted") / "supervise"
        (supervise / "started").write_text(f"{other.pid} {start.start} 1\n")
        (supervise / "machine").write_text("another start of this machine\n")
        (supervise / "ended").unlink()
        for name in ("reused", "rebooted"):
            assert started.sv("start", f"crashed.{name}").returncode == 0
            wait_for(lambda name=name: len(started.says(name)) >= 3)  # type: ignore[misc]
            assert started.sv("kill", f"crashed.{name}").returncode == 0
        time.sleep(0.3)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_service_waits_for_what_it_requires_where_that_runs_here(started: Box) -> None:
    wait_for(lambda: "envtree: waits for absent/main" in started.log("needy.main"))
    wait_for(lambda: started.says("hand/needy"))  # nothing that it requires was linked
    started.start_later("absent.main")
    wait_for(lambda: "envtree: waits for db/main" in started.log("needy.main"))
    assert started.lives("db")  # and isn't ready
    assert not started.says("needy")
    (started.said / "db-is-ready").touch()
    started.number("needy")


def test_a_service_that_waits_can_be_stopped(started: Box) -> None:
    wait_for(lambda: "envtree: waits for never/main" in started.log("hopeless.main"))
    assert started.sv("stop", "hopeless.main").returncode == 0
    assert not started.says("hopeless")


def test_a_log_is_kept_as_asked_for(started: Box) -> None:
    folder = started.logs / "logged/main"
    wait_for(lambda: started.says("logged"))
    assert (folder / "config").read_text() == "s2048\nn3\n"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((started.logs / "told/told").stat().st_mode) == 0o750
    assert stat.S_IMODE(started.logs.stat().st_mode) == 0o755
    assert started.sv("stop", "logged.main").returncode == 0
    wait_for(lambda: "logged has ended" in started.log("logged.main"))
    assert len(list(folder.glob("@*"))) == 3


def test_a_log_that_cannot_be_written_is_named_by_runsvdir(started: Box) -> None:
    assert started.lives("unlogged")
    runsvdir = next(
        each for each in started.runsvdirs() if str(started.run) in " ".join(processes.command_line_of(each.pid))
    )
    wait_for(lambda: "can't cd to " in processes.command_line_of(runsvdir.pid)[-1])


@pytest.mark.root
@pytest.mark.parametrize(("name", "user", "group"), [("name", 65534, 65534), ("group", 65534, 1), ("number", 65534, 1)])
def test_a_service_runs_as_its_user_and_so_does_its_log(name: str, user: int, group: int, started: Box) -> None:
    status = Path(f"/proc/{started.number(name)}/status").read_text().splitlines()
    assert [line for line in status if line.startswith(("Uid", "Gid", "Groups"))] == [
        f"Uid:\t{user}\t{user}\t{user}\t{user}",
        f"Gid:\t{group}\t{group}\t{group}\t{group}",
        f"Groups:\t{group} ",
    ]
    current = started.logs / f"user-{name}/main/current"
    wait_for(current.exists)
    assert (current.stat().st_uid, (current.parent / "config").stat().st_uid) == (user, user)


SMALL = {
    "envtree.yaml": "environments: {production: {instance: together}}\nlog: {directory: %s}\n",
    "configs/web/service.yaml": "processes: {one: {command: witness one}, two: {command: witness two}}\n",
}


def test_what_was_removed_from_the_tree_is_gone_after_a_restart() -> None:
    with box() as it:
        settings = {**SMALL, "envtree.yaml": SMALL["envtree.yaml"] % json.dumps(str(it.logs))}
        common = {"SAID": str(it.said), "PATH": str(it.bin)}
        it.build({**settings, "configs/common.yaml": as_yaml(common | {"OLD": "a", "KEPT": "b"})})
        it.start()
        assert it.environment("one").keys() >= {b"OLD", b"KEPT"}
        it.number("two")
        settings["configs/web/service.yaml"] = "processes: {one: {command: witness one again}}\n"
        it.build({**settings, "configs/common.yaml": as_yaml(common | {"KEPT": "c"})})
        before = it.number("one")
        assert it.environment("one")[b"OLD"] == b"a"  # a build changes nothing of what runs
        assert it.sv("restart", "web.one").returncode == 0
        wait_for(lambda: it.number("one") != before)
        environment = it.environment("one")
        assert (b"OLD" in environment, environment[b"KEPT"]) == (False, b"c")
        assert it.words("one") == "<again>"
        assert (it.service("web.one") / "tree").resolve().name == (it.out / "current").resolve().name
        assert not (it.out / "current/production/web/two").exists()


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_whatever_is_killed_whenever_nothing_ever_runs_twice() -> None:
    chance = random.Random(os.environ.get("SEED", "1"))
    with box() as it:
        files = {name: text for name, text in SMALL.items() if name != "envtree.yaml"}
        files["envtree.yaml"] = SMALL["envtree.yaml"] % json.dumps(str(it.logs))
        files["configs/common.yaml"] = as_yaml({"SAID": str(it.said), "PATH": str(it.bin)})
        one, two = process("witness one child=deaf child_stop=NONE; exit 1"), process("witness two")
        files["configs/web/service.yaml"] = json.dumps({"processes": {"one": one, "two": two}})
        it.build({**files})
        it.start()
        it.number("one")
        for turn in range(100):
            time.sleep(chance.random() * 3)
            found = [each for each in it.everything() if each.name not in ("runsvdir", "svlogd")]
            chosen = chance.choice(found)
            processes.send(chosen, signal.SIGKILL)
            for name in ("one", "two", "deaf"):
                numbers = [int(line.split()[1]) for line in it.says(name) if line.startswith("started")]
                assert sum(processes.find_process(number) is not None for number in numbers) <= 1, (turn, chosen, name)
        wait_for(lambda: it.lives("one") and it.lives("two"))
