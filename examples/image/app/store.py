"""A stand-in for a database: numbers by name, kept in a file when it stops."""

import json
import os
import signal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

file = Path(os.environ["STORE_FILE"])
numbers = json.loads(file.read_text()) if file.exists() else {}


class Handler(BaseHTTPRequestHandler):
    """`GET /NAME` answers a number, `POST /NAME` adds one to it."""

    def do_GET(self) -> None:
        self.answer(numbers.get(self.path, 0))

    def do_POST(self) -> None:
        numbers[self.path] = numbers.get(self.path, 0) + 1
        self.answer(numbers[self.path])

    def answer(self, number: int) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{number}\n".encode())

    def log_message(self, *_: object) -> None:
        """Not each request."""


def stop(*_: object) -> None:
    raise SystemExit


signal.signal(signal.SIGTERM, stop)
server = HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
print(f"store: has {numbers}")
try:
    server.serve_forever()
finally:
    file.write_text(json.dumps(numbers))
    print(f"store: kept {numbers}")
