"""AWS for tests: moto, a real server that speaks its protocols, and in front of it one that fails on demand.

with Moto() as moto, FaultyAws(moto.url) as front:
    front.plant("TrentService.Decrypt", 400, {"__type": "ThrottlingException"}, times=2)
    kms_decrypt(arn, encrypted, {}, AwsSession(front.environ))
    assert front.calls == ["TrentService.Decrypt"] * 3
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3

from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

REGION = "eu-central-1"
ADMIN = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEADMIN", "AWS_SECRET_ACCESS_KEY": "canary-admin"}
FREE = 10**9
"""So many calls may be made before permissions are looked at."""


class Moto:
    """A server of its own process, while it is entered."""

    def __init__(self) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = int(one.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {**ADMIN, "AWS_ENDPOINT_URL": self.url}

    def client(self, service: str) -> Any:
        """Return a client of boto3, with all rights."""
        keys = {name.lower(): text for name, text in ADMIN.items()}
        return boto3.client(service, REGION, endpoint_url=self.url, **keys)

    def key(self) -> str:
        """Make a key of KMS, and return its ARN."""
        return str(self.client("kms").create_key()["KeyMetadata"]["Arn"])

    def enforce(self, calls: int = 0) -> None:
        """Look at permissions after so many more calls."""
        self._post("/moto-api/reset-auth", str(calls).encode())

    def user(self, *actions: str) -> dict[str, str]:
        """Make a user who may do so much, and return what makes a process that user."""
        iam = self.client("iam")
        name = f"user-{len(iam.list_users()['Users'])}"
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def _post(self, path: str, body: bytes = b"") -> None:
        http = HTTPConnection("127.0.0.1", self.port, timeout=30)
        http.request("POST", path, body, {"Content-Type": "text/plain"})
        assert http.getresponse().status == 200
        http.close()

    def _is_up(self) -> bool:
        assert self._process.poll() is None, "moto has ended"
        with suppress(OSError, HTTPException):
            self._post("/moto-api/reset")
            return True
        return False

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "moto.server", "-p", str(self.port)]
        environ = {"PATH": "/usr/bin:/bin", "HOME": "/dev/null/nowhere", "INITIAL_NO_AUTH_ACTION_COUNT": str(FREE)}
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=environ, stdin=quiet, stdout=quiet, stderr=quiet)
        wait_for(self._is_up)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


class FaultyAws:
    """What stands in front of moto while it is entered: it notes each call, and answers some of them itself."""

    def __init__(self, behind: str) -> None:
        self.behind = urlsplit(behind)
        self.calls: list[str] = []
        self.access_keys: list[str] = []
        self._faults: dict[str, list[tuple[int, bytes]]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.front = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environ(self) -> dict[str, str]:
        return {**ADMIN, "AWS_ENDPOINT_URL": self.url}

    def plant(self, call: str, status: int, answer: Mapping[str, str] | bytes, times: int = 1) -> None:
        """Answer so many calls like this."""
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self._faults.setdefault(call, []).extend([(status, body)] * times)

    def answer(self, call: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        self.calls.append(call)
        self.access_keys.append(headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0])
        if planted := self._faults.get(call):
            return planted.pop(0)
        http = HTTPConnection(self.behind.hostname or "", self.behind.port, timeout=30)
        http.request("POST", "/", body, dict(headers))
        response = http.getresponse()
        try:
            return response.status, response.read()
        finally:
            http.close()

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    front: FaultyAws


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = parse_qs(body.decode()) if "form" in self.headers["Content-Type"] else {}
        call = self.headers.get("X-Amz-Target") or form["Action"][0]
        status, answer = self.server.front.answer(call, dict(self.headers), body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Nothing."""
