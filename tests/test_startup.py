"""What `envtree init --boot` writes, where it is to run: systemd reads the unit, and runsv runs the service.

A stand-in for `envtree` says when it began and ended, and takes its time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from envtree.core.runit.scripts import PATH
from tests.cli.running import run
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAND_IN = """\
#!/bin/sh
echo "$*" >>{0}/said
trap 'echo "$1 interrupted" >>{0}/said; exit 143' TERM
. {0}/does-$1
echo "$1 ended" >>{0}/said
"""
ENDLESS = "while :; do sleep 0.1; done"
BOOTS = "boot --keep-going --out /etc/envtree"
PATIENT = ("-w", f"{LONG:.0f}")


class Service(NamedTuple):
    """The service under a runsv of its own, in a folder that the stand-in writes into."""

    folder: Path

    def does(self, verb: str, script: str) -> None:
        (self.folder / f"does-{verb}").write_text(script)

    def sv(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["sv", *words, f"{self.folder}/envtree"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    @property
    def said(self) -> list[str]:
        path = self.folder / "said"
        return path.read_text().splitlines() if path.exists() else []

    def says(self, *lines: str) -> None:
        """Wait until it has said just this."""
        wait_for(lambda: self.said == [*lines], lambda: self.said)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """As `init --boot` writes it, but for where it finds programs and keeps its log."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "envtree").write_text(STAND_IN.format(tmp_path))
    (programs / "envtree").chmod(0o755)
    assert run(tmp_path, "init", "--boot").code == 0
    written = shutil.copytree(tmp_path / "boot/runit/envtree", tmp_path / "envtree")
    for script in (path for path in written.rglob("*") if path.is_file()):
        text = script.read_text()
        script.write_text(text.replace(PATH, f"{programs}:{PATH}").replace("/var/log", str(tmp_path)))
    service = Service(tmp_path)
    service.does("boot", ":")
    service.does("down", ":")
    return service


@contextmanager
def supervised(service: Service) -> Iterator[None]:
    """While a runsv runs it; nothing of it is left."""
    runsv = subprocess.Popen(["runsv", service.folder / "envtree"], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(lambda: service.said)
        yield
    finally:
        service.sv("exit")
        assert runsv.wait(timeout=LONG) == 0


@pytest.mark.parametrize("out", ["/etc/envtree", "/srv/a b/50% $HOME/it's \"\\here"])
def test_systemd_finds_nothing_wrong_with_the_unit(out: str, tmp_path: Path) -> None:
    assert run(tmp_path, "init", "--boot", "--out", out).code == 0
    unit = tmp_path / "boot/systemd/envtree.service"
    unit.write_text(unit.read_text().replace("=envtree ", f"={sys.executable} -m envtree "))  # none is in /usr here
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_what_has_been_booted_is_brought_down_once_the_service_stops(service: Service) -> None:
    with supervised(service):
        service.says(BOOTS, "boot ended")
        assert service.sv(*PATIENT, "stop").returncode == 0
        assert service.said == [BOOTS, "boot ended", "down", "down ended"]


def test_a_boot_that_has_not_ended_is_stopped_before_what_it_started(service: Service) -> None:
    service.does("boot", ENDLESS)
    with supervised(service):
        assert service.sv(*PATIENT, "stop").returncode == 0
        assert service.said == [BOOTS, "boot interrupted", "down", "down ended"]


def test_a_boot_that_fails_is_not_tried_again_at_once_and_can_be_stopped_meanwhile(service: Service) -> None:
    service.does("boot", "exit 2")
    with supervised(service):
        time.sleep(1.5)
        assert service.said == [BOOTS]
        assert service.sv(*PATIENT, "stop").returncode == 0
        assert service.said == [BOOTS, "down", "down ended"]


def test_a_boot_after_which_something_is_not_up_is_not_tried_again(service: Service) -> None:
    service.does("boot", "exit 1")
    with supervised(service):
        service.says(BOOTS)
        time.sleep(1.5)
        assert service.said == [BOOTS]
        assert "run:" in service.sv("status").stdout
        assert service.sv(*PATIENT, "stop").returncode == 0
        assert service.said == [BOOTS, "down", "down ended"]


def test_a_down_that_takes_longer_than_sv_waits_is_not_killed(service: Service) -> None:
    goes_on = service.folder / "goes-on"
    service.does("down", f"until test -e {goes_on}; do sleep 0.1; done")
    with supervised(service):
        service.says(BOOTS, "boot ended")
        assert service.sv("-w", "1", "force-stop").returncode == 1
        assert service.said == [BOOTS, "boot ended", "down"]
        goes_on.touch()
        service.says(BOOTS, "boot ended", "down", "down ended", *("down", "down ended"))  # asked to kill: once more


def test_a_boot_that_is_killed_is_gone_before_what_it_started(service: Service) -> None:
    number = service.folder / "number"
    service.does("boot", f"echo $$ >{number}; {ENDLESS}")
    service.does(
        "down", f"grep -q '^State:.[^Z]' /proc/$(cat {number})/status && echo 'boot lives' >>{service.folder}/said"
    )
    with supervised(service):
        wait_for(lambda: number.exists() and number.read_text())
        service.sv("kill")
        wait_for(lambda: "down ended" in service.said, lambda: service.said)
        assert service.said[:3] == [BOOTS, "down", "down ended"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    assert run(tmp_path, "init", "--boot", "-q") == (0, "", "")
    unit = tmp_path / "boot/systemd/envtree.service"
    unit.write_text("mine")
    code, _, err = run(tmp_path, "init", "--boot")
    assert (code, "error[tree-not-empty]" in err, unit.read_text()) == (2, True, "mine")


def test_scripts_can_be_run_and_the_unit_can_not(tmp_path: Path) -> None:
    assert run(tmp_path, "init", "--boot", "conf").code == 0
    files = [path for path in (tmp_path / "conf/boot").rglob("*") if path.is_file()]
    assert [path.name for path in files if not path.stat().st_mode & 0o100] == ["envtree.service"]


@pytest.mark.parametrize(
    ("words", "message"),
    [(("--out", "/etc/envtree"), "a tree has no output yet"), (("--boot", "--out", "etc"), "must be the whole path")],
)
def test_an_output_is_where_the_machines_have_it(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    code, _, err = run(tmp_path, "init", *words)
    assert (code, message in " ".join(err.split()), [*tmp_path.iterdir()]) == (2, True, [])
