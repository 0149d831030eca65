"""What a test and all that it starts inherit: the same, however the tests themselves were started."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

ROOT = Path(__file__).parent.parent
NOWHERE = "/dev/null/nowhere"  # below a file, so that not even root can create it
REFUSED = "http://127.0.0.1:9"  # the discard port, where nobody listens

KEPT = ("LD_LIBRARY_PATH", "SEED", "TMPDIR")
"""Variables of the caller that tests keep, besides PATH; others are a user's, a git hook's or a CI runner's."""
KEPT_PREFIX = "PYTEST_"
FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where Debian has the programs that tests run; not every user's PATH leads to all of them."""
XDG = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")
SET = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    **dict.fromkeys(("HOME", *XDG), NOWHERE),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **dict.fromkeys(("all_proxy", "http_proxy", "https_proxy", "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"), REFUSED),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost"),  # the servers that tests start
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": REFUSED,
}
UMASK = 0o022

# Python ignores these two of its own accord, and subprocess undoes that for what it starts.
IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def environment_of(caller: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the tests: little of the caller's, and the user's files and network out of reach."""
    kept = {name: text for name, text in caller.items() if name in KEPT or name.startswith(KEPT_PREFIX)}
    folders = [each for each in caller.get("PATH", "").split(":") if each]
    path = ":".join(dict.fromkeys((*folders, *FOLDERS)))
    return {**kept, "PATH": path, **SET}


def settle(patch: pytest.MonkeyPatch) -> None:
    """Put this process into the state that tests count on, and that what they start inherits."""
    settled = environment_of(os.environ)
    for name in (*os.environ.keys() - settled.keys(),):
        patch.delenv(name)
    for name, text in settled.items():
        patch.setenv(name, text)
    time.tzset()
    # It waits for the whole machine's disks. Whether a build is durable is seen from outside, in one that is traced.
    patch.setattr("envtree.adapters.store.publish._sync_all", lambda _: None)
    patch.chdir(ROOT)
    patch.setattr(sys, "dont_write_bytecode", False)
    os.umask(UMASK)
    heed_signals()


def heed_signals() -> None:
    """Let no signal be ignored or blocked in what a test starts, as under nohup, or behind the `&` of a script.

    A handler is not inherited: this process itself still passes over what it was to ignore.
    """
    for number in signal.valid_signals() - {*IGNORED_BY_PYTHON}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, _pass_over)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _pass_over(*_: object) -> None:
    pass


def leave_terminal() -> None:
    """Leave the terminal, if this process can: no program asks a question there, and its end is not the tests'."""
    if os.getpgrp() != os.getpid():
        os.setsid()
