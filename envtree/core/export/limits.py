"""What each format can't express, by the documented rules of its reader, or by measurement where there are none."""

from __future__ import annotations

import re
from itertools import pairwise

from envtree.core.runit.envdir import EncodingFault, is_plain_name

MAX_DOCKER_LINE = 65_535
"""In bytes: docker reads lines of 64 KiB, line ends included, and fails at a longer line."""
_SHELLS_OWN = """
    BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_LINENO BASH_SOURCE BASH_SUBSHELL
    BASH_VERSINFO DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD LINENO OPTIND PPID RANDOM
    SECONDS SHELLOPTS SHLVL SRANDOM UID _
"""
SHELLS_OWN = frozenset(_SHELLS_OWN.split())
"""Variables that bash 5.2 or dash 0.5 can't set, or pass on with another value; each one was measured."""
_DOTENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)
_LETTERS = "`A` to `Z`, `a` to `z`, `0` to `9` and `_`"


def is_dotenv_name(name: str) -> bool:
    """Return whether the common dotenv readers accept a name."""
    return _DOTENV_NAME.fullmatch(name) is not None


def has_dotenv_reference(text: str) -> bool:
    """Return whether a text has a `${NAME}` or a `${NAME:-default}`; a pattern would look from each `${` to the end."""
    for before_brace in text.split("}")[:-1]:
        parts = (*before_brace.split(":"), "-")
        if any("${" in part and after.startswith("-") for part, after in pairwise(parts)):
            return True
    return False


def dotenv_fault(name: str, text: str | None) -> EncodingFault | None:
    """Return what dotenv can't express: python-dotenv by default replaces `${NAME}` in any value, quoted or not."""
    if text is None:
        return None
    if not is_dotenv_name(name):
        return EncodingFault("has a name that dotenv readers don't take", f"they take {_LETTERS}, `.` and `-`")
    if has_dotenv_reference(text):
        return EncodingFault(
            "holds `${...}`, which dotenv readers would replace",
            "`shell` and `json` carry it; `envtree show --format dotenv` writes it for readers that don't interpolate",
        )
    return None


def is_shell_name(name: str) -> bool:
    """Return whether a shell can set a name to any value."""
    return is_plain_name(name) and name not in SHELLS_OWN


def shell_fault(name: str, _: str | None) -> EncodingFault | None:
    """Return what a shell can't set: names that are no identifiers, and variables that the shell sets itself."""
    if not is_plain_name(name):
        return EncodingFault("has a name that a shell can't set", f"a shell takes {_LETTERS}")
    if name in SHELLS_OWN:
        return EncodingFault("is a variable that a shell sets itself", "`envtree exec` gives it to a program")
    return None


def systemd_fault(name: str, text: str | None) -> EncodingFault | None:
    """Return what systemd can't read.

    It drops a name that is no identifier, and refuses a whole file for a code point that Unicode calls a noncharacter.
    """
    if text is None:
        return None
    if not is_plain_name(name):
        return EncodingFault("has a name that systemd leaves out", f"it takes {_LETTERS}")
    if _NONCHARACTERS.search(text):
        return EncodingFault("holds what Unicode says is no character, and systemd refuses it", "`json` carries it")
    return None


def docker_fault(name: str, text: str | None) -> EncodingFault | None:
    """Return what docker's env-file can't express: it has one variable on each line, and no escapes."""
    if text is None:
        return None
    if name.startswith("#") or any(letter.isspace() for letter in name):
        return EncodingFault("has a name that docker's env-file can't hold")
    if "\n" in text:
        return EncodingFault(
            "has several lines, and docker's env-file can't say that",
            "`envtree exec TARGET -- docker run --env NAME` passes it on; or deliver it as a file",
        )
    if text.endswith("\r"):
        return EncodingFault("ends in a carriage return, which docker would drop")
    if len(f"{name}={text}".encode()) > MAX_DOCKER_LINE:
        return EncodingFault(f"is too long: docker reads lines of {MAX_DOCKER_LINE:,} bytes", "deliver it as a file")
    return None


def kubernetes_fault(name: str, text: str | None) -> EncodingFault | None:
    """Return what Kubernetes may not deliver.

    `envFrom` leaves out a key that is no identifier, and reports that only as an event; newer versions accept more
    keys.
    """
    if text is not None and not is_plain_name(name):
        return EncodingFault("has a name that Kubernetes' `envFrom` may leave out", f"every version takes {_LETTERS}")
    return None


def json_fault(_: str, __: str | None) -> EncodingFault | None:
    """Return no fault: JSON can express every name and every value."""
    return None
