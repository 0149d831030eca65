"""Control groups (cgroup v2): one for each process of the machine, which nothing that it starts gets out of.

They lie below the group that boot runs in, so that limits of that one hold. Where there are none, or none can be made,
who holds the pipe of a log is looked for in their place, which misses a daemon that has closed its output.
"""

from __future__ import annotations

import contextlib
import hashlib
import os

PROCS = "cgroup.procs"
KILL = "cgroup.kill"
CHECK = "check"
"""The group below that of a process for its checks, which belong to it, and are no part of its end."""
LINK = "cgroup"
"""The link to a group in a service folder, and to the group of all in the runtime folder."""


def prepare(run: str) -> None:
    """Make the group for all processes of a runtime folder, if this machine and this user can."""
    link = f"{run}/{LINK}"
    if os.path.isdir(link):
        return
    with contextlib.suppress(OSError):
        _make(f"{_own_group()}/envtree-{hashlib.sha256(run.encode()).hexdigest()[:12]}", link)


def add(run: str, folder: str, name: str) -> None:
    """Make the group of one process, and link it in its service folder."""
    with contextlib.suppress(OSError):
        group = f"{os.readlink(f'{run}/{LINK}')}/{name}"
        _make(group, f"{folder}/{LINK}")
        os.makedirs(f"{group}/{CHECK}", 0o755, exist_ok=True)


def members(folder: str) -> frozenset[int]:
    """Return the numbers of all processes in the group of a service folder; none where there is no group."""
    found: set[int] = set()
    for group in (LINK, f"{LINK}/{CHECK}"):
        with contextlib.suppress(OSError), open(f"{folder}/{group}/{PROCS}", encoding="ascii") as file:
            found.update(int(line) for line in file if line.strip() != "0")
    return frozenset(found)


def kill(folder: str) -> None:
    """Kill all processes in the group of a service folder at once, also those that are about to start others."""
    with contextlib.suppress(OSError), open(f"{folder}/{LINK}/{KILL}", "wb", buffering=0) as file:
        file.write(b"1")


def remove(folder: str) -> None:
    """Remove a group, if nothing is in it; the link goes with its folder."""
    for group in (f"{LINK}/{CHECK}", LINK):
        with contextlib.suppress(OSError):
            os.rmdir(os.path.realpath(f"{folder}/{group}", strict=True))


def _make(path: str, link: str) -> None:
    os.makedirs(path, 0o755, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(link)
    os.symlink(path, link)


def _own_group() -> str:
    """Return the folder of the group that this process is in; raises OSError where there is no cgroup v2."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        path = next((line.rstrip("\n")[3:] for line in file if line.startswith("0::")), "")
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            if "cgroup2" in fields[fields.index("-") :]:
                folder = f"{fields[4]}{path.removeprefix(fields[3].rstrip('/'))}".rstrip("/")
                if os.path.exists(f"{folder}/{PROCS}"):
                    return folder
    raise FileNotFoundError("cgroup2")
