"""Forty ways in which a boot can fail: each says why, ends with its code, and leaves nothing half started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from envtree.core.output.record import FORMAT
from envtree.machine.ec2 import metadata
from tests.boxes import Box, actor
from tests.builders import ROOT
from tests.imds import FakeMetadata
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.running import Done

ALL_UP, NOT_UP, NO_ANSWER = 0, 1, 2
SERVICES = {
    "store": f"environments: [review]\nprocesses:\n  main: {actor('store', 'obey')}\n",
    "app": f"requires: [store]\nprocesses:\n  web: {actor('web', 'obey')}\n  jobs: {actor('jobs', 'obey')}\n",
}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, SERVICES)
    yield made
    made.clean_up()


class Tags(NamedTuple):
    """Tags that name no role, and what is said of them."""

    tags: object
    says: str


def tagged(**tags: str) -> dict[str, list[dict[str, str]]]:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


BAD_TAGS = {
    "none at all": Tags(tagged(), "the tag `Environment` is missing"),
    "empty environment": Tags(tagged(Environment=""), "the tag `Environment` is empty"),
    "blank environment": Tags(tagged(Environment="review "), "has a blank round its value"),
    "unknown environment": Tags(tagged(Environment="reviw"), "did you mean `review`?"),
    "another case": Tags(tagged(environment="review"), "`Environment` is the one that is read"),
    "no service": Tags(tagged(Environment="production"), "runs one service a machine"),
    "unknown service": Tags(tagged(Environment="review", Service="ap"), "is no service of `review`"),
    "a service of elsewhere": Tags(tagged(Environment="production", Service="store"), "doesn't run in `production`"),
    "unknown process": Tags(tagged(Environment="review", Service="app", Process="wb"), "did you mean `web`?"),
    "process of no service": Tags(tagged(Environment="review", Process="web"), "names a process"),
    "hostile": Tags(tagged(Environment="\x1b[2Jreview"), "is no environment"),
    "twice": Tags(
        {"Tags": [{"Key": "Environment", "Value": "review"}, {"Key": "Environment", "Value": "production"}]}, "twice"
    ),
    "paged": Tags({**tagged(Environment="review"), "NextToken": "more"}, "is a part"),
    "no answer": Tags("nonsense", ""),
}


@pytest.mark.parametrize("bad", BAD_TAGS.values(), ids=BAD_TAGS)
def test_tags_that_name_no_role_start_nothing(box: Box, bad: Tags) -> None:
    file = box.top / "tags.json"
    file.write_text(json.dumps(bad.tags))
    refused(box, box.refuse("--tags", str(file)), bad.says)


def refused(box: Box, done: Done, says: str) -> None:
    """It said so, in plain letters, and nothing was started."""
    assert done.code == NO_ANSWER, done.stderr
    assert says in done.stderr
    assert "\x1b" not in done.said
    assert done.stdout == ""
    box.assert_gone()
    assert not any(box.said.iterdir())


class Metadata(NamedTuple):
    """A fault of the metadata service, what is said of it, and how long it is waited for."""

    plant: Callable[[FakeMetadata], object]
    says: str
    seconds: str = "60"


BAD_SERVICE = {
    "slow": Metadata(lambda fake: fake.plant("/latest/api/token", delay=300), "doesn't answer", "0.6"),
    "token refused": Metadata(lambda fake: fake.plant("/latest/api/token", status=403), "403"),
    "401": Metadata(lambda fake: fake.plant("/latest/meta-data/tags/instance", status=401), "401"),
    "tags off": Metadata(lambda fake: fake.plant("/latest/meta-data/tags/instance", status=404), "tags"),
    "ailing": Metadata(lambda fake: fake.plant("/latest/api/token", status=500), "500"),
    "garbage": Metadata(lambda fake: fake.plant("/latest/meta-data/tags/instance", how="garbage"), ""),
    "reset": Metadata(lambda fake: fake.plant("/latest/api/token", how="reset"), ""),
}


@pytest.mark.parametrize("bad", BAD_SERVICE.values(), ids=BAD_SERVICE)
def test_a_metadata_service_that_fails_starts_nothing(box: Box, bad: Metadata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "FIRST", 1000.0)  # the time is up before another try
    with FakeMetadata({"Environment": "review"}) as fake:
        bad.plant(fake)
        refused(box, box.refuse("--wait", bad.seconds, AWS_EC2_METADATA_SERVICE_ENDPOINT=fake.url), bad.says)


def test_no_metadata_service_starts_nothing(box: Box) -> None:
    done = box.refuse("--wait", "0.6", AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1/")
    refused(box, done, "127.0.0.1:1")


def test_the_metadata_service_says_what_the_machine_is_for(box: Box) -> None:
    with FakeMetadata({"Environment": "production", "Service": "app", "Process": "web"}) as fake:
        words = ("boot", "--out", str(box.out), "--run", str(box.run))
        done = box.envtree(*words, AWS_EC2_METADATA_SERVICE_ENDPOINT=fake.url)
    assert done.returncode == ALL_UP, done.stderr
    assert set(box.actors()) == {"web"}


class Broken(NamedTuple):
    """What was done to an output or a machine, and what is said of it."""

    breaks: Callable[[Box], object]
    says: str


def envdir_of(box: Box, place: str) -> Path:
    return (box.out / "current" / place / "env").resolve()


def write_older(box: Box) -> None:
    manifest = box.out / "current/manifest.json"
    text = manifest.read_text().replace(f'"format": {FORMAT}', '"format": 1')
    import hashlib

    name = hashlib.sha256(text.encode()).hexdigest()
    manifest.write_text(text)
    manifest.resolve().parent.rename(box.out / "generations" / name)
    (box.out / "current").unlink()
    (box.out / "current").symlink_to(f"generations/{name}")


def run_is_a_file(box: Box) -> None:
    box.run.write_text("")


BROKEN = {
    "no output": Broken(lambda box: shutil.rmtree(box.out), "is not there"),
    "no generation": Broken(lambda box: (box.out / "current").unlink(), "no current generation"),
    "half copied: no manifest": Broken(lambda box: (box.out / "current/manifest.json").unlink(), "it is missing"),
    "half copied: no envdir": Broken(lambda box: shutil.rmtree(envdir_of(box, "common")), "can't be read"),
    "half copied: no script": Broken(lambda box: (box.out / "current/review/app/web/run").unlink(), "scripts"),
    "half copied: no shared script": Broken(lambda box: (box.out / "current/supervision.sh").unlink(), "supervision"),
    "a changed value": Broken(lambda box: (envdir_of(box, "common") / "SAID").write_text("/tmp\n"), "not as they were"),
    "an older envtree's": Broken(write_older, "built by an older envtree"),
    "writable by others": Broken(lambda box: box.out.chmod(0o777), "others can write"),
    "runtime folder is a file": Broken(run_is_a_file, "is no folder"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_an_output_that_is_not_whole_starts_nothing(box: Box, broken: Broken) -> None:
    broken.breaks(box)
    done = box.refuse("--as", "review")
    assert done.code == NO_ANSWER, done.stderr
    assert broken.says in done.stderr
    assert not box.processes()
    assert not box.run.is_dir()


@pytest.mark.root
@pytest.mark.parametrize("path", ["out", "run"])
def test_a_folder_of_another_user_starts_nothing(box: Box, path: str) -> None:
    folder = box.top / path
    folder.mkdir(exist_ok=True)
    os.chown(folder, 65534, 65534)
    done = box.refuse("--as", "review")
    assert done.code == NO_ANSWER
    assert "belongs to another user" in done.stderr
    assert path == "out" or "use `sudo -u nobody envtree ...`" in done.stderr
    assert not box.processes()


def test_what_is_not_ready_does_not_hide_the_rest_where_boot_is_to_keep_going(box: Box) -> None:
    broken = box.top / "broken"
    store = actor("store", "obey", ready=json.dumps(f"test ! -e {broken}"))
    box.write(
        {
            "configs/store/service.yaml": f"environments: [review]\nprocesses:\n  main: {store}\n",
            "configs/other/service.yaml": f"processes: {{main: {actor('other', 'obey')}}}\n",
        }
    )
    box.build()
    broken.touch()
    for words in ("but for 3 processes: 1 started", "but for 3 processes: 1 as before"):
        done = box.boot("--keep-going", "--timeout", "3")
        assert done.returncode == NOT_UP
        assert "`review/store/main` runs, but isn't ready after 3 s" in done.stderr
        assert "`review/app/web` waits for `store`" in done.stderr
        assert f"review is up {words}" in done.stderr
        assert box.actors() == {"store": 1, "other": 1}
    before = box.main_of("store.main")
    assert box.status()["review/store/main"]["state"] == "not ready"
    broken.unlink()
    wait_for(lambda: box.actors() == {"store": 1, "other": 1, "web": 1, "jobs": 1})
    done = box.boot()
    assert (done.returncode, box.main_of("store.main")) == (ALL_UP, before), done.stderr
    assert box.down().returncode == 0
    box.assert_gone()


@pytest.mark.root
@pytest.mark.parametrize("verb", ["status", "restart", "down"])
def test_another_user_is_told_whose_machine_it_is(verb: str) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as top:
        Path(top).chmod(0o755)
        run = Path(top, "run")
        run.mkdir(mode=0o700)
        words = [sys.executable, "-c", AS_NOBODY, verb, "--run", str(run)]
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, cwd="/", env={"PATH": "/usr/bin:/bin"}
        )
    assert done.returncode == NO_ANSWER
    assert f"`{run}` belongs to another user, root\n = help: use `sudo envtree ...`" in done.stderr


AS_NOBODY = """\
import ctypes, os, pwd, resource, sys
from envtree.cli.main import main
from envtree.cli import app
from envtree.machine.commands import boot, down, left, restart, status
os.setgid(65534)
os.setuid(65534)
sys.exit(main())
"""


class Unfit(NamedTuple):
    """What a service asks of a machine that hasn't got it, and what is said."""

    text: str
    says: str


UNFIT = {
    "user": Unfit("user: nobody-of-this-name\n", "no user or group `nobody-of-this-name`"),
    "group": Unfit("user: root:no-such-group\n", "no user or group `root:no-such-group`"),
    "owner of logs": Unfit("log: {owner: no-such-user}\n", "no user or group `no-such-user`"),
    "directory": Unfit("directory: /srv/nowhere\n", "there is no folder `/srv/nowhere`"),
    "runtime": Unfit("runtimes: {ruby: 3.3.5}\n", "installs/ruby/3.3.5/bin`"),
}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_a_machine_that_lacks_something_starts_nothing_of_it(box: Box, unfit: Unfit) -> None:
    box.write({"configs/app/service.yaml": f"{unfit.text}{SERVICES['app']}"})
    box.build()
    refused(box, box.refuse("--as", "review"), unfit.says)


class Unready(NamedTuple):
    """A process that doesn't come up, what is said of it, and how long it is waited for."""

    process: str
    says: str
    seconds: str = "4"


UNREADY = {
    "no such command": Unready("{command: no-such-command}", "127 (there is no such command)", "60"),
    "not to be run": Unready("{command: /etc/passwd}", "126 (the command can't be run)", "60"),
    "crashes": Unready(actor("store", "crash"), "doesn't stay up: exit code 7"),
    "kills itself": Unready("{command: 'kill -9 $$'}", "doesn't stay up: killed by SIGKILL"),
    "never ready": Unready(actor("store", "obey", ready='"false"'), "isn't ready after 4 s"),
    "a check that hangs": Unready(actor("store", "obey", ready="sleep 100"), "isn't ready after 4 s"),
}


@pytest.mark.parametrize("unready", UNREADY.values(), ids=UNREADY)
def test_what_is_required_and_never_comes_up_takes_all_back(box: Box, unready: Unready) -> None:
    box.write({"configs/store/service.yaml": f"environments: [review]\nprocesses: {{main: {unready.process}}}\n"})
    box.build()
    done = box.boot("--timeout", unready.seconds)
    assert done.returncode == NOT_UP, done.stderr
    assert unready.says in done.stderr
    assert done.stdout == ""
    box.assert_gone()
    assert not (box.said / "web").exists()  # it waited for what it requires


def test_a_log_folder_that_cannot_be_made_starts_nothing(box: Box) -> None:
    box.log.write_text("a file in its place")
    refused(box, box.refuse("--as", "review"), f"the log folder `{box.log}/store/main` can't be made: not a directory")


def test_a_log_that_cannot_be_written_is_no_reason_to_hang(box: Box) -> None:
    (box.log / "store/main/lock").mkdir(parents=True)  # where svlogd wants a file
    done = box.boot("--timeout", "4")
    assert done.returncode == NOT_UP
    assert f"can't write its log to {box.log}/store/main" in done.stderr
    box.assert_gone()


@pytest.mark.root
@pytest.mark.parametrize("size", ["4k", "40k", "80k"])
def test_a_full_runtime_folder_leaves_nothing_half_started(box: Box, size: str) -> None:
    box.run.mkdir(mode=0o700)
    command = f"mount -t tmpfs -o size={size},mode=700 tmpfs {box.run} && exec {sys.executable} -m envtree "
    command += " ".join(box.boot_words("--timeout", "3"))
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command], capture_output=True, text=True, check=False, env=environ, timeout=LONG
    )
    assert done.returncode in (NOT_UP, NO_ANSWER), done.stderr
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    wait_for(lambda: not box.processes(), box.processes)


def test_what_ran_before_goes_on_where_something_new_does_not_come_up(box: Box) -> None:
    assert box.boot().returncode == ALL_UP
    before = box.main_of("store.main")
    box.write({"configs/other/service.yaml": "processes: {main: {command: no-such-command}}\n"})
    box.build()
    done = box.boot("--timeout", "2")
    assert done.returncode == NOT_UP
    assert "review/other/main" in done.stderr
    assert box.main_of("store.main") == before
    assert box.actors() == {"store": 1, "web": 1, "jobs": 1}
    assert not box.folder("other.main").exists()
