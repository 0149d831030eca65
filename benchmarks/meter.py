"""Costs of whole processes, children included: medians over interleaved rounds."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor (user and system) and of wall clock; the peak resident set in bytes."""

    cpu: float
    wall: float
    memory: int


@dataclass(frozen=True, slots=True)
class Job:
    """`before` puts things as the job must find them, off the clock."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    before: Callable[[], None]
    code: int = 0
    """The exit code of its right answer."""


def compare(jobs: Sequence[Job], rounds: int, log: Path) -> dict[str, Cost]:
    """Every job once a round, there and back again, so that a busy minute hits all alike."""
    costs: dict[str, list[Cost]] = {job.name: [] for job in jobs}
    for number in range(rounds):
        for job in jobs[:: -1 if number % 2 else 1]:
            job.before()
            costs[job.name].append(measure(job.argv, job.environment, log, job.code))
    return {name: _median(found) for name, found in costs.items()}


def measure(argv: tuple[str, ...], environment: Mapping[str, str], log: Path, wanted: int = 0) -> Cost:
    """What it prints goes to `log`; a process that ends with another code ends the run."""
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    silent = [(os.POSIX_SPAWN_DUP2, target, 1), (os.POSIX_SPAWN_DUP2, target, 2)]
    start = time.perf_counter()
    process = os.posix_spawn(argv[0], argv, environment, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    os.close(target)
    code = os.waitstatus_to_exitcode(status)
    if code != wanted:
        raise SystemExit(f"{' '.join(argv)} ended with {code}:\n{log.read_text(errors='replace')[-4000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        median(cost.cpu for cost in costs), median(cost.wall for cost in costs), max(cost.memory for cost in costs)
    )
