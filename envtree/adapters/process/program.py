"""Programs: found as a shell finds them, and started with execve(2) in place of this process."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING, NoReturn

from envtree.adapters.process import core_dumps
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_PATH = "/bin:/usr/bin"
"""Where chpst(8) looks if there is no PATH at all."""
IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def find_program(word: str, path: str | None, whose: str) -> str:
    """Return a program's file: the word if it has a slash, else found by a PATH; raises EnvtreeError without one."""
    if "/" in word:
        return word
    folders = (NO_PATH if path is None else path).split(":")
    for file in (f"{folder or '.'}/{word}" for folder in folders) if word else ():
        if os.path.isfile(file) and os.access(file, os.X_OK):
            return file
    raise _impossible(f"`{one_line(word)}` is not found on {whose}", "give its path, or set `PATH` in a layer")


def check_folders(folders: Sequence[str]) -> None:
    """Raise EnvtreeError where a runtime is not installed. A program of the machine would run in its place."""
    if missing := [folder for folder in folders if not os.path.isdir(folder)]:
        advice = "install this version, or name another in `runtimes`"
        raise EnvtreeError(
            *(Diagnostic("cannot-execute", f"there is no runtime in `{each}`", help=advice) for each in missing)
        )


def become(program: str, words: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Run a program in place of this process, with only these variables; raises EnvtreeError where it can't run."""
    core_dumps.allow()
    # A signal that is ignored here would be ignored in the program too, which relies on ending by it.
    before = {number: signal.signal(number, signal.SIG_DFL) for number in IGNORED_BY_PYTHON}
    try:
        os.execve(
            os.fsencode(program),
            [os.fsencode(word) for word in words],
            {_bytes(name): _bytes(text) for name, text in sorted(environment.items())},
        )
    except OSError as error:
        for number, handler in before.items():
            signal.signal(number, handler)
        core_dumps.forbid()
        raise _impossible(
            f"`{one_line(program)}` can't be run: {_reason(program, error)}", _HELP.get(error.errno or 0, "")
        ) from None


_HELP = {
    errno.ENOEXEC: "give the program that reads it: `sh FILE`",
    errno.E2BIG: "Linux takes 128 KiB for each word, and a quarter of `ulimit -s` for all words and variables",
}


def _reason(program: str, error: OSError) -> str:
    if error.errno == errno.ENOENT and os.path.exists(program):
        return "the interpreter that it names is not there"
    if error.errno == errno.ENOEXEC:
        return "it is neither a program nor a script with a `#!` line"
    return system_reason(error)


def _bytes(text: str) -> bytes:
    """Return UTF-8 in any locale, as in files; what is kept of the caller's environment may be other bytes."""
    return text.encode("utf-8", "surrogateescape")


def _impossible(message: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("cannot-execute", message, help=advice))
