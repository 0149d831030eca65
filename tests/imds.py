"""The instance metadata service (IMDSv2) as far as tags go: a real server, with faults on demand.

with FakeMetadata({"Environment": "review"}) as fake:
    fake.plant("/latest/meta-data/tags/instance", status=503, times=2)
    subprocess.run(..., env={**os.environ, **fake.environ})
    assert fake.requests[0] == ("PUT", "/latest/api/token")

On its own address, in a network namespace; it stands on nothing but Python, and says a line when it can be asked:

    ip address add 169.254.169.254/32 dev lo
    python tests/imds.py --address 169.254.169.254 --port 80 TAGS.json    # {"Environment": "review"}
"""

from __future__ import annotations

import argparse
import json
import secrets
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message
    from typing import Self

TOKEN = "/latest/api/token"
TAGS = "/latest/meta-data/tags/instance"
Trick = Literal["", "reset", "hang", "truncated", "drip", "garbage"]


class Request(NamedTuple):
    """What a client asked."""

    method: str
    path: str


class Reply(NamedTuple):
    """An answer before it is sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


@dataclass
class Fault:
    """What happens at a path instead of an answer, so many times (0: always), or after so many seconds."""

    path: str
    reply: Reply | None
    how: Trick
    delay: float
    times: int
    met: int = 0

    def strikes(self, path: str) -> bool:
        """Whether it is this request's turn."""
        if path != self.path or (self.times and self.met >= self.times):
            return False
        self.met += 1
        return True


class FakeMetadata:
    """The service of one machine, while it is entered; `tags` may change meanwhile, and is None where it shows none."""

    def __init__(self, tags: Mapping[str, str] | None, address: str = "127.0.0.1", port: int = 0) -> None:
        self.tags = tags
        self.requests: list[Request] = []
        self.tokens: set[str] = set()
        self.closing = Event()
        self._faults: list[Fault] = []
        self._server = _Server((address, port), self)

    @property
    def url(self) -> str:
        """The origin."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def environ(self) -> dict[str, str]:
        """What leads a program here."""
        return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url}

    def plant(
        self,
        path: str,
        *,
        status: int = 0,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        how: Trick = "",
        delay: float = 0.0,
        times: int = 0,
    ) -> Fault:
        """A fault at a path: a status, a trick on the way, or a true answer that comes late."""
        fault = Fault(path, Reply(status, body, headers or {}) if status else None, how, delay, times)
        self._faults.append(fault)
        return fault

    def fault(self, path: str) -> Fault | None:
        """The first that strikes now."""
        return next((each for each in self._faults if each.strikes(path)), None)

    def answer(self, request: Request, headers: Message) -> Reply:
        """As the service does, without a fault."""
        if request.path == TOKEN:
            return self._token(request, headers)
        if headers.get("X-aws-ec2-metadata-token", "") not in self.tokens:
            return Reply(401)
        if request.method != "GET":
            return Reply(405)
        if self.tags is None:
            return Reply(404)
        if request.path.rstrip("/") == TAGS:
            return Reply(200, "\n".join(self.tags).encode())
        key = unquote(request.path.removeprefix(f"{TAGS}/"))
        return Reply(200, self.tags[key].encode()) if key in self.tags else Reply(404)

    def _token(self, request: Request, headers: Message) -> Reply:
        """One that lasts; what comes through a proxy gets none."""
        lifetime = headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if request.method != "PUT":
            return Reply(405)
        if "X-Forwarded-For" in headers:
            return Reply(403)
        if not lifetime.isdecimal() or not 1 <= int(lifetime) <= 21600:
            return Reply(400)
        self.tokens.add(token := secrets.token_urlsafe(42))
        return Reply(200, token.encode(), {"X-aws-ec2-metadata-token-ttl-seconds": lifetime})

    def serve(self) -> None:
        """Until interrupted."""
        self._server.serve_forever()

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], fake: FakeMetadata) -> None:
        self.fake = fake
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's look at a name server, which a network namespace may not have."""
        TCPServer.server_bind(self)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._do("GET")

    def do_PUT(self) -> None:
        self._do("PUT")

    def _do(self, method: str) -> None:
        fake, request = self.server.fake, Request(method, self.path)
        fake.requests.append(request)
        fault = fake.fault(self.path)
        if fault and fault.delay:
            fake.closing.wait(fault.delay)
        reply = (fault and fault.reply) or fake.answer(request, self.headers)
        with suppress(ConnectionError):  # the client may have gone
            self._play(fault.how if fault else "", reply)

    def _play(self, how: Trick, reply: Reply) -> None:
        self.close_connection = how != ""
        if how == "":
            self._send(reply, len(reply.body))
            self.wfile.write(reply.body)
        elif how == "truncated":
            self._send(reply, len(reply.body) + 1)
            self.wfile.write(reply.body)
        elif how == "drip":
            self._send(reply, 60_000)
            while not self.server.fake.closing.wait(0.05):
                self.wfile.write(b"x")
        elif how == "garbage":
            self.wfile.write(b"\x00\xff no HTTP\r\n\r\n" * 20)
        elif how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif how == "hang":
            self.server.fake.closing.wait(60)

    def _send(self, reply: Reply, length: int) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(length), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tags", type=Path, help="a JSON object of keys and values; `null`: tags are not shown")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    fake = FakeMetadata(json.loads(options.tags.read_text()), options.address, options.port)
    sys.stdout.write(f"{fake.url}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        fake.serve()


if __name__ == "__main__":
    main()
