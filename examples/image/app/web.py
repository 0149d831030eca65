"""Says how much work is done."""

import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError
from urllib.request import urlopen


class Handler(BaseHTTPRequestHandler):
    """`/up` for checks; anything else is answered with the greeting."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"up\n" if self.path == "/up" else f"{os.environ['GREETING']}: {work()} done\n".encode())

    def log_message(self, *_: object) -> None:
        """Not each request."""


def work() -> str:
    try:
        with urlopen(f"{os.environ['STORE_URL']}/work", timeout=2) as answer:
            return str(int(answer.read()))
    except URLError:
        return "nothing known to be"


def stop(*_: object) -> None:
    raise SystemExit


signal.signal(signal.SIGTERM, stop)
server = ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler)
print("web: listens")
try:
    server.serve_forever()
finally:
    print("web: stopped")
