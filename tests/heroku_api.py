"""Heroku's Platform API on the loopback address, as far as it is read: a real server, with faults on demand.

with FakeHeroku([FakeApp("acme-web", {"A": "1"}, pipeline="web", stage="production")]) as fake:
    fake.plant("/apps/acme-web/config-vars", status=503, times=2)
    fake.apps["acme-web"].values["A"] = "2"  # makes a release
    subprocess.run(..., env={**os.environ, **fake.environ})
    assert fake.requests[0].path == "/account"
"""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from envtree.migration.apps.fleet import Fleet
from tests.heroku_objects import (
    FakeApp,
    Json,
    addon_object,
    app_object,
    as_fake,
    attachment_object,
    buildpack_object,
    coupling_object,
    domain_object,
    drain_object,
    identity,
    pipeline_object,
    process_object,
    release_object,
)
from tests.waiting import LONG

if TYPE_CHECKING:
    import ssl
    from typing import Self


__all__ = ["TOKEN", "FakeApp", "FakeHeroku", "Fault", "Request", "identity"]

TOKEN = "5f0d7a4e-canary-4b1e-9d5c-0123456789ab"
Trick = Literal["", "reset", "hang", "truncated", "drip"]


class Request(NamedTuple):
    """What a client asked: the path without a query, an app in it by its name; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass
class Fault:
    """What happens at a path to an answer, so many times (0: always) after so many good ones."""

    path: str
    status: int
    body: bytes | None
    headers: Mapping[str, str]
    how: Trick
    times: int
    after: int
    met: int = 0

    def strikes(self, path: str) -> bool:
        """Whether it is this request's turn."""
        if path != self.path:
            return False
        self.met += 1
        return self.after < self.met and (not self.times or self.met <= self.after + self.times)


class Reply(NamedTuple):
    """An answer before it is sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class FakeHeroku:
    """The whole service, while it is entered."""

    def __init__(
        self, apps: Iterable[FakeApp] | Fleet = (), *, page_size: int = 200, tls: ssl.SSLContext | None = None
    ) -> None:
        listed = [as_fake(app) for app in apps.apps] if isinstance(apps, Fleet) else list(apps)
        self.apps = {app.name: app for app in listed}
        self.review_config: dict[str, dict[str, str]] = {}
        """What each pipeline gives its review apps, by its name."""
        self.token = TOKEN
        self.is_writable = False
        """Whether config vars may be set, as the `heroku` command does; envtree never asks for that."""
        self.page_size = page_size
        self.warning = ""
        self.pause = 0.0
        """Seconds before each answer."""
        self.together = 0
        """So many questions for values come before the first of them is answered."""
        self.busiest = 0
        """Requests that were answered at the same time, at most."""
        self.requests: list[Request] = []
        self.errors: list[BaseException] = []
        self.closing = Event()
        self._faults: list[Fault] = []
        self._busy = 0
        self._met = Event()
        self._lock = Lock()
        self._server = _Server(self)
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        """The origin."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def environ(self) -> dict[str, str]:
        """What leads a program here."""
        return {"HEROKU_API_URL": self.url, "HEROKU_API_KEY": self.token}

    def plant(
        self,
        path: str,
        *,
        status: int = 0,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        how: Trick = "",
        times: int = 0,
        after: int = 0,
    ) -> Fault:
        """A fault at a path, an app in it by its name; a status without a body is said as the API says it."""
        if status and body is None:
            body = _error(status).body
        fault = Fault(path, status, body, headers or {}, how, times, after)
        self._faults.append(fault)
        return fault

    def asked(self, path: str) -> list[Request]:
        """The requests for a path."""
        return [each for each in self.requests if each.path == path]

    def fault(self, path: str) -> Fault | None:
        """The first that strikes now; each counts what it has seen."""
        with self._lock:
            return next((each for each in self._faults if each.strikes(path)), None)

    @contextmanager
    def counted(self, path: str) -> Iterator[None]:
        """While a request is answered."""
        with self._lock:
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            if self.together and self._busy >= self.together:
                self._met.set()
        if self.together and path.endswith("/config-vars"):
            self._met.wait(LONG)
        self.closing.wait(self.pause)
        yield
        with self._lock:
            self._busy -= 1

    def canonical(self, path: str) -> str:
        """A path with the app's name where its id stood."""
        parts = unquote(path).split("/")
        if len(parts) > 2 and parts[1] == "apps":
            parts[2] = next((app.name for app in self.apps.values() if app.id == parts[2]), parts[2])
        return "/".join(parts)

    def answer(self, request: Request) -> Reply:
        """What the service says, faults aside."""
        if request.headers.get("authorization", "") != f"Bearer {self.token}":
            return _error(401)
        if not request.headers.get("accept", "").startswith("application/vnd.heroku+json; version=3"):
            return _error(406)
        if request.method == "PATCH" and self.is_writable and request.path.endswith("/config-vars"):
            self.apps[request.path.split("/")[2]].values |= json.loads(request.body)
        elif request.method != "GET" and request.path != "/filters/apps":
            return _error(405)
        for pattern, serve in _ROUTES:
            if found := re.fullmatch(pattern, request.path):
                return serve(self, request, *found.groups())
        return _error(404)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self.errors and error is None:
            raise self.errors[0]


# What it serves


def _account(fake: FakeHeroku, request: Request) -> Reply:
    return _json(
        {"id": identity("account", "me"), "email": "me@example.com", "name": None, "default_team": None}, request
    )


def _no_features(fake: FakeHeroku, request: Request) -> Reply:
    return _list(fake, request, [])


def _apps(fake: FakeHeroku, request: Request, team: str | None = None) -> Reply:
    if team is not None and team not in {app.team for app in fake.apps.values()}:
        return _error(404)
    return _list(fake, request, [app_object(app) for app in fake.apps.values() if team in (None, app.team)])


def _filtered_apps(fake: FakeHeroku, request: Request) -> Reply:
    """A POST that reads; `heroku pipelines:info` asks so."""
    wanted = json.loads(request.body)["in"]["id"]
    return _list(fake, request, [app_object(app) for app in fake.apps.values() if app.id in wanted])


def _pipelines(fake: FakeHeroku, request: Request) -> Reply:
    wanted = parse_qs(request.query).get("eq[name]")
    names = {app.pipeline for app in fake.apps.values() if app.pipeline}
    return _list(fake, request, [pipeline_object(name) for name in names if wanted is None or name in wanted])


def _stage_config_vars(fake: FakeHeroku, request: Request, own: str, stage: str) -> Reply:
    name = next(
        (name for name in {app.pipeline for app in fake.apps.values()} if identity("pipeline", name) == own), ""
    )
    return _json(fake.review_config.get(name, {}) if stage == "review" else {}, request) if name else _error(404)


def _one_pipeline(fake: FakeHeroku, request: Request, own: str) -> Reply:
    names = [
        name for name in {app.pipeline for app in fake.apps.values()} if name and identity("pipeline", name) == own
    ]
    return _json(pipeline_object(names[0]), request) if names else _error(404)


def _couplings(fake: FakeHeroku, request: Request, own: str | None = None) -> Reply:
    found = [coupling_object(app) for app in fake.apps.values() if app.pipeline]
    return _list(fake, request, [each for each in found if own in (None, each["pipeline"]["id"])])


def _attachments(fake: FakeHeroku, request: Request) -> Reply:
    included = request.headers.get("accept-inclusion", "")
    found = [attachment_object(app, each, included) for app in fake.apps.values() for each in app.attachments]
    return _list(fake, request, found)


Serve = Callable[[FakeHeroku, Request, FakeApp], Reply]


def _of_app(serve: Serve) -> Callable[..., Reply]:
    def found(fake: FakeHeroku, request: Request, name: str, *rest: str) -> Reply:
        app = fake.apps.get(name)
        return serve(fake, request, app, *rest) if app else _error(404)

    return found


@_of_app
def _one_app(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    return _json(app_object(app), request)


@_of_app
def _config_vars(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    return _json(app.values, request)


@_of_app
def _formation(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    return _list(fake, request, [process_object(app, each) for each in app.formation])


@_of_app
def _features(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    found = [
        {"id": identity("feature", f"{app.name}/{each}"), "name": each, "enabled": on}
        for each, on in app.features.items()
    ]
    return _list(fake, request, found)


@_of_app
def _buildpacks(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    return _json([buildpack_object(number, name) for number, name in enumerate(app.buildpacks)], request)


@_of_app
def _domains(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    hosts = [f"{app.name}.herokuapp.com", *app.domains]
    return _list(fake, request, [domain_object(app, host) for host in hosts])


@_of_app
def _drains(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    return _list(fake, request, [drain_object(app, each) for each in app.drains])


@_of_app
def _addons(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    by_addon = {each.addon: each for each in app.attachments}
    return _list(fake, request, [addon_object(app, each) for each in by_addon.values()])


@_of_app
def _own_attachments(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    included = request.headers.get("accept-inclusion", "")
    return _list(fake, request, [attachment_object(app, each, included) for each in app.attachments])


@_of_app
def _releases(fake: FakeHeroku, request: Request, app: FakeApp) -> Reply:
    return _list(fake, request, [release_object(app, version + 1) for version in range(len(app.settle()))])


def _version(app: FakeApp, wanted: str) -> int:
    """The number of a release that is asked for by number or id; 0 where it has no such."""
    known = range(1, len(app.settle()) + 1)
    return next((each for each in known if wanted in (str(each), f"v{each}", release_object(app, each)["id"])), 0)


def _one_release(fake: FakeHeroku, request: Request, name: str, wanted: str) -> Reply:
    app = fake.apps.get(name)
    version = _version(app, wanted) if app else 0
    return _json(release_object(app, version), request) if app and version else _error(404)


def _release_config_vars(fake: FakeHeroku, request: Request, name: str, wanted: str) -> Reply:
    app = fake.apps.get(name)
    version = _version(app, wanted) if app else 0
    return _json(app.history[version - 1], request) if app and version else _error(404)


_APP = r"/apps/([^/]+)"
_ROUTES: tuple[tuple[str, Callable[..., Reply]], ...] = (
    ("/account", _account),
    ("/account/features", _no_features),
    ("/apps", _apps),
    ("/users/~/apps", _apps),
    ("/teams/([^/]+)/apps", _apps),
    ("/filters/apps", _filtered_apps),
    ("/pipelines", _pipelines),
    ("/pipelines/([^/]+)", _one_pipeline),
    ("/pipeline-couplings", _couplings),
    ("/pipelines/([^/]+)/pipeline-couplings", _couplings),
    ("/pipelines/([^/]+)/stage/(review|test)/config-vars", _stage_config_vars),
    ("/addon-attachments", _attachments),
    (_APP, _one_app),
    (f"{_APP}/config-vars", _config_vars),
    (f"{_APP}/formation", _formation),
    (f"{_APP}/features", _features),
    (f"{_APP}/buildpack-installations", _buildpacks),
    (f"{_APP}/domains", _domains),
    (f"{_APP}/log-drains", _drains),
    (f"{_APP}/addons", _addons),
    (f"{_APP}/addon-attachments", _own_attachments),
    (f"{_APP}/releases", _releases),
    (f"{_APP}/releases/([^/]+)", _one_release),
    (f"{_APP}/releases/([^/]+)/config-vars", _release_config_vars),
)

# How it says them

_IDS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    406: "not_acceptable",
    410: "gone",
    416: "requested_range_not_satisfiable",
    429: "rate_limit",
    500: "internal_server_error",
    503: "maintenance",
}
_RANGE = re.compile(r"(?P<key>\w+) (?P<after>\]?)(?P<first>[^.\s]*)\.\.[^;]*(?:; *(?P<options>.*))?")


def _error(status: int) -> Reply:
    known = _IDS.get(status, "unknown")
    return Reply(status, json.dumps({"id": known, "message": f"In words: {known}."}).encode())


def _json(found: object, request: Request) -> Reply:
    body = json.dumps(found, ensure_ascii=False).encode()
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Reply(304, b"", {"ETag": tag})
    return Reply(200, body, {"ETag": tag})


def _list(fake: FakeHeroku, request: Request, found: list[Json]) -> Reply:
    """One page (Range: `id ]LAST..; max=1000, order=desc`); the next is named where there is more."""
    asked = _RANGE.fullmatch(request.headers.get("range", "id ..")) or _RANGE.fullmatch("id ..")
    assert asked is not None
    key, options = asked["key"], dict(re.findall(r"(\w+)=(\w+)", asked["options"] or ""))
    if any(key not in each for each in found):
        return _error(416)
    down = options.get("order") == "desc"
    found = sorted(found, key=lambda each: each[key], reverse=down)
    if asked["first"]:
        known = [str(each[key]) for each in found]
        if asked["first"] not in known:
            return _error(416)
        found = found[known.index(asked["first"]) + (1 if asked["after"] else 0) :]
    size = min(int(options.get("max", fake.page_size)), 1000, fake.page_size)
    reply = _json(found[:size], request)
    if len(found) <= size:
        return reply
    last = found[size - 1][key]
    order = ", order=desc" if down else ""
    headers = {"Content-Range": f"{key} {found[0][key]}..{last}", "Next-Range": f"{key} ]{last}..; max={size}{order}"}
    return reply._replace(status=206, headers={**reply.headers, **headers}) if reply.status == 200 else reply


# The server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, fake: FakeHeroku) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        import sys

        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):  # a client that goes away is none
            self.fake.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        fake, parts = self.server.fake, urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, fake.canonical(parts.path), unquote(parts.query), headers, sent)
        fake.requests.append(request)
        with fake.counted(request.path):
            reply, fault = fake.answer(request), fake.fault(request.path)
        if fault:
            body = reply.body if fault.body is None else fault.body
            reply = Reply(fault.status or reply.status, body, {**reply.headers, **fault.headers})
        self._say(reply, fault.how if fault else "")

    do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the library's names

    def _say(self, reply: Reply, how: Trick) -> None:
        fake = self.server.fake
        if how == "hang":
            fake.closing.wait()
        if how in ("hang", "reset"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(reply.status)
        for name, value in self._headers(reply):
            self.send_header(name, value)
        self.end_headers()
        for part in self._parts(reply.body, how):
            self.wfile.write(part)
            self.wfile.flush()

    def _headers(self, reply: Reply) -> Iterator[tuple[str, str]]:
        common = {
            "Content-Type": "application/json",
            "RateLimit-Remaining": str(4500 - len(self.server.fake.requests)),
            "Request-Id": identity("request", str(len(self.server.fake.requests))),
            "Content-Length": str(len(reply.body)),
        }
        if warning := self.server.fake.warning:
            common["X-Heroku-Warning"] = warning
        yield from {**common, **reply.headers}.items()

    def _parts(self, body: bytes, how: Trick) -> Iterator[bytes]:
        if how == "truncated":
            self.close_connection = True
            yield body[: len(body) // 2]
        elif how == "drip":
            self.close_connection = True
            for index in range(len(body)):
                if self.server.fake.closing.wait(0.05):
                    return
                yield body[index : index + 1]
        else:
            yield body

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the library
        pass
