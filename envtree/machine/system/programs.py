"""What is started on a machine: runsvdir, and the scripts of a service folder."""

from __future__ import annotations

import shutil
import signal
import subprocess

from envtree.core.runit.scripts import PATH

NEEDED = (
    *("runsvdir", "runsv", "chpst", "svlogd"),
    *("sh", "env", "timeout", "readlink", "ln", "rm", "cat", "tr", "grep", "tee", "sleep", "mkdir", "chmod", "chown"),
)
"""What boot and the scripts of a service run: runit, and what every Debian has."""
_ENVIRONMENT = {"PATH": PATH}
_MESSAGES = "log: " + "." * 395
"""runsvdir keeps what runsv complains of in place of this word of its command line, as ps(1) shows it."""


def missing_programs() -> tuple[str, ...]:
    """Those of the needed programs that this machine doesn't have."""
    return tuple(name for name in NEEDED if shutil.which(name, path=PATH) is None)


def start_runsvdir(watch: str) -> None:
    """Start runsvdir in a session of its own, with nothing of ours: no variable, no open file, no ignored signal."""
    ours = {each: signal.getsignal(each) for each in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)}
    for each in ours:
        signal.signal(each, signal.SIG_DFL)  # what is ignored here stays ignored in every process that it starts
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
        started.returncode = 0  # it outlives us: nobody waits for it, and nobody is to be warned of that
    finally:
        for each, handler in ours.items():
            signal.signal(each, handler)


def start_check(folder: str) -> subprocess.Popen[bytes]:
    """Ask a service whether it is ready: exit code 0, for yes."""
    return _script(folder, ["./check"])


def start_ending(folder: str, seconds: int) -> subprocess.Popen[bytes]:
    """End what a service left running when its runsv died, as runsv would have."""
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
    """Whether this machine knows a user (or `USER:GROUP...`), by name; numbers need not be known."""
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
