"""examples/image: Packer bakes it into a Debian root, which is a review box and then a part of production."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.builders import ROOT
from tests.debian import checked, debian, wheels
from tests.machines import RUNIT, SYSTEMD, Init, Machine
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = ROOT / "examples/image"
PACKAGES = ("python3-venv", "runit")  # what bake.sh would install
CHANGING = ("dev/", "etc/machine-id", "tmp/", "var/lib/store/", "var/lib/systemd/", "var/log/", "var/tmp/")
CHECK = "python3 up.py 8000"
USERS = range(100, 65534)  # of the services
INITS = {"runit": (RUNIT, ()), "systemd": (SYSTEMD, ("systemd-sysv",))}
"""How a machine starts, and the packages for it."""
PACKER = {"CHECKPOINT_DISABLE": "1", "PACKER_NO_COLOR": "1"}

pytestmark = [pytest.mark.soak, pytest.mark.root]


class Image(NamedTuple):
    """What Packer has baked, and the init in it."""

    root: Path
    start: Init

    def machine(self, *tags: str) -> Machine:
        """One of its machines: its environment, service and process."""
        return Machine(self.root, self.start, tagged(*tags))


def tagged(*tags: str) -> dict[str, str]:
    return dict(zip(("Environment", "Service", "Process"), tags, strict=False))


@pytest.fixture(scope="module", params=INITS)
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Baked by Packer, for each init."""
    start, more = INITS[request.param]
    folder = tmp_path_factory.mktemp("image")
    root = debian(folder, (*PACKAGES, *more))
    words = (f"-var=root={root}", f"-var=wheels={wheels(folder)}", EXAMPLE)
    env = {**os.environ, **PACKER, "HOME": str(folder)}
    checked("packer", "validate", *words, env=env)
    checked("packer", "build", "-only=null.root", *words, env=env)
    yield Image(root, start)
    shutil.rmtree(folder)


def files_of(root: Path) -> dict[str, tuple[int, int, int]]:
    """What an image of it would hold, by path, but for its data, and what each machine makes for itself."""
    found = {}
    for path in root.rglob("*"):
        name, status = str(path.relative_to(root)), path.lstat()
        if not name.startswith(CHANGING) and "supervise" not in path.parts:
            found[name] = (status.st_mode, status.st_uid, 0 if path.is_dir() else status.st_mtime_ns)
    return found


def is_up(machine: Machine) -> bool:
    return machine.run("envtree", "status").returncode == 0


def asked(machine: Machine, port: int) -> str:
    script = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/').read().decode())"
    return machine.run("python3", "-c", script).stdout.strip()


def ours(machine: Machine) -> list[str]:
    """What `boot` has started there, and all that this has started."""
    return sorted(each.command for each in machine.running() if "/run/envtree" in each.command or each.user in USERS)


def last_lines(image: Image, process: str, count: int = 1) -> list[str]:
    """Of its log, without the time."""
    log = image.root / f"var/log/envtree/{process}/current"
    return [line.partition(" ")[2] for line in log.read_text().splitlines()[-count:]]


def test_one_image_is_a_review_box_and_then_one_process_of_production(image: Image) -> None:
    before = files_of(image.root)

    with image.machine("review") as machine:
        wait_for(lambda: is_up(machine))
        wait_for(lambda: asked(machine, 8000) > "hello, reviewer: 0 done")
        assert {"python3 store.py", "python3 web.py", "python3 worker.py"} < {*ours(machine)}
        assert machine.run("envtree", "down").returncode == 0
        assert ours(machine) == []
        assert not machine.path("/run/envtree").exists()
        assert last_lines(image, "app/worker") == ["worker: has ended its piece"]
        machine.power_off()
    assert files_of(image.root) == before

    with image.machine("production", "app", "web") as machine:
        wait_for(lambda: is_up(machine))
        assert asked(machine, 8000) == "hello: nothing known to be done"
        assert {each for each in ours(machine) if each.startswith("python3")} - {CHECK} == {"python3 web.py"}
        machine.power_off()
    assert last_lines(image, "app/web") == ["web: stopped"]
    assert files_of(image.root) == before


def test_a_shutdown_waits_for_a_process_that_drains(image: Image) -> None:
    worker = image.root / "srv/app/worker.py"
    text = worker.read_text()
    worker.write_text(text.replace("time.sleep(1)", "time.sleep(12)"))  # longer than runit gives all services
    with image.machine("review") as machine:
        wait_for(lambda: is_up(machine))
        machine.power_off()
    worker.write_text(text)
    counted, ended = last_lines(image, "app/worker", 2)  # counted: the store is stopped after it
    assert (counted.startswith("worker: piece "), ended) == (True, "worker: has ended its piece")
    assert last_lines(image, "store/store")[0].startswith("store: kept ")


def test_a_machine_that_loses_its_power_starts_again(image: Image) -> None:
    for _ in range(2):
        with image.machine("review") as machine:
            wait_for(lambda: is_up(machine))


def test_tags_may_come_later_than_the_machine(image: Image) -> None:
    with image.machine("production") as machine:
        wait_for(lambda: "error[" in machine.said())
        assert ours(machine) == []
        machine.tag(tagged("production", "app"))
        wait_for(lambda: is_up(machine))
        machine.power_off()
