"""What is measured and what it is measured on: the trees, the commands, and the proof that they do the same work."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from meter import Job, measure
from tree import parse_shape

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COMMITS = 1000


@dataclass(frozen=True, slots=True)
class Bench:
    """Where everything is, and how long to measure."""

    envtree: Path
    scratch: Path
    shape: str
    large: str
    rounds: int

    @property
    def python(self) -> Path:
        return self.envtree.parent / "python"

    @property
    def log(self) -> Path:
        return self.scratch / "log"

    @property
    def out(self) -> Path:
        return self.scratch / "out"

    @property
    def cache(self) -> Path:
        return self.scratch / "cache"

    @property
    def environment(self) -> dict[str, str]:
        """What every measured process gets: nothing of the user's."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.scratch),
            "XDG_CACHE_HOME": str(self.cache),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def tree(self, shape: str) -> Path:
        return self.scratch / shape


def build_job(bench: Bench, shape: str, keep: bool = False) -> Job:
    argv = (str(bench.envtree), "build", "-C", str(bench.tree(shape)), "--out", str(bench.out))
    return Job("envtree", argv, bench.environment, lambda: clean(bench, shape, keep))


def again_job(bench: Bench, name: str, file: str = "", line: str = "") -> Job:
    """A build over its own earlier one; tree, output and cache are its own, so that no other job wears them out."""
    tree, out = bench.tree(f"{bench.shape}-{name}"), bench.scratch / f"out-{name}"
    plant(bench, bench.shape, tree)
    argv = (str(bench.envtree), "build", "-C", str(tree), "--out", str(out))
    environment = bench.environment | {"XDG_CACHE_HOME": str(bench.scratch / f"cache-{name}")}
    measure(argv, environment, bench.log)
    return Job(name, argv, environment, changing(tree / file, line) if file else nothing)


def floor_job(bench: Bench, shape: str, name: str, loader: str, path: str = "", keep: bool = False) -> Job:
    """The script is compiled beforehand, as envtree is."""
    argv = (str(bench.python), str(bench.scratch / "floor.pyc"), str(bench.tree(shape)), str(bench.out), loader)
    environment = bench.environment
    if not keep:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    if path:
        environment["PYTHONPATH"] = path
    return Job(name, argv, environment, lambda: clean(bench, shape, keep))


def log_job(bench: Bench, name: str, kind: str, *words: str) -> Job:
    """`envtree history` of a process, over a history of the tree."""
    root = bench.tree(f"{bench.shape}-{kind}")
    if not root.exists():
        plant(bench, bench.shape, root)
        call(sys.executable, str(HERE / "history.py"), "grow", bench.shape, str(root), str(COMMITS), kind)
    argv = (str(bench.envtree), "history", "-C", str(root), parse_shape(bench.shape).targets[0], *words)
    return Job(name, argv, bench.environment, nothing)


def peer_job(bench: Bench, python: str, name: str) -> Job:
    root = bench.scratch / f"input-{name}"
    call(python, str(HERE / "peer.py"), "prepare", name, bench.shape, str(root))
    argv = (python, str(HERE / "peer.py"), "run", name, str(root), str(bench.out))
    return Job(name, argv, bench.environment, lambda: remove(bench.out))


def named(job: Job, name: str, before: Callable[[], None] | None = None) -> Job:
    return Job(name, job.argv, job.environment, before or job.before)


def clean(bench: Bench, shape: str, keep: bool) -> None:
    """No output, no cache outside the tree, and nothing in it that git doesn't hold."""
    remove(bench.out)
    remove(bench.cache)
    if not keep:
        call("git", "-C", str(bench.tree(shape)), "clean", "-xdfq")


# Proofs: run once, off the clock, and held against the tree.


def prove_build(bench: Bench, shape: str, job: Job) -> None:
    job.before()
    measure(job.argv, job.environment, bench.log)
    check("nested", shape, str(bench.out / "current"))


def prove_floor(bench: Bench, shape: str, job: Job) -> None:
    """The floor's envdirs are envtree's, byte for byte."""
    wanted = bench.scratch / "wanted"
    if not wanted.exists():
        shutil.copytree(bench.out / "current", wanted)
    job.before()
    measure(job.argv, job.environment, bench.log)
    check("nested", shape, str(bench.out))
    check("same", str(bench.out), str(wanted))


def prove_peer(bench: Bench, name: str, job: Job) -> None:
    job.before()
    measure(job.argv, job.environment, bench.log)
    check("honcho" if name == "honcho" else "flat", bench.shape, str(bench.out))


def prove_log(bench: Bench, kind: str, job: Job) -> None:
    """The commits listed are those at which the generator's own resolution differs; the first is the tree's."""
    measure((*job.argv, "--format", "json"), job.environment, bench.log)
    data = json.JSONDecoder().raw_decode(bench.log.read_text())[0]
    listed = [each["subject"] for each in data["commits"]]
    argv = (sys.executable, str(HERE / "history.py"), "expect", bench.shape, data["target"], str(COMMITS), kind)
    wanted = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    if listed != [*wanted, "tree"]:
        raise SystemExit(f"the log of {data['target']} lists {len(listed)} commits, not {len(wanted) + 1}")


def check(kind: str, first: str, second: str) -> None:
    """In its own process, so that what it reads does not count as the memory of the next one measured."""
    call(sys.executable, str(HERE / "check.py"), kind, first, second)


# Preparations.


def plant(bench: Bench, shape: str, root: Path | None = None) -> None:
    """The tree in a repository of its own, committed."""
    root = root or bench.tree(shape)
    if root.exists():
        return
    call(sys.executable, str(HERE / "tree.py"), shape, str(root))
    call("git", "-C", str(root), "init", "-q")
    commit(root, "tree")


def commit(root: Path, message: str) -> None:
    """All that is in a tree."""
    time.sleep(1.1)  # git re-reads files that are as young as its index
    git = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-C", str(root))
    call(*git, "add", ".")
    call(*git, "commit", "-q", "--no-verify", "-m", message)


def peer_python(bench: Bench) -> Path:
    """The peers' own virtual environment, made when it is missing or its pins changed."""
    home, pins = ROOT / ".venv-bench", HERE / "requirements.txt"
    stamp, digest = home / "pins", hashlib.sha256(pins.read_bytes()).hexdigest()
    python = home / "bin" / "python"
    if not (stamp.exists() and stamp.read_text() == digest):
        note("making .venv-bench")
        call(str(bench.python), "-m", "venv", "--clear", str(home))
        pip = (str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq")
        call(*pip, "install", "--require-hashes", "-r", str(pins))
        stamp.write_text(digest)
    return python


def compile_floor(bench: Bench) -> None:
    code = "import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], doraise=True)"
    call(str(bench.python), "-c", code, str(HERE / "floor.py"), str(bench.scratch / "floor.pyc"))
    call(str(bench.python), "-m", "compileall", "-q", str(HERE / "plain"))


def changing(file: Path, line: str) -> Callable[[], None]:
    """Gives a variable a value that it never had before, at every call."""
    name, numbers = line.partition(":")[0], iter(range(7_000_000, 8_000_000))

    def change() -> None:
        lines = file.read_text().splitlines(keepends=True)
        new = line.format(next(numbers))
        file.write_text("".join(new if old.startswith(f"{name}:") else old for old in lines))

    return change


def nothing() -> None:
    pass


def call(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(argv)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
