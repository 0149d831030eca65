"""A service of two processes behind a proxy, which is restarted while it is asked: no request fails."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.boxes import Box
from tests.other_user import PYTHON
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENTS = 4
SERVER = """\
import os, signal, socket, sys, threading, time
said = open(f"{os.environ['SAID']}/begun", "a", buffering=1)
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
answering = []

def answer(connection):
    with connection:
        number = connection.makefile().readline().strip()
        if number:  # else it is the check
            said.write(f"{number} {os.environ['PORT']}\\n")
            time.sleep(0.01)
            connection.sendall(f"answer {number}\\n".encode())

def end(*_):
    raise SystemExit

signal.signal(signal.SIGTERM, end)
try:
    while True:
        connection, _ = listener.accept()
        thread = threading.Thread(target=answer, args=(connection,))
        answering = [each for each in answering if each.is_alive()] + [thread]
        thread.start()
except SystemExit:
    listener.close()
    for each in answering:
        each.join()
"""
"""Answers a number each time it is asked; told to end, it stops to listen, and ends what it has begun."""


class Service(NamedTuple):
    """The service, and where its processes listen."""

    box: Box
    ports: tuple[int, int]

    def restart(self, *options: str) -> None:
        """All of it."""
        done = self.box.envtree("restart", "review/web", *options, "--run", str(self.box.run))
        assert done.returncode == 0, done.stderr


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with closing(socket.create_server(("127.0.0.1", 0))) as one, closing(socket.create_server(("127.0.0.1", 0))) as two:
        ports = one.getsockname()[1], two.getsockname()[1]
    (tmp_path / "server.py").write_text(SERVER)
    command = json.dumps(f"{PYTHON} -IS {tmp_path}/server.py")
    ready = json.dumps("/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/$PORT'")
    process = f"{{command: {command}, ready: {ready}, stop: {{timeout: 60s}}}}"
    text = f"processes: {{a: {process}, b: {process}}}\n"
    layers = {f"configs/web/{name}/common.yaml": f"PORT: '{port}'\n" for name, port in zip("ab", ports, strict=True)}
    box = Box(tmp_path / "machine", {"web": text}, **layers)
    try:
        assert box.boot().returncode == 0
        yield Service(box, ports)
        assert box.down().returncode == 0
        box.assert_gone()
    finally:
        box.clean_up()


class Proxy:
    """Asks one process after the other in turn: the next where the connection is refused, as nginx does.

    A connection that the kernel has made, and the process not accepted before it stopped to listen, is reset: that is
    the same, so it goes on as well. It is noted, and must be of no request that the process had begun.
    """

    def __init__(self, ports: tuple[int, int]) -> None:
        self.ports = ports
        self.failed: list[int] = []
        self.reset: set[tuple[str, str]] = set()

    def ask(self, number: int) -> None:
        """One request."""
        first = number % 2
        for port in (self.ports[first], self.ports[1 - first]):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
                    connection.sendall(f"{number}\n".encode())
                    got = connection.makefile().readline()
            except ConnectionRefusedError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                self.reset.add((str(number), str(port)))
                continue
            if got == f"answer {number}\n":
                return
        self.failed.append(number)


def asked(service: Service, count: int, *options: str) -> Proxy:
    """Restart again and again, for as long as so many requests take."""
    proxy = Proxy(service.ports)
    numbers = iter(range(count))
    taking = threading.Lock()

    def client() -> None:
        while True:
            with taking:
                number = next(numbers, None)
            if number is None:
                return
            proxy.ask(number)

    clients = [threading.Thread(target=client, daemon=True) for _ in range(CLIENTS)]
    for each in clients:
        each.start()
    while any(each.is_alive() for each in clients):
        service.restart(*options)
    return proxy


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.soak)])
def test_no_request_fails_while_a_service_is_restarted(service: Service, count: int) -> None:
    proxy = asked(service, count)
    assert proxy.failed == []
    begun = {tuple(line.split()) for line in service.box.says("begun")}
    assert len(begun) >= count
    assert not proxy.reset & begun


def test_requests_fail_where_both_are_restarted_at_once(service: Service) -> None:
    proxy = Proxy(service.ports)
    stop = threading.Event()

    def client() -> None:
        number = 0
        while not stop.is_set():
            proxy.ask(number := number + 1)

    going = threading.Thread(target=client, daemon=True)
    going.start()
    service.restart("--at-once")
    stop.set()
    going.join()
    wait_for(lambda: proxy.failed)
