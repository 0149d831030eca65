"""What a service manager is told of a process that it started: sd_notify(3), by a datagram to a socket."""

from __future__ import annotations

import contextlib
import os

VARIABLE = "NOTIFY_SOCKET"
"""The environment variable that names the socket; a name that starts with `@` is an abstract one, of no file."""


def notify(**states: str | int) -> None:
    """Say states such as `READY=1` to the manager, if there is one; that it can't be reached changes nothing."""
    address = os.environ.get(VARIABLE, "")
    if not address:
        return
    import socket

    lines = (f"{name}={' '.join(str(text).split())}" for name, text in states.items())
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto("\n".join(lines).encode(), f"\0{address[1:]}" if address.startswith("@") else address)
