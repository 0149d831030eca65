"""What an output folder says of itself, for a build that may have nothing to do. Imports nothing but os."""

from __future__ import annotations

import os

CURRENT = "current"
GENERATIONS = "generations"
ENVDIRS = "envdirs"
LOG = "log.jsonl"
STAGING = ".tmp"
MANIFEST = "manifest.json"
SUPERVISE = "supervise"
"""What runsv makes in a service folder that it was given as it was built."""
IGNORE = ".gitignore"
OURS = frozenset((CURRENT, GENERATIONS, ENVDIRS, LOG, STAGING, IGNORE))
TAIL = 1 << 16


def current(out: str) -> str | None:
    """The name of the generation that `current` points at, if there is one."""
    if os.path.islink(out):
        return None
    try:
        folder, _, name = os.readlink(f"{out}/{CURRENT}").rpartition("/")
    except OSError:
        return None
    return name if folder == GENERATIONS else None


def generation_count(out: str) -> int:
    """How many generations there are."""
    try:
        return len(os.listdir(f"{out}/{GENERATIONS}"))
    except OSError:
        return 0


def last_record(out: str) -> str | None:
    """The last line of the log, if it is whole."""
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
    """Whether the last build was finished, left one of these records, is current, and no envdir was changed since."""
    return (
        last_record(out) in records
        and os.path.exists(f"{out}/{CURRENT}/{MANIFEST}")
        and not os.path.lexists(f"{out}/{STAGING}")
        and are_untouched(out)
    )


def are_untouched(out: str) -> bool:
    """Whether the envdirs, and the folders that hold them and the generations, are older than the log.

    To look at each file would take as long as a tenth of a build.
    """
    try:
        since = os.stat(f"{out}/{LOG}").st_mtime_ns
        if any(os.stat(f"{out}/{name}").st_ctime_ns > since for name in (ENVDIRS, GENERATIONS, CURRENT)):
            return False
        with os.scandir(f"{out}/{ENVDIRS}") as envdirs:
            return all(envdir.stat(follow_symlinks=False).st_ctime_ns <= since for envdir in envdirs)
    except OSError:
        return False
