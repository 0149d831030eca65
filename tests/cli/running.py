"""Runs `envtree` as its entry point would, in this process: hundreds of starts of Python take minutes."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import os
import sys
import warnings
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from envtree.adapters.process import core_dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

ENVTREE = (sys.executable, "-m", "envtree")
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION = 0x20080522


class Done(NamedTuple):
    """How a run ended, and what it said."""

    code: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """All of it, data first."""
        return self.stdout + self.stderr


class Interactive(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run(folder: Path, *argv: str, env: Mapping[str, str] | None = None, terminal: bool = False) -> Done:
    """Run one command line in a folder."""
    from envtree.cli.main import main

    kind = Interactive if terminal else io.TextIOWrapper
    stdout, stderr = (kind(io.BytesIO(), encoding="utf-8", errors="backslashreplace") for _ in range(2))
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, env or {}),
        mock.patch.object(sys, "argv", ["envtree", *argv]),
        mock.patch.multiple(sys, stdout=stdout, stderr=stderr),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")  # pytest's own settings are for its own tests
        try:
            code: object = main()
        except SystemExit as leaving:
            code = leaving.code
        finally:
            gc.enable()
            core_dumps.allow()
    texts = []
    for stream in (stdout, stderr):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]  # a BytesIO
    return Done(code if isinstance(code, int) else int(code is not None), *texts)


def run_verb(verb: Callable[..., int], *words: object, **more: object) -> Done:
    """Run a verb as the command line does once it has understood its words, which takes longer than most verbs."""
    from envtree.cli.groups import grouped
    from envtree.cli.terminal import show_diagnostics
    from envtree.core.model.diagnostic import EnvtreeError

    with contextlib.redirect_stdout(io.StringIO()) as stdout, contextlib.redirect_stderr(io.StringIO()) as stderr:
        try:
            code = verb(**grouped(verb, {**dict(zip(verb.__annotations__, words, strict=False)), **more}))
        except EnvtreeError as error:
            show_diagnostics(error.diagnostics, None, "auto", 0)
            code = 2
        finally:
            core_dumps.allow()
    return Done(code, stdout.getvalue(), stderr.getvalue())


@contextlib.contextmanager
def modes_hold_for_root() -> Iterator[None]:
    """Root too is stopped by a file's mode inside: this thread does without the capabilities that pass over it."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    before = (ctypes.c_uint32 * 6)()
    if libc.capget(header, before):
        raise OSError(ctypes.get_errno(), "capget")
    after = (ctypes.c_uint32 * 6)(*before)
    after[0] &= ~(1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH)
    libc.capset(header, after)
    try:
        yield
    finally:
        libc.capset(header, before)
