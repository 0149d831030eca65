"""A client of Heroku's API that only reads: it tries again where that may help, and returns whole answers or none."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from envtree import __version__
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.migration.apps.answers import UnexpectedAnswer, decode
from envtree.migration.heroku.http import exchange
from envtree.migration.heroku.refusal import (
    HerokuRefused,
    HerokuUnavailable,
    Unreachable,
    as_error,
    refusal_for,
    without_token,
)
from envtree.migration.heroku.retry import RetryLimits, with_retries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Mapping

    from envtree.migration.heroku.login import Login

    Progress = Callable[[str], None]

__all__ = ["Client", "JsonAnswer", "RetryLimits", "connect"]

MAX_CONCURRENT = 4
CONNECT, READ = 10.0, 30.0
"""Seconds for a connection, and between two parts of an answer."""
PAGES = 1000
LESS = 10
"""Where one answer took all the time that it may, the others get so many times less."""
JSON = frozenset(("application/json", "application/vnd.heroku+json"))
WARNINGS = ("X-Heroku-Warning", "Warning-Message")


class JsonAnswer(NamedTuple):
    """A whole answer; a 304 has no data."""

    status: int
    data: Any
    headers: Mapping[str, str]


@asynccontextmanager
async def connect(login: Login, limits: RetryLimits, progress: Progress) -> AsyncIterator[Client]:
    """Open a client, and close it at the end."""
    headers = {
        "Accept": "application/vnd.heroku+json; version=3",
        "Authorization": f"Bearer {login.token}",
        "User-Agent": f"envtree/{__version__}",
    }
    secure = login.url.startswith("https:")
    timeout = httpx.Timeout(READ, connect=CONNECT, pool=None)
    try:
        # Requests to this machine use no proxy, which would see the token.
        verify = True if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        http = httpx.AsyncClient(
            base_url=login.url,
            headers=headers,
            timeout=timeout,
            verify=verify,
            trust_env=secure,
            follow_redirects=False,
        )
    except (OSError, ImportError, ValueError, httpx.InvalidURL) as error:
        raise _unusable(error) from None
    async with http:
        yield Client(login, http, limits, progress)


class Client:
    """A client that sends a few requests at once, and passes each of Heroku's own warnings on once."""

    def __init__(self, login: Login, http: httpx.AsyncClient, limits: RetryLimits, progress: Progress) -> None:
        self.progress = progress
        self._login = login
        self._http = http
        self._limits = limits
        self._full_total = limits.total
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)
        self._was_reached = False
        self._warned: set[str] = set()

    async def get(self, path: str, *, accept: Collection[int] = (200,), **headers: str) -> JsonAnswer:
        """Return an answer with a status in `accept`; raises HerokuRefused, or EnvtreeError without an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._slots:
            try:
                request = partial(self._request, path, accept, named)
                report = partial(self._report, path)
                return await with_retries(request, self._limits, self._is_temporary, report)
            except HerokuUnavailable:
                self._shorten_limits()
                raise
            except Unreachable as refusal:
                raise as_error(self._login, path, refusal) from None

    async def get_all(self, path: str, **headers: str) -> list[Any]:
        """Return all pages of a list; one that may lack a part is refused, since it looks like a whole one."""
        found: dict[str, Any] = {}
        requested = {page_range := "id ..; max=1000"}
        for _ in range(PAGES):
            answer = await self.get(path, accept=(200, 206), Range=page_range, **headers)
            _add(found, answer.data)
            if answer.status == 200:
                return [*found.values()]
            page_range = answer.headers.get("Next-Range", "")
            if not page_range or page_range in requested:
                raise HerokuRefused(
                    "the list is cut short: " + ("a page is repeated" if page_range else "it lacks a next page")
                )
            requested.add(page_range)
        raise HerokuRefused("the list has no end")

    async def _request(self, path: str, accept: Collection[int], headers: Mapping[str, str]) -> JsonAnswer:
        status, received, body = await exchange(self._http, path, headers)
        self._was_reached = True
        self._report_warnings(received)
        if status not in accept:
            raise refusal_for(self._login, status, received, body)
        if status == 304:
            return JsonAnswer(status, None, received)
        if received.get("Content-Type", "").partition(";")[0].strip().lower() not in JSON:
            raise HerokuRefused("the answer is no JSON", status=status)
        try:
            return JsonAnswer(status, decode(body), received)
        except UnexpectedAnswer as error:
            raise HerokuRefused(str(error), status=status) from None

    def _report(self, path: str, message: str) -> None:
        self.progress(f"`{path}`: {message}")

    def _is_temporary(self, error: BaseException) -> bool:
        """Return whether to try again: a host unreachable at the start stays so, one seen before may return."""
        return isinstance(error, HerokuUnavailable) or (isinstance(error, Unreachable) and self._was_reached)

    def _shorten_limits(self) -> None:
        """Give other answers less time once one took all of its own: a whole fleet would take hours otherwise."""
        self._limits = self._limits._replace(total=min(self._limits.total, self._full_total / LESS))

    def _report_warnings(self, headers: Mapping[str, str]) -> None:
        for text in (headers.get(name, "") for name in WARNINGS):
            if text and text not in self._warned:
                self._warned.add(text)
                self.progress(f"Heroku warns: {without_token(self._login, text)}")


def _add(found: dict[str, Any], page: Any) -> None:
    if not isinstance(page, list):
        raise HerokuRefused("the answer is no list")
    for each in page:
        item_id = each.get("id") if isinstance(each, dict) else None
        if not isinstance(item_id, str) or not item_id:
            raise HerokuRefused("the list has a part without an `id`")
        if item_id in found:
            raise HerokuRefused("the list has a part twice")
        found[item_id] = each


def _unusable(error: Exception) -> EnvtreeError:
    """Return why httpx won't begin; its own words may quote a proxy's password."""
    files = isinstance(error, OSError)
    what = "the certificates that `SSL_CERT_FILE` or `SSL_CERT_DIR` names" if files else "a proxy of the environment"
    return EnvtreeError(Diagnostic("heroku-failed", f"{what} can't be used", help="see `env | grep -iE 'proxy|ssl_'`"))
