"""The programs that envtree starts on a machine: runsvdir, and the scripts of a service folder."""

from __future__ import annotations

import shutil
import signal
import subprocess

from envtree.core.runit.scripts import PATH

NEEDED = (
    *("runsvdir", "runsv", "chpst", "svlogd"),
    *("sh", "env", "timeout", "readlink", "ln", "rm", "cat", "tr", "grep", "tee", "sleep", "mkdir", "chmod", "chown"),
)
"""The programs that boot and the scripts of a service run: runit, and what every Debian has."""
_ENVIRONMENT = {"PATH": PATH}
_MESSAGES = "log: " + "." * 395
"""runsvdir replaces this word of its command line by the latest errors of runsv, so that ps(1) shows them."""


def missing_programs() -> tuple[str, ...]:
    """Return the needed programs that this machine doesn't have."""
    return tuple(name for name in NEEDED if shutil.which(name, path=PATH) is None)


def start_runsvdir(watch: str) -> None:
    """Start runsvdir in its own session, with no variable, open file or ignored signal of this process."""
    ours = {each: signal.getsignal(each) for each in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)}
    for each in ours:
        signal.signal(each, signal.SIG_DFL)  # every process that runsvdir starts would inherit an ignored signal
    try:
        started = subprocess.Popen(
            ["runsvdir", "-P", watch, _MESSAGES],
            executable=shutil.which("runsvdir", path=PATH),
            env=_ENVIRONMENT,
            cwd="/",
            umask=0o022,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.returncode = 0  # runsvdir outlives envtree: nobody waits for it, and Popen must not warn about that
    finally:
        for each, handler in ours.items():
            signal.signal(each, handler)


def start_check(folder: str) -> subprocess.Popen[bytes]:
    """Start the check of a service; exit code 0 means that the service is ready."""
    return _script(folder, ["./check"])


def start_ending(folder: str, seconds: int) -> subprocess.Popen[bytes]:
    """Start a script that ends what a service left running when its runsv died, as runsv would have."""
    return _script(folder, ["/bin/sh", "-c", f". tree/supervision.sh && end_survivor {seconds}"])


def _script(folder: str, words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        words,
        env=_ENVIRONMENT,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


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
