"""A Dockerfile carried out in a Debian root, and containers of it: that root in namespaces, with process 1 in front."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.machines import PATH
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

NAMESPACES = ("--pid", "--mount", "--uts", "--ipc", "--net")
BIND = re.compile(r"--mount=type=bind,source=(\S+),target=(\S+) ")
START = """\
ip link set lo up
exec chroot "$@"
"""
STAND_IN = "#!/bin/sh\n# the root has its packages already\n"


class Instruction(NamedTuple):
    """One of a Dockerfile."""

    word: str
    rest: str


def instructions(text: str) -> Iterator[Instruction]:
    """Yield what a Dockerfile says, its comments left out and its lines joined."""
    lines = "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("#"))
    for line in lines.replace("\\\n", "").splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield Instruction(word, " ".join(rest.split()))


def context_of(each: Instruction) -> list[str]:
    """What of the build's context an instruction reads."""
    return [*BIND.findall(f"{each.rest} ")[0][:1]] if "--mount" in each.rest else each.rest.split()[:1]


class Built(NamedTuple):
    """An image."""

    root: Path
    environ: Mapping[str, str]
    entrypoint: tuple[str, ...]
    health: tuple[str, ...]


def build(file: Path, context: Path, root: Path) -> Built:
    """Carry out a Dockerfile in a root that has all the packages that it installs."""
    environ: dict[str, str] = {}
    entrypoint: tuple[str, ...] = ()
    health: tuple[str, ...] = ()
    apt = root / "usr/local/sbin/apt-get"
    apt.write_text(STAND_IN)
    apt.chmod(0o755)
    for each in instructions(file.read_text()):
        if each.word == "RUN":
            _run(each.rest, context, root, environ)
        elif each.word == "COPY":
            source, target = each.rest.split()
            shutil.copytree(context / source, root / target[1:])
        elif each.word == "ENV":
            environ |= dict(pair.split("=", 1) for pair in shlex.split(each.rest))
        elif each.word == "ENTRYPOINT":
            entrypoint = tuple(json.loads(each.rest))
        elif each.word == "HEALTHCHECK":
            health = tuple(json.loads(each.rest.partition("CMD ")[2]))
        else:
            assert each.word in ("FROM", "STOPSIGNAL"), each
    apt.unlink()
    return Built(root, environ, entrypoint, health)


def _run(rest: str, context: Path, root: Path, environ: Mapping[str, str]) -> None:
    found = BIND.match(rest)
    if found:
        shutil.copytree(context / found[1], root / found[2][1:])
    words = ["chroot", str(root), "env", "-i", *_words(environ), "sh", "-ec", BIND.sub("", rest)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if found:
        shutil.rmtree(root / found[2][1:])


def _words(environ: Mapping[str, str]) -> list[str]:
    return [f"PATH={PATH}", *(f"{name}={value}" for name, value in environ.items())]


class Container:
    """One of an image, which runs while it is entered; what it wrote is in the root afterwards, as in a stopped one."""

    def __init__(self, image: Built, *words: str, user: str = "", **environ: str) -> None:
        self.image = image
        as_user = (f"--userspec={user}", "--groups=config") if user else ()
        self.inside = (*as_user, str(image.root), "env", "-i", *_words({**image.environ, **environ}))
        self.words = words

    def __enter__(self) -> Self:
        command = ("unshare", *NAMESPACES, "--fork", "--kill-child", f"--mount-proc={self.image.root}/proc")
        self.process = subprocess.Popen(
            [*command, "sh", "-ec", START, "sh", *self.inside, *self.image.entrypoint, *self.words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        wait_for(children.read_text)
        self.first = int(children.read_text())
        """Process 1, by its number here."""
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.first, signal.SIGKILL)  # who becomes another user is spared by --kill-child
        self.process.communicate()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in it, as its own user: `docker exec`."""
        enter = ("nsenter", "--target", str(self.first), *NAMESPACES, "chroot", *self.inside)
        return subprocess.run([*enter, *command], capture_output=True, text=True, check=False)

    def is_healthy(self) -> bool:
        """What HEALTHCHECK asks."""
        return self.run(*self.image.health).returncode == 0
