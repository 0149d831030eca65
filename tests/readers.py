"""Who reads what `envtree export` writes: the real programs, and their rules as they are documented."""

from __future__ import annotations

import ctypes
import functools
import http.server
import json
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.adapters.faults import program

if TYPE_CHECKING:
    from collections.abc import Iterator

Read = dict[str, str]
LIBRARIES = ("usr/lib/*/systemd", "usr/lib/systemd", "usr/lib64/systemd", "lib/systemd")
SHELL_NEED_ESCAPE = '"\\`$'


def in_shell(shell: str, script: Path) -> Read:
    """What a program is given by a shell that has read a script."""
    command = [shell, "-c", '. "$0"; exec /usr/bin/env -0', str(script)]
    done = subprocess.run(command, env={"GONE": "here"}, capture_output=True, check=True)
    assert not done.stderr
    pairs = (line.split("=", 1) for line in done.stdout.decode().split("\0") if line)
    return {name: text for name, text in pairs if name not in ("PWD", "OLDPWD", "SHLVL", "_")}


@functools.cache
def _systemd() -> ctypes.CDLL:
    found = sorted(each for top in LIBRARIES for each in Path("/").glob(f"{top}/libsystemd-shared-*.so"))
    if not found:
        raise FileNotFoundError("the tests need the library of `systemd`")
    return ctypes.CDLL(str(found[0]))


def by_systemd(path: Path) -> Read:
    """What systemd itself makes of an `EnvironmentFile`: the function of its library that a unit's start calls.

    No machine that a test runs on need have it as its init.
    """
    library = _systemd()
    strings = ctypes.POINTER(ctypes.c_char_p)()
    if library.load_env_file(None, str(path).encode(), ctypes.byref(strings)) < 0:
        return {}
    read, count = {}, 0
    while strings and (line := strings[count]) is not None:
        name, _, text = line.decode().partition("=")
        read[name] = text
        count += 1
    return read


def by_systemd_rules(text: str) -> Read:
    """The same by systemd.exec(5), for what `envtree` writes: bare, in single or in double quotes."""
    read, rest = {}, text
    while rest:
        name, _, rest = rest.partition("=")
        quote = rest[0] if rest[0] in "'\"" else ""
        if not quote:
            read[name], _, rest = rest.partition("\n")
            assert not set(read[name]) & set("\"'\\ \t\r")
            continue
        value, position = "", 1
        while rest[position] != quote:
            if quote == '"' and rest[position] == "\\" and rest[position + 1] in SHELL_NEED_ESCAPE:
                position += 1
            value += rest[position]
            position += 1
        assert rest[position + 1] == "\n"
        read[name], rest = value, rest[position + 2 :]
    return read


def by_docker_rules(data: bytes) -> Read:
    """What `docker run --env-file` makes of a file."""
    read = {}
    for line in data.split(b"\n"):
        assert len(line) < 1 << 16
        text = line.removesuffix(b"\r").decode().lstrip()
        if text and not text.startswith("#"):
            name, sign, value = text.partition("=")
            assert sign
            assert not any(letter.isspace() for letter in name)
            read[name] = value
    return read


class Engine:
    """Stands in for docker's engine, as far as making a container goes; the client is the real one."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        engine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.answer({})

            def do_GET(self) -> None:
                self.answer({"ApiVersion": "1.43", "Version": "24.0"})

            def do_POST(self) -> None:
                engine.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer({"Id": "a" * 64, "Warnings": []}, 201)

            def answer(self, data: Any, code: int = 200) -> None:
                body = json.dumps(data).encode()
                self.send_response(code)
                for name, text in (("Api-Version", "1.43"), ("Content-Type", "application/json")):
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else body)

            def log_message(self, *_: object) -> None:
                """Nothing is logged."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def read(self, path: Path) -> Read:
        """What a container would be given by an env-file; fails where the client refuses the file."""
        command = ["docker", "create", "--pull", "never", "--env-file", str(path), "image"]
        host = f"tcp://127.0.0.1:{self.server.server_port}"
        subprocess.run(
            command,
            executable=program("docker"),
            env={"DOCKER_HOST": host, "HOME": str(path.parent)},
            check=True,
            capture_output=True,
        )
        return dict(each.split("=", 1) for each in self.asked.pop()["Env"] or ())


@contextmanager
def docker_client() -> Iterator[Engine]:
    """The real docker client."""
    engine = Engine()
    thread = threading.Thread(target=engine.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield engine
    finally:
        engine.server.shutdown()
        thread.join()
        engine.server.server_close()


def by_kubectl(path: Path) -> Any:
    """The object that Kubernetes' own client makes of a manifest, without a cluster."""
    command = [program("kubectl"), "label", "--local", "-f", str(path), "read=back", "-o", "json"]
    done = subprocess.run(
        command, env={"PATH": "/usr/local/bin:/usr/bin", "HOME": str(path.parent)}, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


SECRET_SCHEMA = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata", "data"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": "v1"},
        "kind": {"const": "Secret"},
        "type": {"const": "Opaque"},
        "metadata": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {
                    "type": "string",
                    "maxLength": 253,
                    "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
                }
            },
        },
        "data": {
            "type": "object",
            "additionalProperties": {
                "type": "string",
                "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==|[A-Za-z0-9+/]=))?$",
            },
            "propertyNames": {"pattern": "^[-._a-zA-Z0-9]+$", "maxLength": 253},
        },
    },
}
"""What Kubernetes' API says of a Secret, as far as one is written here."""
