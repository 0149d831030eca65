"""Another user beside root: no file of theirs is run, and root writes, reads and gives away nothing where they point.

Each check is taken away once, and then the attack succeeds. It runs with fs.protected_symlinks as the machine has it;
that guards sticky folders only, and the attacks are where it doesn't.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from envtree.adapters.store import descriptors, structure, trust
from envtree.core.model.tree import (
    Environment,
    LogSettings,
    Process,
    Project,
    Service,
    Span,
    Target,
)
from envtree.core.runit.scripts import service_files
from envtree.machine.services.parts import LogFolder
from envtree.machine.system import log_folder
from envtree.machine.system.log_folder import prepare_log
from tests.adapters.faults import NEW, OLD, here, write_source
from tests.boxes import Box, actor
from tests.builders import ROOT
from tests.cli import running
from tests.other_user import SECRET, THEM, Ground, as_them, attacking, ground
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.root
RACES = [pytest.param(300, 10, id="few"), pytest.param(10_000, 300, id="many", marks=pytest.mark.soak)]
"""How often they swap at least, and how often root does its part."""
STORE = {"store": f"environments: [review]\nprocesses: {{main: {actor('store', 'obey')}}}\n"}
SPAN = Span("configs/store/service.yaml", 1, 1)


@pytest.fixture
def no_waiting_for_the_whole_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envtree.adapters.store.publish._sync_all", lambda _: None)


@pytest.fixture
def land() -> Iterator[Ground]:
    with ground() as made:
        yield made


@pytest.fixture
def box(land: Ground) -> Iterator[Box]:
    """A machine whose output a group of the other user may read, so that they can reach it."""
    made = Box(land.top / "machine", STORE)
    build(made)
    yield made
    made.clean_up()


def build(box: Box, *options: str) -> None:
    shared = ("--mode", "0640", "--owner", f":{THEM}")
    done = running.run(box.top, "build", "-q", "-C", "tree", "--out", str(box.out), *(options or shared))
    assert done.code == 0, done.stderr


def boot(box: Box) -> running.Done:
    """Boot in this process, where a check can be taken away."""
    return running.run(box.top, "boot", "--out", str(box.out), "--run", str(box.run), "--as", "review")


def believe_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the check of folders above others, and of links."""
    monkeypatch.setattr(trust, "_fault", lambda *_: "")
    monkeypatch.setattr(trust, "is_trusted", lambda _: True)


# A build


@pytest.mark.parametrize(("swaps", "rounds"), RACES)
@pytest.mark.usefixtures("no_waiting_for_the_whole_machine")
def test_a_build_is_led_nowhere_by_who_swaps_a_folder_for_a_link(swaps: int, rounds: int, land: Ground) -> None:
    as_them("import os, sys; os.mkdir(sys.argv[1]); os.symlink(sys.argv[3], sys.argv[2])", *way(land), land.victim)
    sources = [write_source(land.top / name, files) for name, files in (("old", OLD), ("new", NEW))]
    codes: set[int] = set()
    before = land.state()
    with attacking(land, *way(land)) as attack:
        while attack.swaps() < swaps or rounds > 0 or len(codes) < 2:
            rounds -= 1
            for source in sources:
                done = here("build", "-q", "-C", source, "--out", way(land)[0] / "out")
                assert "bug" not in done.stderr
                codes.add(done.code)
    assert codes == {0, 2}
    assert land.state() == before


def way(land: Ground) -> tuple[Path, Path]:
    return land.theirs / "way", land.theirs / "link"


@pytest.mark.parametrize("is_checked", [True, False])
def test_a_build_follows_no_link_of_theirs(is_checked: bool, land: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    as_them("import os, sys; os.symlink(sys.argv[2], sys.argv[1])", land.theirs / "link", land.victim)
    source, before = write_source(land.top / "tree", OLD), land.state()
    if not is_checked:
        believe_all(monkeypatch)
    done = here("build", "-q", "-C", source, "--out", land.theirs / "link/out")
    if is_checked:
        assert f"`{land.theirs}` belongs to another user, who may rename `link` in it" in done.stderr
        assert land.state() == before
    else:
        assert (land.victim / "out/current").exists()


@pytest.fixture
def links_are_followed() -> Iterator[None]:
    """Linux follows links of others in sticky folders, as in many containers."""
    setting = Path("/proc/sys/fs/protected_symlinks")
    before = setting.read_text()
    try:
        setting.write_text("0\n")
    except OSError:
        pytest.skip("fs.protected_symlinks can't be set here")
    yield
    setting.write_text(before)


@pytest.mark.usefixtures("links_are_followed")
@pytest.mark.parametrize("is_checked", [True, False])
def test_a_build_follows_no_link_of_theirs_in_a_sticky_folder(
    is_checked: bool, land: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    sticky = land.top / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    as_them("import os, sys; os.symlink(*sys.argv[1:])", land.victim, sticky / "link")
    if not is_checked:
        believe_all(monkeypatch)
    done = here("build", "-q", "-C", write_source(land.top / "tree", OLD), "--out", sticky / "link/out")
    assert ("lets others rename `link` in it" in done.stderr) == is_checked
    assert (land.victim / "out").exists() != is_checked


@pytest.mark.parametrize(("swaps", "rounds"), RACES)
@pytest.mark.usefixtures("no_waiting_for_the_whole_machine")
def test_values_that_their_owner_swaps_lead_root_nowhere(swaps: int, rounds: int, land: Ground) -> None:
    source, out, before = write_source(land.top / "tree", OLD), land.top / "out", land.state()
    words = ("build", "-q", "-C", source, "--out", out, "--mode", "0640", "--owner", f"{THEM}:{THEM}")
    assert here(*words).code == 0
    value = (out / "current/common/env").resolve() / "LEVEL"
    trap = value.with_name("TRAP")
    as_them("import os, sys; os.symlink(sys.argv[2], sys.argv[1])", trap, land.secret)
    found: set[int] = set()
    with attacking(land, value, trap) as attack:
        while attack.swaps() < swaps or rounds > 0 or not found:
            rounds -= 1
            done = here("verify", out)
            found.add(done.code)
            assert SECRET.strip() not in done.stdout + done.stderr
            assert here(*words, "--repair").code == 0
            with contextlib.suppress(subprocess.CalledProcessError, FileNotFoundError):
                as_them("import os, sys; os.symlink(sys.argv[2], sys.argv[1])", trap, land.secret)
    assert 1 in found
    assert here(*words, "--repair").code == 0
    assert here("verify", out).code == 0
    assert land.state() == before


@pytest.mark.parametrize("is_checked", [True, False])
def test_a_value_is_read_through_no_link(is_checked: bool, land: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = write_source(land.top / "tree", OLD), land.top / "out"
    assert here("build", "-q", "-C", source, "--out", out, "--mode", "0640", "--owner", f"{THEM}:{THEM}").code == 0
    value = (out / "current/common/env").resolve() / "LEVEL"
    as_them(
        "import os, sys; os.rename(sys.argv[1], sys.argv[2]); os.symlink(sys.argv[2], sys.argv[1])",
        *(value, land.theirs / "elsewhere"),
    )
    if not is_checked:
        monkeypatch.setattr(descriptors, "OLD_FILE", descriptors.OLD_FILE & ~os.O_NOFOLLOW)
    done = here("verify", out)
    assert (done.code, "it is no plain file" in done.stdout) == ((1, True) if is_checked else (0, False))


# What root runs


def test_a_script_that_is_theirs_is_not_run(box: Box) -> None:
    script = (box.out / "current/review/store/main/finish").resolve()
    os.chown(script, THEM, -1)
    done = boot(box)
    assert done.code == 2
    assert f"`{script}`: it belongs to another owner" in done.stderr
    assert not box.processes()


def test_without_the_check_a_script_that_is_theirs_is_run_by_root(
    box: Box, land: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (box.out / "current/review/store/main/finish").resolve()
    os.chown(script, THEM, -1)
    monkeypatch.setattr(structure, "is_builders", lambda *_: True)
    assert boot(box).code == 0
    as_them("import sys; open(sys.argv[1], 'w').write('#!/bin/sh\\n: >' + sys.argv[2])", script, land.victim / "got")
    tree = box.folder("store.main") / "tree"
    tree.unlink()
    tree.symlink_to(script.parents[3])  # in place of root's own copy, which they can't reach
    os.kill(box.main_of("store.main"), signal.SIGKILL)
    wait_for((land.victim / "got").exists)
    assert (land.victim / "got").stat().st_uid == 0


def log_below(box: Box, folder: Path) -> None:
    settings = (box.tree / "envtree.yaml").read_text()
    box.write({"envtree.yaml": settings.replace(str(box.log), f"{folder}/log")})


PLACES: dict[str, Callable[[Box, Path], None]] = {
    "OUT": lambda box, folder: setattr(box, "out", folder / "out"),
    "the runtime folder": lambda box, folder: setattr(box, "run", folder / "run"),
    "a log": log_below,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("how", ["theirs", "open", "open to a group", "a link of theirs"])
def test_a_folder_that_they_may_rename_in_is_refused_with_its_path(
    how: str, place: str, box: Box, land: Ground
) -> None:
    folder = land.top / "folder"
    folder.mkdir()
    above = folder
    if how == "theirs":
        os.chown(folder, THEM, THEM)
    elif how == "open":
        folder.chmod(0o777)
    elif how == "open to a group":
        os.chown(folder, 0, THEM)
        folder.chmod(0o775)
    else:
        above = land.theirs
        folder = above / "link"
        as_them("import os, sys; os.symlink(sys.argv[2], sys.argv[1])", folder, land.top / "folder")
    PLACES[place](box, folder)
    box.out.parent.mkdir(exist_ok=True)
    build_there(box, land)
    done = boot(box)
    assert done.code == 2
    assert f"`{above}` " in done.stderr
    assert "rename" in done.stderr
    assert not box.processes()


def build_there(box: Box, land: Ground) -> None:
    """Build where a build may go, and have the output where it is to be."""
    wanted, box.out = box.out, land.top / "machine/out"
    build(box)
    if wanted != box.out:
        box.out.rename(wanted)
        box.out = wanted


@pytest.mark.parametrize("how", ["sticky", "ours"])
def test_a_folder_where_they_cannot_rename_what_is_ours_will_do(how: str, box: Box, land: Ground) -> None:
    folder = land.top / "folder"
    folder.mkdir()
    folder.chmod(0o1777 if how == "sticky" else 0o755)
    for place in PLACES.values():
        place(box, folder)
    build_there(box, land)
    assert boot(box).code == 0
    assert box.down().returncode == 0


def test_without_the_check_they_put_another_output_in_its_place_and_root_runs_it(
    box: Box, land: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.out = land.theirs / "out"
    build_there(box, land)
    believe_all(monkeypatch)
    assert boot(box).code == 0
    code = """if True:
        import os, sys
        out, got = sys.argv[1:]
        os.rename(out, out + '.was')
        folder = out + '/generations/g/review/store/main'
        os.makedirs(folder)
        os.symlink('generations/g', out + '/current')
        open(folder + '/run', 'w').write('#!/bin/sh\\n: >' + got)
        os.chmod(folder + '/run', 0o755)"""
    as_them(code, box.out, land.victim / "got")
    os.kill(box.main_of("store.main"), signal.SIGKILL)
    wait_for((land.victim / "got").exists)
    assert (land.victim / "got").stat().st_uid == 0


@pytest.mark.parametrize(
    "words",
    [
        ("verify",),
        ("rollback",),
        ("exec", "review/store/main", "--out"),
        ("export", "review/store/main", "--format", "json", "--out"),
    ],
)
def test_what_reads_an_output_refuses_one_that_they_may_replace(words: tuple[str, ...], box: Box, land: Ground) -> None:
    box.out = land.theirs / "out"
    build_there(box, land)
    more = ("--", "true") if words[0] == "exec" else ()
    done = running.run(box.top, *words, str(box.out), *more)
    assert done.code in (2, 111)
    assert f"`{land.theirs}` belongs to another user, who may rename `out` in it" in done.stderr


# Values of theirs


def check_script(owner: str, land: Ground) -> str:
    """The script that asks whether a process of theirs is ready; it tells what it was given."""
    process = Process("main", "true", SPAN, ready=f'printf %s "$VALUE" >{land.theirs}/told')
    service = Service("store", SPAN, (process,), ("review",), user=f"{THEM}:{THEM}")
    project = Project((Environment("review", "together", SPAN),), (service,))
    return service_files(Target("review", "store", "main"), service, process, project, {}, owner)["check"]


@pytest.mark.parametrize("is_checked", [True, False])
def test_a_value_of_theirs_shows_them_no_file_that_only_root_may_read(is_checked: bool, land: Ground) -> None:
    folder = land.top / "machine/review/store/main"
    folder.mkdir(parents=True)
    for name in ("common", "review", "review/store", "review/store/main"):
        (land.top / "machine" / name / "env").mkdir(parents=True)
    value = land.top / "machine/common/env/VALUE"
    value.symlink_to(land.secret)
    (folder / "tree").symlink_to("../../..")
    script = check_script(str(THEM) if is_checked else "", land)
    subprocess.run(["sh", "-c", script], cwd=folder, check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    told = land.theirs / "told"
    assert (told.read_text() if told.exists() else "") == ("" if is_checked else SECRET.strip())
    value.unlink()
    value.write_text("plain\n")
    subprocess.run(["sh", "-c", script], cwd=folder, check=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    assert told.read_text() == "plain"


def test_root_starts_nothing_with_values_of_theirs(box: Box) -> None:
    build(box, "--owner", str(THEM))
    done = boot(box)
    assert done.code == 2
    assert f"root starts nothing with values that belong to `{THEM}`" in done.stderr
    run = (box.out / "current/review/store/main/run").read_text()
    guard = next(line for line in run.splitlines() if "id -u" in line)
    said = subprocess.run(["sh", "-c", f"{guard}\necho started"], capture_output=True, text=True, check=False)
    assert (said.returncode, "started" in said.stdout) == (111, False)


def test_a_user_who_owns_the_values_can_be_who_runs_with_them(box: Box, land: Ground) -> None:
    box.said.chmod(0o777)
    command = f"env >{box.said}/env; exec sleep 1000"
    service = f"user: {THEM}:{THEM}\nenvironments: [review]\nprocesses: {{main: {{command: {command}}}}}\n"
    box.write({"configs/store/service.yaml": service})
    build(box, "--mode", "0640", "--owner", f"{THEM}:{THEM}")
    assert boot(box).code == 0
    wait_for((box.said / "env").exists)
    assert (box.said / "env").stat().st_uid == THEM
    assert f"MARK={box.mark}" in (box.said / "env").read_text()
    assert box.down().returncode == 0


# Logs


def test_the_owner_of_a_log_leads_root_to_no_other_file(land: Ground) -> None:
    before = land.state()
    leave_traps(land)
    for text in ("s1000\nn1\n", "s2000\nn2\n"):
        assert prepare_log(LogFolder(str(land.top / "log/main"), 0o750, f"{THEM}:{THEM}", text)) is None
        assert (land.top / "log/main/config").read_text() == text
    assert not (land.top / "log/main/config").is_symlink()
    assert land.state() == before


def leave_traps(land: Ground) -> None:
    log = land.top / "log/main"
    log.mkdir(parents=True, exist_ok=True)
    os.chown(log, THEM, THEM)
    for name in ("config", ".config.new", "current"):
        as_them("import os, sys; os.symlink(*sys.argv[1:])", land.secret, log / name)


def test_without_its_care_the_owner_of_a_log_leads_root_to_another_file(
    land: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(folder: int, text: str, owner: object) -> None:
        Path(f"/proc/self/fd/{folder}/config").write_text(text)

    monkeypatch.setattr(log_folder, "_write_config", write)
    leave_traps(land)
    prepare_log(LogFolder(str(land.top / "log/main"), 0o750, f"{THEM}:{THEM}", "n1\n"))
    assert land.secret.read_text() == "n1\n"


@pytest.mark.parametrize(("swaps", "rounds"), RACES)
def test_the_owner_of_a_log_who_swaps_leads_root_nowhere(swaps: int, rounds: int, land: Ground) -> None:
    before = land.state()
    leave_traps(land)
    log, number = land.top / "log/main", 0
    as_them("import sys; open(sys.argv[1], 'w')", log / "file")
    with attacking(land, log / "config", log / "file") as attack:
        while attack.swaps() < swaps or number < 20 * rounds:
            number += 1
            prepare_log(LogFolder(str(log), 0o750, f"{THEM}:{THEM}", f"n{number}\n"))
    assert land.state() == before


@pytest.mark.parametrize("is_checked", [True, False])
def test_a_log_that_is_given_away_takes_no_other_file_with_it(
    is_checked: bool, land: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = land.top / "log/main"
    log.mkdir(parents=True)
    (log / "current").write_text("a line\n")
    (log / "second name").hardlink_to(land.secret)
    (log / "link").symlink_to(land.secret)
    os.mkfifo(log / "pipe")
    if not is_checked:
        monkeypatch.setattr(log_folder, "_give", lambda name, folder, owner: os.chown(name, *owner, dir_fd=folder))
    assert prepare_log(LogFolder(str(log), 0o750, f"{THEM}:{THEM}", "n1\n")) is None
    assert (log.stat().st_uid, (log / "current").stat().st_uid, (log / "config").stat().st_uid) == (THEM,) * 3
    assert land.secret.stat().st_uid == (0 if is_checked else THEM)


@pytest.mark.parametrize("is_checked", [True, False])
def test_svlogd_does_not_run_as_root_in_a_folder_of_theirs(is_checked: bool, land: Ground) -> None:
    service = Service("store", SPAN, (Process("main", "true", SPAN),), ("review",), log=LogSettings(str(land.theirs)))
    project = Project((Environment("review", "together", SPAN),), (service,))
    script = service_files(Target("review", "store", "main"), service, service.processes[0], project, {})["log/run"]
    log = land.theirs / "store/main"
    code = "import os, sys; os.makedirs(sys.argv[1]); os.symlink(sys.argv[2], sys.argv[1] + '/current')"
    as_them(code, log, land.victim / "planted")
    before = land.state()
    if not is_checked:
        start, end = script.index("case "), script.index("esac\n") + len("esac\n")
        script = script[:start] + script[end:]
    done = subprocess.run(
        ["sh", "-c", script], input="a line\n", text=True, capture_output=True, check=False, timeout=100
    )
    assert (done.returncode, (land.victim / "planted").exists()) == ((111, False) if is_checked else (0, True))
    assert not is_checked or land.state() == before


# What is no plain file


class Trap(NamedTuple):
    """What lies in place of a file: a pipe that nobody writes to, a device, a file that is larger than any memory."""

    name: str

    def put(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        if self.name == "pipe":
            os.mkfifo(path, 0o600)
        elif self.name == "device":
            path.symlink_to("/dev/zero")
        else:
            path.touch(0o600)
            os.truncate(path, 1 << 40)


TRAPS = [Trap("pipe"), Trap("device"), Trap("huge")]
FILES = {
    "manifest": ("out/current/manifest.json", "verify", "boot", "build"),
    "log of builds": ("out/log.jsonl", "verify", "build", "rollback"),
    "value": ("out/current/common/env/MARK", "verify", "boot", "build"),
    "script": ("out/current/review/store/main/run", "verify", "boot", "build"),
    "state": ("run/state.json", "status", "down"),
    "spec": ("run/services/store.main/part.json", "status", "down"),
    "tags": ("tags.json", "tags"),
}


@pytest.mark.parametrize("trap", TRAPS, ids=[trap.name for trap in TRAPS])
@pytest.mark.parametrize("file", FILES)
def test_no_pipe_device_or_endless_file_holds_up_a_command_or_fills_memory(file: str, trap: Trap, box: Box) -> None:
    path, *verbs = FILES[file]
    place = box.top / path
    if path.startswith("run/"):
        (box.run / "services/store.main").mkdir(parents=True, mode=0o700)
        box.run.chmod(0o700)
    place = place.parent.resolve() / place.name
    for verb in verbs:
        trap.put(place)
        done = limited(box, verb)
        assert done.returncode in (0, 1, 2), done.stderr
        assert "Traceback" not in done.stderr
        assert "bug" not in done.stderr


def limited(box: Box, verb: str) -> subprocess.CompletedProcess[str]:
    """Run a verb with no more memory than a small machine has."""
    words = {
        "build": ("-C", str(box.tree), "--out", str(box.out), "--repair", "--mode", "0640", "--owner", f":{THEM}"),
        "boot": ("--out", str(box.out), "--run", str(box.run), "--as", "review/store/none"),
        "tags": ("--out", str(box.out), "--run", str(box.run), "--tags", str(box.top / "tags.json")),
        "verify": (str(box.out),),
        "rollback": (str(box.out),),
    }.get(verb, ("--run", str(box.run)))
    return subprocess.run(
        [sys.executable, "-m", "envtree", "boot" if verb == "tags" else verb, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
    )


def test_a_reader_without_care_is_held_up_or_fills_memory(land: Ground) -> None:
    for trap, how in (("pipe", subprocess.TimeoutExpired), ("huge", subprocess.CalledProcessError)):
        path = land.top / trap
        Trap(trap).put(path)
        with pytest.raises(how):
            subprocess.run(
                [sys.executable, "-c", "import sys; open(sys.argv[1], 'rb').read()", path],
                check=True,
                capture_output=True,
                timeout=3 if trap == "pipe" else 100,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
            )
