"""The measures: each plants what it needs, proves that both sides do the same work, and yields rows."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from box import boot
from instances import instances
from jobs import (
    COMMITS,
    HERE,
    Bench,
    again_job,
    build_job,
    floor_job,
    log_job,
    named,
    nothing,
    peer_job,
    peer_python,
    plant,
    prove_build,
    prove_floor,
    prove_log,
    prove_peer,
)
from meter import MEBIBYTE, Cost, Job, compare, measure
from review import review
from sealed import sealed
from table import Row, cpu_row, entries_row, limit_row, memory_row, wall_row
from tree import parse_shape

PEERS = {"reclass": "reclass-rs", "jsonnet": "gojsonnet", "omegaconf": "OmegaConf", "honcho": "honcho"}
REBUILDS = (
    ("nothing changed", "nothing", 0.1),
    ("one variable of one process changed", "narrow", None),
    ("one variable of every target changed", "wide", None),
)
LOG_LIMIT = 10.0
"""Seconds, not minutes."""
FLEETS = ("24x80", "100x300")
WRITING = ("openat", "write", "close")


def startup(bench: Bench) -> Iterator[Row]:
    python = str(bench.python)
    commands = {
        "bare": (python, "-c", "pass"),
        "--version": (str(bench.envtree), "--version"),
        "--help": (str(bench.envtree), "--help"),
    }
    jobs = [Job(name, argv, bench.environment, nothing) for name, argv in commands.items()]
    costs = compare(jobs, 4 * bench.rounds, bench.log)
    for name, goal in (("--version", 2.0), ("--help", 8.0)):
        yield cpu_row(f"envtree {name} / python -c pass", costs[name], costs["bare"], goal)


def cold(bench: Bench) -> Iterator[Row]:
    """A first build against the least a script could do: without bytecode of the schemas, then with what is left."""
    plant(bench, bench.shape)
    variants = (("base", ""), ("compose", ""), ("compose", str(HERE / "plain")))
    titles = ("CBaseLoader", "compose, stub resolver", "the same, bare pydantic")
    jobs = [build_job(bench, bench.shape)]
    jobs += [floor_job(bench, bench.shape, title, *variant) for title, variant in zip(titles, variants, strict=True)]
    prove_build(bench, bench.shape, jobs[0])
    for job in jobs[1:]:
        prove_floor(bench, bench.shape, job)
    costs = compare(jobs, 2 * bench.rounds, bench.log)
    for title in titles:
        yield cpu_row(f"cold build / floor ({title})", costs["envtree"], costs[title], 1.5)
    yield from kept_bytecode(bench)


def kept_bytecode(bench: Bench) -> Iterator[Row]:
    """The same with the __pycache__ that the floor leaves in schemas/; envtree neither writes nor reads one."""
    title = "compose, stub resolver"
    jobs = [build_job(bench, bench.shape, keep=True), floor_job(bench, bench.shape, title, "compose", keep=True)]
    compare(jobs, 1, bench.log)
    costs = compare(jobs, bench.rounds, bench.log)
    yield cpu_row("cold build / floor, schemas' bytecode kept", costs["envtree"], costs[title], 1.5)


def peers(bench: Bench) -> Iterator[Row]:
    plant(bench, bench.shape)
    python = str(peer_python(bench))
    ours = build_job(bench, bench.shape)
    prove_build(bench, bench.shape, ours)
    jobs = [peer_job(bench, python, name) for name in PEERS]
    for name, job in zip(PEERS, jobs, strict=True):
        prove_peer(bench, name, job)
    costs = compare([ours, *jobs], max(1, bench.rounds // 2), bench.log)
    for name in PEERS:
        scale = honcho_scale(bench) if name == "honcho" else 1.0
        title = f"cold build / {PEERS[name]}" + (f" (x{scale:.1f}, from a sample)" if scale > 1 else "")
        yield cpu_row(title, costs["envtree"], scaled(costs[name], scale), 1.0)


def rebuild(bench: Bench) -> Iterator[Row]:
    """Nothing changed, then one variable of one process, then one of every target, against a first build."""
    plant(bench, bench.shape)
    first = build_job(bench, bench.shape)
    prove_build(bench, bench.shape, first)
    environment, service, process = parse_shape(bench.shape).targets[0].split("/")
    jobs = [
        first,
        again_job(bench, "nothing"),
        again_job(bench, "narrow", f"configs/{service}/{process}/{environment}.yaml", "START_DELAY: {}\n"),
        again_job(bench, "wide", "configs/common.yaml", "SUPPORT_EMAIL: {}@example.com\n"),
    ]
    costs = compare(jobs, bench.rounds, bench.log)
    for title, name, goal in REBUILDS:
        yield cpu_row(f"build, {title} / cold, CPU", costs[name], costs["envtree"], goal)
        yield wall_row(f"build, {title} / cold, wall", costs[name], costs["envtree"], goal)
    whole = count_written(bench, first)
    for title, name, _ in REBUILDS:
        written = count_written(bench, next(job for job in jobs if job.name == name))
        yield Row(f"files written, {title} / cold", f"{written}", f"{whole}", written / whole)


def history(bench: Bench) -> Iterator[Row]:
    """A log of a thousand commits, against one look at the tree of the newest."""
    jobs = {
        "log of a process": log_job(bench, "spread", "spread"),
        "log of a variable": log_job(bench, "variable", "spread", "START_DELAY"),
        "log of a process that each commit changes": log_job(bench, "common", "common"),
    }
    prove_log(bench, "spread", jobs["log of a process"])
    prove_log(bench, "common", jobs["log of a process that each commit changes"])
    tree = str(bench.tree(f"{bench.shape}-spread"))
    once = Job("once", (str(bench.envtree), "validate", "-q", "-C", tree, "--ref", "HEAD"), bench.environment, nothing)
    listing = f"git -C '{tree}' log --oneline -- configs schemas envtree.yaml | cat"
    gits = Job("git log", ("/bin/sh", "-c", listing), bench.environment, nothing)
    costs = compare([once, gits, *jobs.values()], max(1, bench.rounds // 3), bench.log)
    for title, job in jobs.items():
        yield cpu_row(f"{title}, {COMMITS:,} commits / validate --ref HEAD, CPU", costs[job.name], costs["once"])
        yield limit_row(f"{title}, {COMMITS:,} commits, wall / {LOG_LIMIT:g} s", costs[job.name], LOG_LIMIT)
        yield wall_row(f"{title}, {COMMITS:,} commits / git log --oneline, wall", costs[job.name], costs["git log"])


def large(bench: Bench) -> Iterator[Row]:
    """One run each after a warming one: CPU an entry against the medium tree, and the peak of memory."""
    shapes = (bench.shape, bench.large)
    for shape in shapes:
        plant(bench, shape)
    jobs = [named(build_job(bench, shape), f"envtree {shape}") for shape in shapes]
    jobs += [floor_job(bench, shape, f"floor {shape}", "compose") for shape in shapes]
    prove_build(bench, bench.large, jobs[1])
    costs = compare(jobs, max(1, bench.rounds // 3), bench.log)
    ours = [costs[f"envtree {shape}"] for shape in shapes]
    theirs = [costs[f"floor {shape}"] for shape in shapes]
    yield entries_row(f"CPU an entry, {bench.large} / {bench.shape}", shapes, ours, 1.1)
    yield entries_row(f"the same for the floor, {bench.large} / {bench.shape}", shapes, theirs)
    yield cpu_row(f"cold build of {bench.large} / floor (compose)", ours[1], theirs[1], 1.5)
    yield memory_row(f"peak memory of {bench.large} / 1.5 GiB", ours[1], 1536 * MEBIBYTE)


def calls(bench: Bench) -> Iterator[Row]:
    """System calls for each file that is there afterwards, of all kinds and the three that a file needs."""
    plant(bench, bench.shape)
    if not shutil.which("strace"):
        return
    jobs = (build_job(bench, bench.shape), floor_job(bench, bench.shape, "floor", "compose"))
    totals = []
    for job in jobs:
        job.before()
        counted = count_calls(bench, job)
        files = count_files(Path(job.argv[-1] if job.name == "envtree" else job.argv[3]))
        totals.append((sum(counted.values()) / files, sum(counted.get(name, 0) for name in WRITING) / files))
    for index, title in enumerate(("system calls a file", "of them openat, write, close")):
        ours, theirs = totals[0][index], totals[1][index]
        yield Row(f"{title}, cold build / floor", f"{ours:.2f}", f"{theirs:.2f}", ours / theirs)


def count_files(out: Path, since: int = 0) -> int:
    """Files in `out` written since a time in nanoseconds; links are not followed."""
    paths = (os.path.join(folder, name) for folder, _, names in os.walk(out) for name in names)
    return sum(os.lstat(path).st_mtime_ns >= since for path in paths if not os.path.islink(path))


def count_calls(bench: Bench, job: Job) -> dict[str, int]:
    summary = bench.scratch / "strace"
    argv = ("strace", "-f", "-c", "-o", str(summary), *job.argv)
    subprocess.run(argv, env=dict(job.environment), capture_output=True, check=True)
    rows = (line.split() for line in summary.read_text().splitlines())
    return {row[-1]: int(row[3]) for row in rows if len(row) > 4 and row[3].isdigit() and row[-1] != "total"}


def count_written(bench: Bench, job: Job) -> int:
    """Files that one more run of the job writes."""
    job.before()
    since = time.time_ns()
    measure(job.argv, job.environment, bench.log)
    return count_files(Path(job.argv[-1]), since)


def honcho_scale(bench: Bench) -> float:
    lines = (bench.scratch / "input-honcho" / "targets").read_text().splitlines()
    return len(parse_shape(bench.shape).targets) / len(lines)


def scaled(cost: Cost, scale: float) -> Cost:
    return Cost(cost.cpu * scale, cost.wall * scale, cost.memory)


def factor(bench: Bench) -> Iterator[Row]:
    """Config vars of many apps to layers, against a script that hoists only what all agree on."""
    costs: dict[str, Cost] = {}
    for fleet in FLEETS:
        file = str(bench.scratch / f"fleet-{fleet}.json")
        script = (str(bench.python), str(HERE / "fleet.py"))
        measure((*script, "make", fleet, file), bench.environment, bench.log)
        measure((*script, "prove", file), bench.environment, bench.log)
        entries: dict[str, int] = json.loads(bench.log.read_text())
        kinds = ("envtree", "floor", "decode")
        jobs = [Job(f"{kind} {fleet}", (*script, kind, file), bench.environment, nothing) for kind in kinds]
        costs |= compare(jobs, bench.rounds, bench.log)
        title = f"factoring {fleet.replace('x', ' apps x ')} variables"
        for kind, theirs in (("floor", "hoisting what all agree on"), ("decode", "decoding their JSON")):
            yield cpu_row(f"{title} / {theirs}, CPU", costs[f"envtree {fleet}"], costs[f"{kind} {fleet}"])
        for kind, theirs in (("made of", "that they were made of"), ("floor", "of the script")):
            ours, other = entries["envtree"], entries[kind]
            yield Row(f"{title}: entries / {theirs}", f"{ours:,}", f"{other:,}", ours / other, 1.0)


MEASURES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "startup": startup,
    "cold": cold,
    "peers": peers,
    "rebuild": rebuild,
    "history": history,
    "review": review,
    "sealed": sealed,
    "factor": factor,
    "boot": boot,
    "instances": instances,
    "large": large,
    "calls": calls,
}
