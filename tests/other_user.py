"""Another user of the machine, who swaps, links and races beside root, and what root must not touch for them.

with attacking(SWAP, ground.theirs / "way", ground.theirs / "link") as attack:
    ...  # what root does meanwhile
assert attack.swaps() > 0
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

THEM = 54_321
"""The id of a user and of a group that no machine has."""
SECRET = "for root alone\n"
PYTHON = shutil.which("python3", path="/usr/bin:/bin") or sys.executable  # every user may run it

SWAP = """\
import ctypes, os, signal, sys
EXCHANGE, HERE = 2, -100
one, other, tally = (os.fsencode(word) for word in sys.argv[1:4])
running = True
def end(*_):
    global running
    running = False
signal.signal(signal.SIGTERM, end)
swap = ctypes.CDLL(None).renameat2
number = 0
while running:
    if swap(HERE, one, HERE, other, EXCHANGE) == 0:
        number += 1
    if number % 100 == 1:
        open(tally, "w").write(str(number))
open(tally, "w").write(str(number))
"""
"""Exchanges two names, each time in one step, until it is ended; the count is in a file."""


class Ground(NamedTuple):
    """Folders that every user may enter: one is the other user's, and one is root's, which nobody may lead root to."""

    top: Path
    theirs: Path
    victim: Path

    @property
    def secret(self) -> Path:
        """A file that only root may read."""
        return self.victim / "secret"

    def state(self) -> dict[str, tuple[object, ...]]:
        """All that is in the victim: owners, modes, numbers of names, times of the last write, and bytes."""
        found: dict[str, tuple[object, ...]] = {}
        for path in (self.victim, *sorted(self.victim.rglob("*"))):
            status = path.lstat()
            data = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
            times = (status.st_mtime_ns,) if data else ()
            found[str(path)] = (status.st_mode, status.st_uid, status.st_gid, *times, data)
        return found


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """Make the folders, below /tmp: pytest's own can't be entered by others."""
    top = Path(os.path.realpath(tempfile.mkdtemp(prefix="ground-")))
    top.chmod(0o755)
    found = Ground(top, top / "theirs", top / "victim")
    found.theirs.mkdir()
    os.chown(found.theirs, THEM, THEM)
    found.victim.mkdir()
    found.secret.write_text(SECRET)
    found.secret.chmod(0o600)
    try:
        yield found
    finally:
        shutil.rmtree(top)


def as_them(code: str, *words: str | Path) -> None:
    """Run a few lines of Python as the other user, to their end."""
    subprocess.run(
        [PYTHON, "-IS", "-c", code, *map(str, words)], user=THEM, group=THEM, extra_groups=[], check=True, cwd="/"
    )


class Attack(NamedTuple):
    """A loop that runs as the other user."""

    tally: Path

    def swaps(self) -> int:
        """How often they swapped up to now."""
        text = self.tally.read_text() if self.tally.exists() else ""
        return int(text or 0)


@contextlib.contextmanager
def attacking(ground: Ground, one: Path, other: Path) -> Iterator[Attack]:
    """Let the other user exchange two names for as long as this is entered."""
    tally = ground.theirs / f"tally-{one.name}"
    running = subprocess.Popen(
        [PYTHON, "-IS", "-c", SWAP, str(one), str(other), str(tally)], user=THEM, group=THEM, extra_groups=[], cwd="/"
    )
    attack = Attack(tally)
    try:
        wait_for(lambda: attack.swaps() > 0)
        yield attack
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
