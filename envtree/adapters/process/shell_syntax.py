"""Asks the machine's own shell whether it can parse commands; none of them is run."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.runit.shell import SH, single_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

_DASHS = re.compile(r".*?: ([0-9]+): (?:eval: )?Syntax error: (.*)", re.DOTALL)
"""What dash says; it names kinds of tokens alone, where bash repeats the line."""


class SyntaxFault(NamedTuple):
    """Why the shell can't parse a command, and in which of its lines; empty and 0 where it doesn't say."""

    reason: str
    line: int


def syntax_faults(commands: Sequence[str]) -> dict[str, SyntaxFault]:
    """Return what the shell finds wrong, by command; all are given to one shell, and none is an argument of it.

    After `set -n` a shell only parses. Each command is parsed by a shell of its own, which an error ends.
    """
    if not commands:
        return {}
    quoted = (single_quoted(f"set -n\n{each}") for each in commands)
    script = "".join(f"(eval {each}) 2>&1\nprintf '\\0%s\\0' $?\n" for each in quoted)
    try:
        done = subprocess.run(
            [SH],
            input=script.encode(),
            env={"LC_ALL": "C"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError as error:
        message = f"`{SH}` can't be run: {system_reason(error)}"
        raise EnvtreeError(Diagnostic("cannot-execute", message, help="the commands of services are for it")) from None
    answers = done.stdout.decode(errors="replace").split("\0")
    pairs = zip(commands, answers[::2], answers[1::2], strict=False)
    return {command: _fault(said) for command, said, status in pairs if status != "0"}


def _fault(said: str) -> SyntaxFault:
    match = _DASHS.match(said.strip())
    return SyntaxFault(match[2].splitlines()[0], int(match[1]) - 1) if match else SyntaxFault("", 0)
