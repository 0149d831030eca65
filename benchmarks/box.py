"""A machine brought up and down by envtree; and copies of its service folders, by a shell script with runit's own."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from jobs import Bench, call
from meter import Job, compare, measure
from table import Row, cpu_row, wall_row

SHAPES = ((5, 4), (60, 1))
"""Machines by how many services they have, and how many processes each of these."""
START = """\
setsid runsvdir -P "$1" >/dev/null 2>&1 </dev/null &
echo $! >"$1.pid"
until [ "$(sv -w 10 start "$1"/* | grep -c '^ok: run: ')" = "$2" ]; do sleep 0.02; done
"""
STOP = """\
kill "$(cat "$1.pid")"
sv -w 10 force-shutdown "$1"/*
rm "$1.pid"
"""
PROVE = """\
for each in "$1"/*; do
  sv status "$each" | grep -q '^run: .*; run: log: ' && (cd "$each" && ./check) || exit 1
  count=$((count + 1))
done
[ "$count" = "$2" ]
"""


def boot(bench: Bench) -> Iterator[Row]:
    """Processes that are ready at once, so that what is left is what it costs to bring them up and down."""
    for services, processes in SHAPES:
        machine = _Machine(bench, services, processes)
        jobs = machine.jobs()
        machine.prove(jobs)
        costs = compare(jobs, bench.rounds, bench.log)
        machine.reset()
        what = f"{services * processes} processes of {services} services"
        for ours, theirs, title in (("boot", "start", "runsvdir and sv start"), ("down", "stop", "sv force-shutdown")):
            yield wall_row(f"{ours} of {what} / {title}, wall", costs[ours], costs[theirs], 2.0)
            yield cpu_row(f"{ours} of {what} / {title}, CPU", costs[ours], costs[theirs])


class _Machine:
    """One output and two runtime folders: envtree's, and a copy of it that nobody but a shell script looks after."""

    def __init__(self, bench: Bench, services: int, processes: int) -> None:
        self.bench = bench
        self.count = services * processes
        top = bench.scratch / f"box{services}"
        self.run, self.hand, tree, out = (top / name for name in ("run", "hand", "tree", "out"))
        plant_box(tree, services, processes)
        self.measure((str(bench.envtree), "build", "-C", str(tree), "--out", str(out)))
        options = ("--out", str(out), "--as", "review", "--run", str(self.run))
        self.boot = (str(bench.envtree), "boot", *options)
        self.down = (str(bench.envtree), "down", "--run", str(self.run))
        self.start, self.stop = self.by_hand(START), self.by_hand(STOP)
        self.measure(self.boot)
        shutil.copytree(self.run, self.hand, symlinks=True, ignore=shutil.ignore_patterns("supervise", "down"))

    def measure(self, argv: tuple[str, ...]) -> None:
        measure(argv, self.bench.environment, self.bench.log)

    def by_hand(self, script: str) -> tuple[str, ...]:
        return ("/bin/sh", "-c", script, "sh", str(self.hand / "watch"), str(self.count))

    def jobs(self) -> list[Job]:
        """Each finds the machine as it needs it, in whatever order they come."""
        wanted = {"boot": (self.boot, ()), "start": (self.start, ()), "down": (self.down, self.boot)}
        wanted["stop"] = (self.stop, self.start)
        return [
            Job(name, argv, self.bench.environment, lambda first=first: self.prepare(first))
            for name, (argv, first) in wanted.items()
        ]

    def prepare(self, first: tuple[str, ...]) -> None:
        self.reset()
        if first:
            self.measure(first)

    def reset(self) -> None:
        """Nothing runs, and nothing remembers that it did."""
        self.measure(self.down)
        if (self.hand / "watch.pid").exists():
            self.measure(self.stop)
        for place in (*self.hand.glob("services/*/supervise"), *self.hand.glob("services/*/log/supervise")):
            shutil.rmtree(place)

    def prove(self, jobs: list[Job]) -> None:
        """What was brought up answers to runit's own programs, and after the end nothing is left of it."""
        boot, start, down, stop = jobs
        for up, end, run in ((boot, down, self.run), (start, stop, self.hand)):
            up.before()
            self.measure(up.argv)
            call("/bin/sh", "-c", PROVE, "sh", str(run / "watch"), str(self.count))
            self.measure(end.argv)
            if left := still_there(str(run.parent)):
                raise SystemExit(f"left over: {left}")


def still_there(place: str) -> list[str]:
    """The processes that name this place in their command line or environment, as all of the machine do."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes()
            if place.encode() in words + (process / "environ").read_bytes():
                found.append(words.decode(errors="replace"))
    return found


def plant_box(root: Path, services: int, processes: int) -> None:
    """Services of one environment, whose processes do nothing, and are ready at once."""
    process = "{command: sleep 1000000, ready: 'true'}"
    lines = "".join(f"  p{number}: {process}\n" for number in range(processes))
    for number in range(services):
        folder = root / "configs" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "service.yaml").write_text(f"processes:\n{lines}")
    settings = f"environments: {{review: {{instance: together}}}}\nlog: {{directory: {root.parent / 'log'}}}\n"
    (root / "envtree.yaml").write_text(settings)
    (root / "configs" / "common.yaml").write_text(f"BOX: {root.parent}\n")
