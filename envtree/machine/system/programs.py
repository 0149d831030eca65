"""The programs that envtree starts on a machine: runsvdir, and the scripts of a service folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from envtree.adapters.process import core_dumps
from envtree.core.runit.scripts import PATH

if TYPE_CHECKING:
    from collections.abc import Callable

NEEDED = (
    *("runsvdir", "runsv", "chpst", "svlogd"),
    *("sh", "env", "timeout", "printf", "readlink", "ln", "rm", "mv", "cp", "mkdir", "chmod", "cat", "head", "tail"),
    *("tr", "grep", "sleep", "stat", "id"),
)
"""The programs that boot and the scripts of a service run: runit, and what every Debian has."""
_ENVIRONMENT = {"PATH": PATH}
_MESSAGES = "log: " + "." * 395
"""runsvdir replaces this word of its command line by the latest errors of runsv, so that ps(1) shows them."""


def missing_programs() -> tuple[str, ...]:
    """Return the needed programs that this machine doesn't have."""
    return tuple(name for name in NEEDED if not program_file(name))


def program_file(name: str) -> str:
    """Return the file of a program that this machine has; empty if it has none of this name."""
    return shutil.which(name, path=PATH) or ""


def start_runsvdir(watch: str) -> None:
    """Start runsvdir in its own session; it outlives envtree."""
    from envtree.machine.system import limits

    words = ["runsvdir", "-P", watch, _MESSAGES]
    started = _start(words, "/", program_file("runsvdir") or None, limits.fix)
    started.returncode = 0  # nobody waits for it, and Popen must not warn about that


def start_check(folder: str) -> subprocess.Popen[bytes]:
    """Start the check of a service; exit code 0 means that the service is ready."""
    return _start(["./check"], folder)


def start_ending(folder: str, seconds: int) -> subprocess.Popen[bytes]:
    """Start a script that ends what a service left running when its runsv died, as runsv would have."""
    return _start(["/bin/sh", "-c", f". tree/supervision.sh && end_survivor {seconds}"], folder)


def _start(
    words: list[str], folder: str, program: str | None = None, prepare: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    """Start a program in its own session, with no variable, open file or ignored signal of this process.

    What is ignored here, as under nohup(1), would be ignored in every process that it starts.
    """
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else nobody could say how it ended
    ignored = [each for each in signal.valid_signals() if signal.getsignal(each) == signal.SIG_IGN]
    blocked = signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for each in ignored:
        signal.signal(each, _pass_over)  # which is not inherited, and ignores it here
    core_dumps.allow()
    try:
        return subprocess.Popen(
            words,
            executable=program,
            env=_ENVIRONMENT,
            cwd=folder,
            umask=0o022,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=prepare,
        )
    finally:
        core_dumps.forbid()
        for each in ignored:
            signal.signal(each, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _pass_over(*_: object) -> None:
    """Hear a signal, and do nothing."""


def owner_name(number: int) -> str:
    """Return the name of a user, or its number where this machine knows no name."""
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"


def is_this_user(owner: str) -> bool:
    """Return whether this process is a user already, in the form `USER[:GROUP]`; with more groups, nobody is."""
    import grp

    user, _, group = owner.partition(":")
    users = {str(os.geteuid()), owner_name(os.geteuid())}
    groups = {str(os.getegid()), *(each.gr_name for each in grp.getgrall() if each.gr_gid == os.getegid())}
    return user in users and (not group or group in groups)


def has_user(owner: str) -> bool:
    """Return whether this machine knows a user (or `USER:GROUP...`) by name; numbers need not be known."""
    import grp
    import pwd

    user, *groups = owner.split(":")
    try:
        if not user.isdigit():
            pwd.getpwnam(user)
        for group in groups:
            if not group.isdigit():
                grp.getgrnam(group)
    except KeyError:
        return False
    return True
