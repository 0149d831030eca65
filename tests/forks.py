"""The command line in processes of its own without a start of Python: forked from one that has imported all of envtree.

As a module (`python -m tests.forks PATH`) it is that process. What a test is to see of a start, it starts itself.
"""

from __future__ import annotations

import atexit
import gc
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tests.forked import ask, go
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LONGEST = 1 << 17
"""Bytes of a request: a command line and an environment."""
PATIENCE = 300
"""Seconds after which a process is held to wait for ever."""


def quick() -> tuple[str, ...]:
    """Return a command that does what `python -m envtree` does, but for signals that it gets and what it inherits."""
    return (sys.executable, "-I", "-S", str(ROOT / "tests/forked.py"), _forking())


def run_forked(
    words: Iterable[str], environment: Mapping[str, str], tracer: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run one command line of envtree to its end; a tracer, strace with its options, sees all that it does itself."""
    line, variables = [*words], {os.fsencode(name): os.fsencode(text) for name, text in environment.items()}
    with ExitStack() as stack:
        out, err = (stack.enter_context(os.fdopen(os.memfd_create(name), "r+b")) for name in ("stdout", "stderr"))
        null = stack.enter_context(open(os.devnull, "rb"))  # noqa: PTH123 - a stream
        os.umask(umask := os.umask(0))
        connection, process = ask(_forking(), line, variables, umask, (null.fileno(), out.fileno(), err.fileno()))
        connection.settimeout(PATIENCE)
        if tracer:
            command = [*tracer, "-p", str(process)]
            tracing = stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
            assert tracing.stderr is not None
            said = tracing.stderr.readline()
            assert "attached" in said, said
        code = go(connection)
        if tracer:
            tracing.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(line, code, _text(out), _text(err))


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


@cache
def _forking() -> str:
    """Start the process that forks, which ends with this one; where it is asked."""
    folder = tempfile.mkdtemp(prefix="envtree-forks-")
    path = f"{folder}/socket"
    command = [sys.executable, "-m", "tests.forks", path]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.read(1) == b"!"
    atexit.register(shutil.rmtree, folder)
    atexit.register(process.communicate)  # it ends when nobody can write to it
    return path


def serve(path: str) -> None:
    """Fork for each request; return in the child, when it may begin, with all that is its own."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(path)
    listening.listen(100)
    gc.freeze()
    os.write(1, b"!")
    running: dict[int, tuple[int, socket.socket]] = {}
    waiting = select.poll()
    waiting.register(listening, select.POLLIN)
    waiting.register(0, select.POLLIN)
    while True:
        for ready, _ in waiting.poll():
            if ready == 0:
                os._exit(0)
            if ready == listening.fileno():
                connection = listening.accept()[0]
                data, streams, _, _ = socket.recv_fds(connection, LONGEST, 3)
                process = os.fork()
                if process == 0:
                    return _become(connection, data, streams)
                for each in streams:
                    os.close(each)
                connection.send(b"%d" % process)
                ended = os.pidfd_open(process)
                running[ended] = process, connection
                waiting.register(ended, select.POLLIN)
            else:
                process, connection = running.pop(ready)
                waiting.unregister(ready)
                os.close(ready)
                with suppress(BrokenPipeError):  # whoever asked was killed
                    connection.send(b"%d" % os.waitpid(process, 0)[1])
                connection.close()


def _become(connection: socket.socket, data: bytes, streams: list[int]) -> None:
    """Wait for the word, and have the command line, folder, environment and streams that were asked for."""
    connection.recv(LONGEST)
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    connection.close()
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as Python opens them, for as long as this process runs
    sys.stdout = open(1, "w", errors="surrogateescape", newline="\n", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, errors="backslashreplace", newline="\n", closefd=False)  # noqa: SIM115
    umask, count, *parts = data.split(b"\0")
    words, (folder, *variables) = parts[: int(count)], parts[int(count) :]
    os.umask(int(umask))
    os.chdir(folder)
    os.environb.clear()
    for variable in variables:
        name, _, text = variable.partition(b"=")
        os.environb[name] = text
    sys.argv = ["envtree", *map(os.fsdecode, words)]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))


def _import_all() -> None:
    from importlib import import_module
    from pkgutil import walk_packages

    import envtree

    for module in walk_packages(envtree.__path__, "envtree."):
        if module.name != "envtree.__main__":
            import_module(module.name)


if __name__ == "__main__":
    from envtree.cli.main import main

    _import_all()
    serve(str(Path(sys.argv[1])))
    code = main()
    sys.stderr.flush()
    os._exit(code)  # as a process it ends no more slowly than it began
