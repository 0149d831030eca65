"""A box for tests: a tree of processes that behave and misbehave, its output, and a runtime folder of its own.

What runs is found by a mark that every process has in its environment, and by the paths that runit's programs work
in: without a word from envtree.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from envtree.machine.system import cgroups
from tests.builders import write_tree
from tests.cli import running
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVTREE = (sys.executable, "-m", "envtree")
ACTOR = Path(__file__).with_name("actor.py")
SETTINGS = """\
environments:
  review: {{instance: together}}
  production: {{instance: service}}
log: {{directory: {log}}}
"""


class Process(NamedTuple):
    """What runs, as proc(5) says."""

    number: int
    start: str
    words: tuple[str, ...]


class Box:
    """One machine."""

    def __init__(self, top: Path, services: Mapping[str, str], **more: str) -> None:
        remove_old_groups()
        self.top = top
        self.tree, self.out, self.run, self.log = top / "tree", top / "out", top / "run", top / "log"
        self.said = top / "said"
        """What the actors say of themselves, a line each."""
        self.said.mkdir(parents=True)
        self.mark = f"mark{os.urandom(8).hex()}"
        self.before: tuple[str, ...] = ()
        """A command that runs envtree."""
        self._started: list[subprocess.Popen[str]] = []
        common = f"MARK: {self.mark}\nSAID: {self.said}\n"
        self.write(
            {
                "envtree.yaml": SETTINGS.format(log=self.log),
                "configs/common.yaml": common,
                **{f"configs/{name}/service.yaml": text for name, text in services.items()},
                **more,
            }
        )
        self.build()

    def write(self, files: Mapping[str, str]) -> None:
        """Files of the tree, by path."""
        write_tree(self.tree, files)

    def build(self) -> None:
        """Build the tree, which must be valid, on this machine: what it runs keeps its generation."""
        done = running.run(self.top, "build", "-q", "-C", "tree", "--out", "out", env={"ENVTREE_RUN": str(self.run)})
        assert done.code == 0, done.stderr

    def boot(self, *options: str, role: str = "review") -> subprocess.CompletedProcess[str]:
        """Boot it."""
        return self.envtree(*self.boot_words(*options, role=role))

    def boot_words(self, *options: str, role: str = "review") -> tuple[str, ...]:
        """The words of a boot."""
        return ("boot", "--out", str(self.out), "--run", str(self.run), "--as", role, *options)

    def refuse(self, *options: str, **environ: str) -> running.Done:
        """A boot in this process, which must not get to the point where it starts anything."""
        done = running.run(self.top, "boot", "--out", str(self.out), "--run", str(self.run), *options, env=environ)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def down(self) -> subprocess.CompletedProcess[str]:
        """Bring it down."""
        return self.envtree("down", "--run", str(self.run))

    def status(self) -> dict[str, Any]:
        """What `status --json` says, by target."""
        done = self.envtree("status", "--json", "--run", str(self.run))
        assert done.returncode in (0, 1), done.stderr
        data: dict[str, Any] = json.loads(done.stdout)
        return {each["target"]: each for each in data["processes"]}

    def envtree(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run envtree to its end."""
        done = self.start(*words, **environ)
        out, err = done.communicate(timeout=LONG)
        assert "Traceback" not in err, err
        assert "a bug in envtree" not in err, err
        return subprocess.CompletedProcess(words, done.returncode, out, err)

    def start(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        """Run envtree, and don't wait."""
        process = subprocess.Popen(
            [*self.before, *ENVTREE, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ACTOR.parent.parent),
                "PYTHONDONTWRITEBYTECODE": "1",
                **environ,
            },
        )
        self._started.append(process)
        return process

    def folder(self, name: str) -> Path:
        """The service folder of `SERVICE.PROCESS`."""
        return self.run / "services" / name

    def main_of(self, name: str) -> int:
        """The number of a service's process, as its own start wrote it down."""
        return int((self.folder(name) / "supervise/started").read_text().split()[0])

    def log_of(self, name: str) -> list[str]:
        """The lines that a service logged, oldest first, without their times."""
        folder = self.log.joinpath(*name.split("."))
        files = [*sorted(folder.glob("@*")), folder / "current"]
        return [line.partition(" ")[2] for file in files if file.exists() for line in file.read_text().splitlines()]

    def says(self, name: str) -> list[str]:
        """What the actor of a service said of itself."""
        file = self.said / name
        return file.read_text().splitlines() if file.exists() else []

    def processes(self) -> list[Process]:
        """All that runs for this box, supervisors too."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                words = _first(place / "cmdline").decode(errors="replace").split("\0")
                environ = _first(place / "environ")
                folder = str((place / "cwd").readlink())
                start = (place / "stat").read_text().rpartition(")")[2].split()[19]
            except OSError:
                continue
            ours = (
                self.mark.encode() in environ
                or f"{folder}/".startswith((f"{self.run}/", f"{self.log}/"))
                or any(str(self.run) in word for word in words)
            )
            if ours and words[1:3] != ["-m", "envtree"]:
                found.append(Process(int(place.name), start, tuple(words)))
        return found

    def supervisors(self, program: str) -> list[Process]:
        """Its runsvdir, runsv or svlogd."""
        return [each for each in self.processes() if Path(each.words[0]).name == program]

    def actors(self) -> Counter[str]:
        """How many processes of each actor there are, but for its children: never more than one."""
        names: Counter[str] = Counter()
        for each in self.processes():
            if str(ACTOR) in each.words and "child" not in each.words:
                names[each.words[each.words.index(str(ACTOR)) + 1]] += 1
        return names

    def assert_gone(self) -> None:
        """Nothing is left of it but its logs."""
        wait_for(lambda: not self.processes(), self.processes)
        assert not self.run.exists(), sorted(self.run.rglob("*"))

    def clean_up(self) -> None:
        """Kill what a failed test left."""
        for process in self._started:
            with process:
                process.kill()

        def kill() -> bool:
            with contextlib.suppress(OSError):
                (self.run / "cgroup/cgroup.kill").write_text("1")  # all at once, also those that start others
            found = self.processes()
            for each in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each.number, signal.SIGKILL)
            return not found

        wait_for(kill, self.processes)
        for folder in (*self.run.glob("services/*"), self.run):
            cgroups.remove(str(folder))


@functools.cache
def remove_old_groups() -> None:
    """Remove the groups of tests that were killed: those that are an hour old, and nothing is in."""
    for mount in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
        for group in mount.glob("envtree-*"):
            with contextlib.suppress(OSError):
                if time.time() - group.stat().st_mtime > 3600:
                    for each in sorted(group.rglob("*/"), reverse=True):
                        each.rmdir()
                    group.rmdir()


def _first(path: Path) -> bytes:
    """The first of a file of proc(5): a process may claim that it is endless."""
    with path.open("rb") as file:
        return file.read(1 << 18)


def actor(name: str, behaviour: str, **more: str) -> str:
    """A process for a `service.yaml`, whose program is an actor with a behaviour."""
    fields = {"command": f"{sys.executable} {ACTOR} {name} {behaviour}", **more}
    return "{" + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}"
