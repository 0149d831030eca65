"""Processes that have the name and the arguments of runsvdir or svlogd, and are another user's, or another program."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from envtree.core.runit.scripts import PATH
from envtree.machine.system import processes
from tests.boxes import Box, actor
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534
STRANGER = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
LOGS = 'until test -w "$1"; do sleep 0.1; done; exec "$0" "$@"'
STORE = f"environments: [review]\nprocesses: {{main: {actor('store', 'obey', ready='sleep 0.3')}}}\n"
needs_root = pytest.mark.root


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path, {"store": STORE})
    yield box
    box.clean_up()


class Impostor:
    """A process that runs until it is ended."""

    def __init__(self, *command: str) -> None:
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )

    def is_found_by(self, name: str, argument: str) -> bool:
        """Whether a check that looks at nothing else finds it; a program has its name before its arguments."""
        return self.child.pid in by_name_and_argument(name, argument)

    def __enter__(self) -> Impostor:
        return self

    def __exit__(self, *how: object) -> None:
        self.child.kill()
        self.child.communicate()


def of_another_user(box: Box, top: Path) -> Impostor:
    """The real runsvdir; it can't read the folder, and tries again."""
    return Impostor(*STRANGER, str(shutil.which("runsvdir", path=PATH)), "-P", f"{box.run}/watch")


def of_another_program(box: Box, top: Path) -> Impostor:
    """A script of this user."""
    script = top / "runsvdir"
    script.write_text("#!/bin/sh\nwhile :; do sleep 0.1; done\n")
    script.chmod(0o755)
    return Impostor(str(script), "-P", f"{box.run}/watch")


def by_name_and_argument(name: str, argument: str) -> set[int]:
    """Whom a check finds that looks at nothing else."""
    return {
        each.pid
        for each in processes.running()
        if each.name == name and argument in processes.command_line_of(each.pid)
    }


@pytest.mark.parametrize("kind", [pytest.param(of_another_user, marks=needs_root), of_another_program])
def test_a_runsvdir_is_known_by_its_user_and_its_program(
    kind: Callable[[Box, Path], Impostor], box: Box, tmp_path: Path
) -> None:
    with kind(box, tmp_path) as impostor:
        wait_for(lambda: impostor.is_found_by("runsvdir", f"{box.run}/watch"))  # it would be taken for ours
        booted = box.boot()
        assert (booted.returncode, "crash" in booted.stderr) == (0, False), booted.stderr
        assert set(box.actors().values()) == {1}
        again = box.boot()
        assert (again.returncode, "crash" in again.stderr) == (0, False), again.stderr
        assert "runsvdir doesn't run" not in box.envtree("status", "--run", str(box.run)).stderr
        down = box.down()
        assert (down.returncode, impostor.child.poll()) == (0, None), down.stderr


@needs_root
def test_a_svlogd_of_a_stranger_is_no_part_of_a_service(box: Box) -> None:
    log = f"{box.log}/store/main"
    assert box.boot().returncode == 0
    program = str(shutil.which("svlogd", path=PATH))
    Path(log).chmod(0o755)  # svlogd reads the folder that it starts in
    in_its_folder = ("env", f"--chdir={log}", *STRANGER)
    with TemporaryDirectory() as own, Impostor(*in_its_folder, "sh", "-c", LOGS, program, own, log) as impostor:
        os.chown(own, NOBODY, NOBODY)
        wait_for(lambda: impostor.is_found_by("svlogd", log))
        wait_for(lambda: processes.working_directory_of(impostor.child.pid) == log)  # it goes there and back
        down = box.down()
        assert (down.returncode, impostor.child.poll()) == (0, None), down.stderr
    assert "killed" not in down.stderr


def test_a_runsvdir_whose_program_was_replaced_by_an_upgrade_is_still_known(box: Box, tmp_path: Path) -> None:
    program = tmp_path / "runsvdir"
    shutil.copy(str(shutil.which("runsvdir", path=PATH)), program)
    child = subprocess.Popen([program, "-P", str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: (each := processes.find_process(child.pid)) is not None and each.name == "runsvdir")
        found = processes.find_process(child.pid)
        assert found is not None
        assert processes.is_program(found, str(program), {os.geteuid()})
        shutil.copy(program, tmp_path / "newer")
        (tmp_path / "newer").rename(program)
        assert processes.is_program(found, str(program), {os.geteuid()})
        assert not processes.is_program(found, "/bin/sh", {os.geteuid()})
        assert not processes.is_program(found._replace(start=found.start - 1), str(program), {os.geteuid()})
        assert not processes.is_program(found, str(program), {os.geteuid() + 1})
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
