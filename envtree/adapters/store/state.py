"""The state of an output folder, for a build that may have nothing to do. This module imports little."""

from __future__ import annotations

import os

from envtree.adapters.store.descriptors import opened, opened_file, read_tail

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
"""The most bytes of the log that its last line is looked for in."""


def current(out: str) -> str | None:
    """Return the name of the generation that `current` points to; None if there is none, or OUT is a link."""
    return None if os.path.islink(out) else _generation(f"{out}/{CURRENT}")


def current_in(folder: int) -> str | None:
    """Return the name of the generation that `current` points to in an open output; None if there is none."""
    return _generation(CURRENT, folder)


def _generation(link: str, folder: int | None = None) -> str | None:
    try:
        parent, _, name = os.readlink(link, dir_fd=folder).rpartition("/")
    except OSError:
        return None
    return name if parent == GENERATIONS else None


def exists(name: str, folder: int) -> bool:
    """Return whether a folder has an entry of this name; a link that leads nowhere is one."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def generation_count(out: str) -> int:
    """Return the number of generations."""
    try:
        return len(os.listdir(f"{out}/{GENERATIONS}"))
    except OSError:
        return 0


def last_record(folder: int) -> str | None:
    """Return the last line of the log; None if it is incomplete, or no plain file."""
    try:
        with opened_file(LOG, folder) as log:
            tail = read_tail(log, TAIL)
    except OSError:
        return None
    if not tail.endswith(b"\n"):
        return None
    return tail[:-1].rpartition(b"\n")[2].decode("utf-8", "replace")


def is_settled(out: str, records: tuple[str, ...]) -> bool:
    """Return whether the last build finished with one of these records, is current, and no envdir changed since."""
    try:
        with opened(out) as folder:
            generation = current_in(folder)
            return (
                generation is not None
                and last_record(folder) in records
                and exists(f"{GENERATIONS}/{generation}/{MANIFEST}", folder)
                and not exists(STAGING, folder)
                and are_untouched(folder)
            )
    except OSError:
        return False


def are_untouched(folder: int) -> bool:
    """Return whether envdirs and their folders are older than the log; to check files takes a tenth of a build."""
    try:
        since = os.stat(LOG, dir_fd=folder, follow_symlinks=False).st_mtime_ns
        for name in (ENVDIRS, GENERATIONS, f"{GENERATIONS}/{current_in(folder)}"):
            if os.stat(name, dir_fd=folder, follow_symlinks=False).st_ctime_ns > since:
                return False
        with opened(ENVDIRS, folder) as envdirs, os.scandir(envdirs) as entries:
            return all(envdir.stat(follow_symlinks=False).st_ctime_ns <= since for envdir in entries)
    except OSError:
        return False
