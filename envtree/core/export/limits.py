"""What each format can't carry, and why: by the rules of its reader, measured where they aren't written down."""

from __future__ import annotations

import re

from envtree.core.runit.envdir import EncodingFault, is_plain_name

MAX_DOCKER_LINE = 65_535
"""Bytes: docker reads lines of 64 KiB with their ends, and gives up at a longer one."""
_SHELLS_OWN = """
    BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_LINENO BASH_SOURCE BASH_SUBSHELL
    BASH_VERSINFO DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD LINENO OPTIND PPID RANDOM
    SECONDS SHELLOPTS SHLVL SRANDOM UID _
"""
SHELLS_OWN = frozenset(_SHELLS_OWN.split())
"""Variables that bash 5.2 or dash 0.5 refuse to set, or give another value to a program; measured one by one."""
_DOTENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_DOTENV_REFERENCE = re.compile(r"\$\{[^}:]*(?::-[^}]*)?\}")
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)
_LETTERS = "`A` to `Z`, `a` to `z`, `0` to `9` and `_`"


def is_dotenv_name(name: str) -> bool:
    """Whether the common readers of dotenv files take the name."""
    return _DOTENV_NAME.fullmatch(name) is not None


def dotenv_fault(name: str, text: str | None) -> EncodingFault | None:
    """python-dotenv, as it is if nobody asks for less, replaces `${NAME}` in any value, however it is quoted."""
    if text is None:
        return None
    if not is_dotenv_name(name):
        return EncodingFault("has a name that dotenv readers don't take", f"they take {_LETTERS}, `.` and `-`")
    if _DOTENV_REFERENCE.search(text):
        return EncodingFault(
            "holds `${...}`, which dotenv readers would replace",
            "`shell` and `json` carry it; `envtree show --format dotenv` writes it for readers that don't interpolate",
        )
    return None


def is_shell_name(name: str) -> bool:
    """Whether a shell can set the name, to what it is told."""
    return is_plain_name(name) and name not in SHELLS_OWN


def shell_fault(name: str, _: str | None) -> EncodingFault | None:
    """A shell sets identifiers only, and keeps some of them to itself."""
    if not is_plain_name(name):
        return EncodingFault("has a name that a shell can't set", f"a shell takes {_LETTERS}")
    if name in SHELLS_OWN:
        return EncodingFault("is a variable that a shell sets itself", "`envtree exec` gives it to a program")
    return None


def systemd_fault(name: str, text: str | None) -> EncodingFault | None:
    """systemd drops other names, and refuses a whole file for a code point that Unicode keeps for no character."""
    if text is None:
        return None
    if not is_plain_name(name):
        return EncodingFault("has a name that systemd leaves out", f"it takes {_LETTERS}")
    if _NONCHARACTERS.search(text):
        return EncodingFault("holds what Unicode says is no character, and systemd refuses it", "`json` carries it")
    return None


def docker_fault(name: str, text: str | None) -> EncodingFault | None:
    """An env-file has a variable a line, and no escapes."""
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
    """`envFrom` leaves out a key that is no identifier, and only an event says so; newer versions take more."""
    if text is not None and not is_plain_name(name):
        return EncodingFault("has a name that Kubernetes' `envFrom` may leave out", f"every version takes {_LETTERS}")
    return None


def json_fault(_: str, __: str | None) -> EncodingFault | None:
    """JSON carries every name and every value."""
    return None
