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
trap 'echo "$1 was told to end" >>{0}/said; exit' TERM
[ ! -e {0}/hears-$1 ] || . {0}/hears-$1
echo "$*" >>{0}/said
. {0}/does-$1
echo "$1 ended" >>{0}/said
"""
ENDLESS = "while :; do sleep 0.1; done"
BOOTS = "boot --foreground --keep-going --out /etc/envtree"
DOWN = ("down -q", "down ended")
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
    service.does("boot", ENDLESS)
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


def test_what_was_booted_is_told_to_end_when_the_service_stops_and_nothing_stays(service: Service) -> None:
    with supervised(service):
        service.says(BOOTS)
        assert service.sv(*PATIENT, "stop").returncode == 0
        assert service.said == [BOOTS, "boot was told to end", *DOWN]


def test_a_boot_that_starts_nothing_is_not_tried_again_at_once_and_can_be_stopped_meanwhile(service: Service) -> None:
    service.does("boot", "exit 2")
    with supervised(service):
        service.says(BOOTS, *DOWN)
        time.sleep(2.5)
        assert service.said == [BOOTS, *DOWN]
        assert service.sv(*PATIENT, "stop").returncode == 0
        assert service.said == [BOOTS, *DOWN, *DOWN]


def test_a_boot_that_was_killed_is_tried_again_after_a_down(service: Service) -> None:
    with supervised(service):
        service.says(BOOTS)
        service.sv("kill")
        service.says(BOOTS, *DOWN, BOOTS)
        assert service.sv(*PATIENT, "stop").returncode == 0


def test_a_down_that_takes_longer_than_sv_waits_is_not_killed(service: Service) -> None:
    goes_on = service.folder / "goes-on"
    (service.folder / "hears-boot").write_text(f"trap 'echo told >>{service.folder}/said' TERM")
    service.does("down", f"until test -e {goes_on}; do sleep 0.1; done")
    with supervised(service):
        service.says(BOOTS)
        assert service.sv("-w", "1", "force-stop").returncode == 1
        service.says(BOOTS, "told", "down -q")
        goes_on.touch()
        service.says(BOOTS, "told", *DOWN)


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
