"""Words and commands in the language of /bin/sh."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_FLAGS = re.VERBOSE | re.DOTALL | re.ASCII
_PIECE_OF_WORD = r"""
    [^ \t\n\\'"`$;&|<>()\#]                         # itself
  | (?<=[A-Za-z0-9_@%+=:,./-])\#                    # inside a word it begins no comment
  | \\.                                             # whatever follows, the end of the line among it
  | '[^']*'
  | "(?: [^\\"`$] | \\. | \$(?![({]) | \$\{\w+\} )*"
  | \$(?![({'"])                                    # $NAME
  | \$\{\w+\b (?: :?[-+=?] | \#\#? | %%? )? [A-Za-z0-9_@%+=:,./*?-]* \}
"""
_PIECE = re.compile(_PIECE_OF_WORD, _FLAGS)
_NAME = re.compile(r"[A-Za-z_]\w*=", _FLAGS)
_BLANKS = re.compile(r"[ \t] (?: [ \t] | \\\n )*", _FLAGS)
_WORD = re.compile(r"[A-Za-z0-9_@+:,./][A-Za-z0-9_@%+:,./-]*")
_PIECE_OF_COMMAND = re.compile(rf"{_PIECE_OF_WORD} | [ \t] | <>? (?!<) &? | >{{1,2}} &?", _FLAGS)
_PIECE_OF_WORDS = re.compile(rf"{_PIECE_OF_WORD} | [ \t]", _FLAGS)
_COMMENT = re.compile(r"(?<=[ \t])\#[^\n]*", _FLAGS)
_SHELLS_OWN = frozenset(
    (
        *(".", ":", "alias", "bg", "break", "case", "cd", "chdir", "command", "continue", "do", "done", "echo"),
        *("elif", "else", "esac", "eval", "exec", "exit", "export", "false", "fc", "fg", "fi", "for", "getopts"),
        *("hash", "if", "in", "jobs", "kill", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift"),
        *("test", "then", "time", "times", "trap", "true", "type", "ulimit", "umask", "unalias", "unset", "until"),
        *("wait", "while"),
        *("bind", "builtin", "caller", "compgen", "complete", "compopt", "coproc", "declare", "dirs", "disown"),
        *("enable", "function", "help", "history", "let", "logout", "mapfile", "popd", "pushd", "readarray"),
        *("select", "shopt", "source", "suspend", "typeset"),
    )
)
"""Reserved words and builtins of dash and bash: with `exec` before one, the command would mean something else."""

SH, BASH = "/bin/sh", "/bin/bash"
DASHS_OWN = frozenset(("IFS", "OLDPWD", "OPTIND", "PPID", "PWD"))
"""The variables that `/bin/sh -c 'cd DIR; exec PROGRAM'` passes on with another value, where it is dash 0.5."""
_BASHS_OWN = """
    BASH BASHOPTS BASHPID BASH_COMMAND BASH_EXECUTION_STRING BASH_SUBSHELL BASH_VERSINFO BASH_VERSION COMP_WORDBREAKS
    EPOCHREALTIME EPOCHSECONDS HISTCMD IFS LINENO OLDPWD OPTERR OPTIND PPID PS1 PS2 PS4 PWD RANDOM SHELLOPTS SHLVL
    SRANDOM _
"""
BASHS_OWN = frozenset(_BASHS_OWN.split())
"""The same for bash 5.2."""


def shell_for(names: Iterable[str]) -> str:
    """Return the shell that passes on all these names: dash drops one that is no identifier, and bash keeps it."""
    return SH if all(name.isidentifier() and name.isascii() for name in names) else BASH


def quoted(text: str) -> str:
    """Return any text as one word of a shell."""
    return text if _PLAIN.fullmatch(text) else single_quoted(text)


def single_quoted(text: str) -> str:
    """Return any text as one word of a shell, in quotes even where it needs none."""
    return "'" + text.replace("'", "'\\''") + "'"


def with_exec(command: str) -> str | None:
    """Return a command with `exec` before its program, so that no shell stays in front; None where that is not certain.

    It is certain for a command of one program with its words. Then signals reach the program, and its pid is the
    service's. dash, unlike bash, stays in front of the last command of `sh -c`.
    """
    rest = command.strip(" \t\n")
    start = 0
    while end := _end_of_assignment(rest, start):
        start = end
    program = re.split(r"[ \t\n]", rest[start:], maxsplit=1)[0]
    if not _WORD.fullmatch(program) or not _is_simple(rest, start):
        return None
    if program in _SHELLS_OWN:
        return command if program == "exec" else None
    return f"{rest[:start]}exec {rest[start:]}"


def is_surely_valid(command: str) -> bool:
    """Return whether a command is but a program and its words, so that no shell finds anything wrong with it."""
    rest = command.strip(" \t\n")
    program = re.split(r"[ \t\n]", rest, maxsplit=1)[0]
    is_word = _WORD.fullmatch(program) is not None and program not in _SHELLS_OWN
    return is_word and _end_of_pieces(_PIECE_OF_WORDS, rest, 0) == len(rest)


def _end_of_assignment(text: str, start: int) -> int | None:
    """Return where the word after an assignment begins; None where there is no assignment, or nothing after it."""
    name = _NAME.match(text, start)
    blanks = name and _BLANKS.match(text, _end_of_pieces(_PIECE, text, name.end()))
    return blanks.end() if blanks else None


def _is_simple(text: str, start: int) -> bool:
    """Whether there are only words and redirections up to the end, with a comment after them."""
    end = _end_of_pieces(_PIECE_OF_COMMAND, text, start)
    return end == len(text) or _COMMENT.fullmatch(text, end) is not None


def _end_of_pieces(piece: re.Pattern[str], text: str, start: int) -> int:
    """Return where the last of the pieces ends. As in a shell, none is given back for the sake of what follows.

    A possessive quantifier would say that, but `re` has them wrong in Python 3.11.2, which is Debian 12's.
    """
    while found := piece.match(text, start):
        start = found.end()
    return start
