"""examples/container: its Dockerfile as it stands there, and containers that are told what to run, as root and not."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from tests.builders import ROOT
from tests.debian import debian, wheels
from tests.dockerfile import Built, Container, build, context_of, instructions
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE, CONTEXT = ROOT / "examples/container/Dockerfile", ROOT / "examples/image"
PACKAGES = ("python3-venv", "runit")
WHO = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo; cat /proc/[0-9]*/status | grep ^Uid: | cut -f 2 | sort -u"


def test_the_dockerfile_reads_what_is_there_and_names_a_verb_that_is_there() -> None:
    found = list(instructions(FILE.read_text()))
    read = {name for each in found if each.word == "COPY" or "--mount" in each.rest for name in context_of(each)}
    assert read == {"app", "tree", "wheels"}
    assert all((CONTEXT / name).is_dir() for name in read - {"wheels"})
    assert 'ENTRYPOINT ["envtree", "boot", "--foreground"]' in FILE.read_text().splitlines()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Built as docker would, but for the packages, which the root has."""
    folder = tmp_path_factory.mktemp("container")
    folder.chmod(0o755)
    context = shutil.copytree(CONTEXT, folder / "context")
    wheels(context)
    root = debian(folder, PACKAGES)
    root.chmod(0o755)
    yield build(FILE, context, root)
    shutil.rmtree(folder)


def is_up(container: Container) -> bool:
    """Whether it is healthy, and process 1 has booted."""
    return (container.image.root / "run/containers/envtree/foreground").exists() and container.is_healthy()


def told(container: Container, number: int = signal.SIGTERM) -> tuple[int, str]:
    os.kill(container.first, number)
    said, _ = container.process.communicate(timeout=LONG)
    return container.process.returncode, said


@pytest.mark.soak
@pytest.mark.root
@pytest.mark.parametrize("user", ["", "app"])
def test_a_container_runs_what_an_argument_or_a_variable_names(image: Built, user: str) -> None:
    with Container(image, "--as", "production/app/web", user=user) as container:
        wait_for(lambda: is_up(container), container.process.poll)
        who = container.run("sh", "-c", WHO).stdout
        assert ("python3 web.py" in who, "python3 worker.py" in who) == (True, False)
        assert ("\n0\n" in who) == (not user), who
        code, said = told(container)
        assert (code, said.splitlines()[-1]) == (0, "down: 1 process ended"), said
        assert "no copy of its scripts" not in said
    assert "web: stopped" in (image.root / "var/log/envtree/app/web/current").read_text()
    shutil.rmtree(image.root / "var/log/envtree/app")  # another container has a disk of its own

    with Container(image, user=user, ENVTREE_AS="production/app") as container:
        wait_for(lambda: is_up(container), container.process.poll)
        assert container.run("envtree", "restart", "production/app/worker", "--quiet").returncode == 0
        assert not user or container.run("sh", "-c", ": >>/etc/envtree/current/manifest.json").returncode
        code, said = told(container, signal.SIGINT)
        assert (code, said.splitlines()[-1]) == (0, "down: 2 processes ended"), said
    shutil.rmtree(image.root / "var/log/envtree/app")


@pytest.mark.soak
@pytest.mark.root
def test_a_container_that_was_killed_starts_again_on_what_it_left(image: Built) -> None:
    for _ in range(2):
        with Container(image, "--as", "production/app/worker") as container:
            wait_for(lambda: is_up(container), container.process.poll)
            os.kill(container.first, signal.SIGKILL)
            container.process.wait()
    with Container(image, "--as", "production/app/worker") as container:
        wait_for(lambda: is_up(container), container.process.poll)
        assert told(container)[0] == 0
    shutil.rmtree(image.root / "var/log/envtree/app")


@pytest.mark.soak
@pytest.mark.root
@pytest.mark.parametrize(
    ("words", "user", "says"),
    [
        ((), "", "the metadata service"),
        (("--as", "production/ap"), "", "did you mean"),
        (("--as", "review"), "app", "only root can start a process as `store`"),
    ],
)
def test_a_container_that_can_start_nothing_ends_and_says_why(
    image: Built, words: tuple[str, ...], user: str, says: str
) -> None:
    with Container(image, *words, *(() if words else ("--wait", "0.5")), user=user) as container:
        said, _ = container.process.communicate(timeout=LONG)
        assert (container.process.returncode, says in said) == (2, True), said
