"""Faults for real: strace kills a program, or fails one of its system calls, wherever it touches an output folder.

Also the three small trees that the tests of the output build, written out by hand as what must stand in it,
and a reader of outputs that shares no code with envtree.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from envtree.adapters.process import core_dumps
from envtree.cli.main import main
from tests.forks import run_forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ENVTREE = (sys.executable, "-m", "envtree")
KILL = "signal=KILL"
KILLED = -9

# All that a writer of files may call; a `?` lets strace pass over what the machine's kernel doesn't have.
SYSCALLS = (
    *("open", "creat", "openat", "write", "writev", "pwrite64", "fsync", "fdatasync", "syncfs", "sync", "close"),
    *("mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("unlink", "unlinkat", "rmdir", "truncate", "ftruncate", "fallocate", "flock"),
    *("chown", "lchown", "fchown", "fchownat", "chmod", "fchmod", "fchmodat"),
)
CALL = re.compile(r"^(?P<process>\d+) +(?P<name>\w+)\(")


class Call(NamedTuple):
    """A system call that touched the output."""

    name: str
    number: int
    """How many of this name the process had made, this one included."""
    line: str
    """What strace wrote of it."""


Tree = dict[str, tuple[int, bytes | None]]
"""Mode and bytes by path; None for a folder."""


def program(name: str) -> str:
    """The path of a program that the tests can't do without."""
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"the tests need `{name}`")
    return path


def run(
    words: Sequence[str | Path], tracer: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; no byte code is written, so that the same run makes the same calls."""
    command, set_up = [*map(str, words)], {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    if command[: len(ENVTREE)] == [*ENVTREE]:
        return run_forked(command[len(ENVTREE) :], set_up, tracer)
    command = [*tracer, *(("--",) if tracer else ()), *command]
    return subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=100, check=False, env=set_up
    )


def envtree(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a process."""
    return run((*ENVTREE, *words), **environment)


def build_words(source: Path, out: Path, options: Iterable[str] = ()) -> tuple[str, ...]:
    """A build as a command line."""
    return (*ENVTREE, "build", "-q", "-C", str(source), "--out", str(out), *options)


class Done(NamedTuple):
    """How a command line ended, and what it said."""

    code: int
    stdout: str
    stderr: str


def here(*words: str | Path) -> Done:
    """The command line in this process, where starting Python for it would only take time."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["envtree", *map(str, words)]),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            code = main()
        finally:
            core_dumps.allow()
            gc.enable()  # a command line that ends soon does without it
    return Done(code, stdout.getvalue(), stderr.getvalue())


def build(source: Path, out: Path, *options: str) -> None:
    """A build in this process, which must succeed."""
    done = here("build", "-q", "-C", source, "--out", out, *options)
    if done.code != 0:
        raise AssertionError(done)


def traced(words: Sequence[str | Path], log: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a program under strace; paths are written for descriptors, and no data."""
    # Never with --seccomp-bpf: strace 6.1 then injects no signal, without a word.
    return run(words, (program("strace"), "-f", "-y", "-s", "0", "-o", str(log), *options))


def warm_up(words: Sequence[str | Path]) -> None:
    """Run a program once so that its byte code is there: the number of files it reads is then always the same."""
    done = run(words, PYTHONDONTWRITEBYTECODE="")
    if done.returncode != 0:
        raise AssertionError(done.stderr)


def calls(words: Sequence[str | Path], out: Path, log: Path) -> tuple[Call, ...]:
    """Every call of a program that touches the output, in order."""
    done = traced(words, log, "-e", "trace=" + ",".join(f"?{name}" for name in SYSCALLS))
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    numbers: Counter[tuple[str, str]] = Counter()
    found: dict[str, list[Call]] = {}
    for line in log.read_text(errors="replace").splitlines():
        if call := CALL.match(line):
            process, name = call["process"], call["name"]
            numbers[process, name] += 1
            if touches(line, out):
                found.setdefault(process, []).append(Call(name, numbers[process, name], line))
    if len(found) != 1:
        raise AssertionError(f"{len(found)} processes touched `{out}`")
    return tuple(*found.values())


def touches(line: str, out: Path) -> bool:
    """Whether a call is on the output or in it; its own name may follow that of the folder that it is in."""
    return str(out) in line or f'<{out.parent}>, "{out.name}"' in line


def spread(points: Sequence[Call], number: int) -> tuple[Call, ...]:
    """So many of the calls, evenly over the run; the last of each name among them, where there is room for that."""
    last = list({point.name: point for point in points}.values())
    chosen = set(last) if len(last) <= number else set()
    rest = [point for point in points if point not in chosen]
    room = min(number - len(chosen), len(rest))
    chosen.update(rest[at * len(rest) // room] for at in range(room))
    return tuple(point for point in points if point in chosen)


def struck(
    words: Sequence[str | Path], out: Path, point: Call, fault: str, log: Path
) -> subprocess.CompletedProcess[str]:
    """Run a program with a fault at one call; AssertionError where the fault did not strike a call on the output."""
    inject = f"inject={point.name}:{fault}:when={point.number}"
    done = traced(words, log, "-e", f"trace={point.name}", "-e", inject)
    lines = log.read_text(errors="replace").splitlines()
    if fault == KILL:
        hit = [line for line in lines if CALL.match(line)][-1:]
        fired = done.returncode == KILLED and lines[-1].endswith("+++ killed by SIGKILL +++")
    else:
        # A git that was asked about the source counts its own calls, and may be struck besides.
        hit = [line for line in lines if line.endswith("(INJECTED)") and touches(line, out)]
        fired = len(hit) == 1
    if not fired or not touches(hit[0], out):
        raise AssertionError(f"{fault} did not strike {point}: exit {done.returncode}, {hit}, {done.stderr}")
    return done


class Outcome(NamedTuple):
    """What a fault left behind."""

    point: Call
    fault: str
    done: subprocess.CompletedProcess[str]
    state: str
    """`old`, `new` or `torn`."""

    @property
    def traceback(self) -> bool:
        """Whether the program fell over instead of saying what is wrong."""
        return "Traceback" in self.done.stderr or "a bug in envtree" in self.done.stderr


def sweep(
    strikes: Iterable[tuple[Call, str]],
    writer: Callable[[Path], Sequence[str | Path]],
    before: Path | None,
    state: Callable[[Path], str],
    afterwards: Callable[[Outcome, Path], None],
    scratch: Path,
) -> Counter[str]:
    """Each fault on an output of its own, which `afterwards` looks into; how often the output was in which state."""
    tally: Counter[str] = Counter()
    for number, (point, fault) in enumerate(strikes):
        out = scratch / f"o{number}" / "out"
        out.parent.mkdir()
        if before is not None:
            shutil.copytree(before, out, symlinks=True)
        done = struck(writer(out), out, point, fault, scratch / "strace.log")
        outcome = Outcome(point, fault, done, state(out))
        tally[outcome.state] += 1
        afterwards(outcome, out)
        shutil.rmtree(out.parent)
    return tally


def read_back(top: Path) -> Tree:
    """All that can be reached from a folder, links followed."""
    found: Tree = {}
    for entry in sorted(top.iterdir()):
        status = entry.stat()
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISDIR(status.st_mode):
            found[entry.name] = mode, None
            found.update((f"{entry.name}/{path}", value) for path, value in read_back(entry).items())
        else:
            found[entry.name] = mode, entry.read_bytes()
    return found


def read_current(out: Path) -> Tree:
    """The current generation through one reading of `current`; its manifest must be the one that it is named for.

    A script's bytes must be those that the manifest has a digest of; SCRIPT stands for them.
    """
    top = out / (out / "current").readlink()
    found = read_back(top)
    mode, manifest = found.pop("manifest.json")
    if manifest is None or hashlib.sha256(manifest).hexdigest() != top.name:
        raise AssertionError(f"`{top}` holds another manifest, mode {mode:o}")
    data = json.loads(manifest)
    for place, expected in data["scripts"].items():
        scripts = scripts_of(found, place)
        if digest(data["access"], scripts) != expected:
            raise AssertionError(f"`{top}/{place}` holds other scripts")
        found.update(
            (f"{place}/{name}".lstrip("/"), (found[f"{place}/{name}".lstrip("/")][0], SCRIPT)) for name in scripts
        )
    return found


def scripts_of(found: Tree, place: str) -> dict[str, bytes]:
    """The scripts of a target by their path in its folder; without a target, what they share."""
    if not place:
        return {path: data for path, (_, data) in found.items() if "/" not in path and data is not None}
    below = {path.removeprefix(f"{place}/"): data for path, (_, data) in found.items() if path.startswith(f"{place}/")}
    return {path: data for path, data in below.items() if data is not None and not path.startswith("env/")}


def digest(access: str, files: Mapping[str, bytes]) -> str:
    """As docs/reference/envdir.md says it is made."""
    parts = [access.encode()]
    for name in sorted(files):
        parts += [name.encode(), str(len(files[name])).encode(), files[name]]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def everything(out: Path) -> Tree:
    """An output to the last byte, links as the text that they hold."""
    found: Tree = {".": (stat.S_IMODE(out.lstat().st_mode), None)}
    for path in sorted(out.rglob("*")):
        status = path.lstat()
        data = bytes(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(out))] = stat.S_IMODE(status.st_mode), data
    return found


def generations(out: Path) -> set[str]:
    """The names of those that are there."""
    return {path.name for path in (out / "generations").iterdir()}


Envdirs = dict[str, dict[str, bytes]]
SCRIPTS = ("run", "finish", "control/k", "log/run")
SCRIPT = b"#!"


def as_tree(envdirs: Envdirs, mode: int = 0o600, folder_mode: int = 0o700) -> Tree:
    """What a reader must find of envdirs, by the place of their nodes, and of a plain command's service folder in each.

    What is to be run has the mode of folders.
    """
    found: Tree = {"supervision.sh": (folder_mode, SCRIPT)}
    for place, files in envdirs.items():
        path = Path(place, "env")
        found.update((str(parent), (folder_mode, None)) for parent in (path, *path.parents[:-1]))
        found.update((str(path / name), (mode, data)) for name, data in files.items())
        if place.count("/") == 2:
            found.update((f"{place}/{name}", (folder_mode, None)) for name in ("control", "log"))
            found.update((f"{place}/{name}", (folder_mode, SCRIPT)) for name in SCRIPTS)
    return found


def write_source(root: Path, files: Mapping[str, str]) -> Path:
    """A tree's files, into a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def _service(*processes: str) -> str:
    return "directory: /srv\nuser: nobody\nprocesses:\n" + "".join(
        f"  {name}: {{command: run}}\n" for name in processes
    )


SETTINGS = "environments:\n  staging: {instance: service}\n  production: {instance: service}\n"
OLD = {
    "envtree.yaml": SETTINGS,
    "configs/common.yaml": "LANG: C.UTF-8\nLEVEL: info\nGREETING: blåbær\n",
    "configs/staging.yaml": 'DEBUG: "1"\n',
    "configs/production.yaml": "LEVEL: warning\n",
    "configs/api/service.yaml": _service("web", "worker"),
    "configs/api/common.yaml": 'NOTICE: "two\\nlines"\nDATABASE: api\n',
    "configs/api/production.yaml": "DATABASE: live\n",
    "configs/api/web/common.yaml": "PORT: 5000\n",
    "configs/api/worker/common.yaml": "THREADS: 4\n",
    "configs/jobs/service.yaml": _service("run"),
    "configs/jobs/common.yaml": "LANG: !unset\n",
    "configs/jobs/production.yaml": "QUEUE: live\n",
}
"""The tree that is built; NEW changes variables, takes a process away and adds one."""
NEW = {
    **{path: text for path, text in OLD.items() if "worker" not in path},
    "configs/production.yaml": "LEVEL: error\n",
    "configs/api/service.yaml": _service("web", "cron"),
    "configs/api/cron/common.yaml": 'EVERY: 5m\nEMPTY: ""\n',
    "configs/jobs/production.yaml": "RETRIES: 3\n",
}
FIRST = {
    "envtree.yaml": SETTINGS,
    "configs/common.yaml": "LANG: C\n",
    "configs/api/service.yaml": _service("web"),
    "configs/api/web/common.yaml": "PORT: 80\n",
}

COMMON = {"LANG": b"C.UTF-8\n", "LEVEL": b"info\n", "GREETING": "blåbær\n".encode()}
OLD_ENVDIRS: Envdirs = {
    "common": COMMON,
    "staging": {"DEBUG": b"1\n"},
    "staging/api": {"NOTICE": b"two\0lines\n", "DATABASE": b"api\n"},
    "staging/api/web": {"PORT": b"5000\n"},
    "staging/api/worker": {"THREADS": b"4\n"},
    "staging/jobs": {"LANG": b""},
    "staging/jobs/run": {},
    "production": {"LEVEL": b"warning\n"},
    "production/api": {"NOTICE": b"two\0lines\n", "DATABASE": b"live\n"},
    "production/api/web": {"PORT": b"5000\n"},
    "production/api/worker": {"THREADS": b"4\n"},
    "production/jobs": {"LANG": b"", "QUEUE": b"live\n"},
    "production/jobs/run": {},
}
NEW_ENVDIRS: Envdirs = {
    **{place: files for place, files in OLD_ENVDIRS.items() if "worker" not in place},
    "staging/api/cron": {"EVERY": b"5m\n", "EMPTY": b"\n"},
    "production": {"LEVEL": b"error\n"},
    "production/api/cron": {"EVERY": b"5m\n", "EMPTY": b"\n"},
    "production/jobs": {"LANG": b"", "RETRIES": b"3\n"},
}
FIRST_ENVDIRS: Envdirs = {
    "common": {"LANG": b"C\n"},
    **{f"{place}": {} for place in ("staging", "staging/api", "production", "production/api")},
    **{f"{place}/api/web": {"PORT": b"80\n"} for place in ("staging", "production")},
}
