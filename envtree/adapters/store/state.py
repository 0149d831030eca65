"""The state of an output folder, for a build that may have nothing to do. This module imports nothing but os."""

from __future__ import annotations

import os

CURRENT = "current"
GENERATIONS = "generations"
ENVDIRS = "envdirs"
LOG = "log.jsonl"
STAGING = ".tmp"
MANIFEST = "manifest.json"
SUPERVISE = "supervise"
"""The folder that runsv makes in a service folder that it runs directly from a generation."""
IGNORE = ".gitignore"
OURS = frozenset((CURRENT, GENERATIONS, ENVDIRS, LOG, STAGING, IGNORE))
TAIL = 1 << 16


def current(out: str) -> str | None:
    """Return the name of the generation that `current` points to; None if there is none."""
    if os.path.islink(out):
        return None
    try:
        folder, _, name = os.readlink(f"{out}/{CURRENT}").rpartition("/")
    except OSError:
        return None
    return name if folder == GENERATIONS else None


def generation_count(out: str) -> int:
    """Return the number of generations."""
    try:
        return len(os.listdir(f"{out}/{GENERATIONS}"))
    except OSError:
        return 0


def last_record(out: str) -> str | None:
    """Return the last line of the log; None if it is incomplete."""
    try:
        with open(f"{out}/{LOG}", "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - TAIL))
            tail = log.read()
    except OSError:
        return None
    if not tail.endswith(b"\n"):
        return None
    return tail[:-1].rpartition(b"\n")[2].decode("utf-8", "replace")


def is_settled(out: str, records: tuple[str, ...]) -> bool:
    """Return whether the last build finished with one of these records, is current, and no envdir changed since."""
    return (
        last_record(out) in records
        and os.path.exists(f"{out}/{CURRENT}/{MANIFEST}")
        and not os.path.lexists(f"{out}/{STAGING}")
        and are_untouched(out)
    )


def are_untouched(out: str) -> bool:
    """Return whether envdirs and their folders are older than the log; to check files takes a tenth of a build."""
    try:
        since = os.stat(f"{out}/{LOG}").st_mtime_ns
        if any(os.stat(f"{out}/{name}").st_ctime_ns > since for name in (ENVDIRS, GENERATIONS, CURRENT)):
            return False
        with os.scandir(f"{out}/{ENVDIRS}") as envdirs:
            return all(envdir.stat(follow_symlinks=False).st_ctime_ns <= since for envdir in envdirs)
    except OSError:
        return False
