"""The status of a machine as a table for people, and as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.tree import Target
from envtree.machine.services.ending import ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from envtree.machine.services.condition import End, ProcessStatus

_HEAD = ("PROCESS", "STATE", "FOR", "PID", "RESTARTS", "LAST END", "GENERATION", "ENVIRONMENT")
_FIRST = 4
"""Foreign or changed names that the table shows; JSON has all of them."""


def as_table(processes: Sequence[ProcessStatus], paint: Callable[[str, str], str]) -> str:
    """Return a table with one line for each process; the lines with a problem are painted."""
    rows = [_row(each) for each in processes]
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    lines = [_line(_HEAD, widths)]
    for each, row in zip(processes, rows, strict=True):
        line = _line(row, widths)
        lines.append(line if each.is_good else paint("error", line))
    return "".join(f"{line}\n" for line in lines)


def _row(each: ProcessStatus) -> tuple[str, ...]:
    pid = str(each.pid) if each.pid else "-"
    return (
        each.target,
        each.state,
        duration(each.seconds),
        pid,
        str(each.restarts),
        _last_end(each),
        each.generation[:12],
        _environment(each),
    )


def _last_end(each: ProcessStatus) -> str:
    """Return how and when a process ended last, and how often in ten minutes."""
    if (end := each.last_end) is None:
        return "-"
    often = f", {each.recent_ends} times in 10m" if each.recent_ends > 1 else ""
    return f"{ended((end.code, end.signal))}, {duration(end.seconds)} ago{often}"


def _environment(each: ProcessStatus) -> str:
    environment = each.environment
    if environment.freshness == "stale":
        return "stale: restart it"
    if each.state == "missing":
        return "not started yet: boot again"
    if environment.freshness == "unknown":
        return "-"
    changed = f": {some(environment.changed, _FIRST)}" if environment.changed else ""
    foreign = f", foreign: {some(environment.foreign, _FIRST)}" if environment.foreign else ""
    return f"{environment.freshness}{changed}{foreign}"


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def duration(seconds: float) -> str:
    """Return a time in its two largest units: `3d 4h`, `12m 5s`, `0s`."""
    rest = int(seconds)
    words: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count or words or unit == "s":
            words.append(f"{count}{unit}")
    return " ".join(words[:2])


def as_json(out: str, selector: str, generation: str, processes: Iterable[ProcessStatus], *, is_good: bool) -> str:
    """Return the whole status as JSON; `good` is what the exit code says."""
    data = {
        "good": is_good,
        "out": out,
        "selector": selector,
        "generation": generation,
        "processes": [
            {
                "target": each.target,
                "state": each.state,
                "seconds": round(each.seconds, 3),
                "pid": each.pid or None,
                "restarts": each.restarts,
                "recent_ends": each.recent_ends,
                "last_end": _end_data(each.last_end),
                "generation": each.generation or None,
                "environment": {
                    "freshness": each.environment.freshness,
                    "changed": list(each.environment.changed),
                    "foreign": list(each.environment.foreign),
                },
                "log": each.log or None,
            }
            for each in processes
        ],
    }
    return json.dumps(data, indent=2) + "\n"


def _end_data(end: End | None) -> dict[str, object] | None:
    if end is None:
        return None
    return {
        "code": end.code if end.code >= 0 else None,
        "signal": end.signal or None,
        "seconds": round(end.seconds, 3),
    }


def not_ready(target: str, reason: str, log: str) -> Diagnostic:
    """Return the diagnostic for a process that didn't come up."""
    return Diagnostic(
        "not-ready",
        f"`{target}` {reason}",
        help=f"its log is {log}/current",
        targets=(Target(*target.split("/")),),
    )
