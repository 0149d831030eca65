"""A stand-in for `python -m envtree` that needs a tenth of the time: it asks tests/forks.py for a process, and waits.

As a script it imports next to nothing (`python -I -S`): its first argument is where to ask, the rest are envtree's.
"""

from __future__ import annotations

import _socket
import os
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NUMBER = 64
"""Bytes of an answer: a process or its status."""


def ask(
    path: str, words: Iterable[str], environment: Mapping[bytes, bytes], umask: int, streams: tuple[int, int, int]
) -> tuple[_socket.socket, int]:
    """Have a process forked; where it is heard of, and its number. It begins when it is told to `go`."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    connection.connect(path)
    line = [os.fsencode(word) for word in words]
    folder = os.getcwdb()  # noqa: PTH109 - pathlib takes longer to import than all of this
    parts = [b"%d" % umask, b"%d" % len(line), *line, folder, *map(b"=".join, environment.items())]
    streams_sent = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("3i", *streams))
    connection.sendmsg([b"\0".join(parts)], [streams_sent])
    return connection, int(connection.recv(NUMBER))


def go(connection: _socket.socket) -> int:
    """Let it begin, and wait for its end; the exit code, or less than 0 for a signal."""
    connection.send(b"go")
    status = int(connection.recv(NUMBER))
    connection.close()
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    os.umask(umask := os.umask(0))
    code = go(ask(sys.argv[1], sys.argv[2:], os.environb, umask, (0, 1, 2))[0])
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)
