"""A client of Heroku's API that only reads: it tries again where that may help, and returns whole answers or none."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import httpx

from envtree import __version__
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.migration.apps.answers import UnexpectedAnswer
from envtree.migration.apps.json_stream import MAX_PARTS, read_items
from envtree.migration.heroku.body import ENCODING, Limit
from envtree.migration.heroku.http import can_echo, exchange, open_client
from envtree.migration.heroku.refusal import (
    HerokuRefused,
    HerokuUnavailable,
    Unreachable,
    as_error,
    error_body,
    refusal_for,
    without_token,
)
from envtree.migration.heroku.retry import RetryLimits, with_retries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping

    from envtree.migration.apps.answers import Fields
    from envtree.migration.heroku.http import HerokuAnswer
    from envtree.migration.heroku.login import Login

    Progress = Callable[[str], None]

__all__ = ["Client", "JsonAnswer", "RetryLimits", "connect"]

MAX_CONCURRENT = 4
CONNECT, READ = 10.0, 30.0
"""Seconds for a connection, and between two parts of an answer."""
PAGES = 1000
LESS = 10
"""Where one answer took all the time that it may, the others get so many times less."""
MAX_BODY = 32 << 20
"""Bytes of an answer, and of all pages of a list: thirty times what a thousand apps take."""
MAX_TOGETHER = 256 << 20
"""Bytes of all answers, each part of one counted as `PART` more, which is about what it takes here."""
PART = 200
JSON = frozenset(("application/json", "application/vnd.heroku+json"))
WARNINGS = ("X-Heroku-Warning", "Warning-Message")
MAX_WARNINGS = 20

Data = TypeVar("Data")


class JsonAnswer(NamedTuple, Generic[Data]):
    """What is needed of a whole answer; a 304 has no data."""

    status: int
    data: Data | None
    headers: Mapping[str, str]
    size: int

    def echo(self, name: str) -> str:
        """Return a header that a later request sends back; empty where it has none that may be sent."""
        text = self.headers.get(name, "")
        return text if can_echo(text) else ""


@asynccontextmanager
async def connect(login: Login, limits: RetryLimits, progress: Progress) -> AsyncIterator[Client]:
    """Open a client, and close it at the end."""
    headers = {
        "Accept": "application/vnd.heroku+json; version=3",
        "Accept-Encoding": ENCODING,
        "Authorization": f"Bearer {login.token}",
        "User-Agent": f"envtree/{__version__}",
    }
    timeout = httpx.Timeout(READ, connect=CONNECT, pool=None)
    try:
        http = open_client(login.url, headers, timeout)
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
        self._size = 0

    async def get(
        self,
        path: str,
        read: Callable[[AsyncIterator[bytes]], Awaitable[Data]],
        *,
        accept: Collection[int] = (200,),
        **headers: str,
    ) -> JsonAnswer[Data]:
        """Return what `read` keeps of an answer with a status in `accept`.

        Raises HerokuRefused, or EnvtreeError without an answer.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._slots:
            try:
                request = partial(self._request, path, read, accept, named)
                report = partial(self._report, path)
                answer = await with_retries(request, self._limits, self._is_temporary, report)
            except HerokuUnavailable:
                self._shorten_limits()
                raise
            except Unreachable as refusal:
                raise as_error(self._login, path, refusal) from None
        self._count(answer)
        return answer

    async def get_all(self, path: str, fields: Fields, **headers: str) -> list[Any]:
        """Return some fields of each part of a list, from all its pages.

        One that may lack a part is refused, since it looks like a whole one.
        """
        found: dict[str, Any] = {}
        size, requested = 0, {page_range := "id ..; max=1000"}
        for _ in range(PAGES):
            answer = await self.get(
                path, partial(read_items, fields=fields), accept=(200, 206), Range=page_range, **headers
            )
            _add(found, answer.data or [])
            size += answer.size
            if size > MAX_BODY or len(found) > MAX_PARTS:
                raise HerokuRefused(f"the list is larger than {MAX_BODY >> 20} MiB, or than {MAX_PARTS} parts")
            if answer.status == 200:
                return [*found.values()]
            page_range = _next_range(answer, requested)
            requested.add(page_range)
        raise HerokuRefused("the list has no end")

    async def _request(
        self,
        path: str,
        read: Callable[[AsyncIterator[bytes]], Awaitable[Data]],
        accept: Collection[int],
        headers: Mapping[str, str],
    ) -> JsonAnswer[Data]:
        limit = Limit(MAX_BODY)

        async def whole(answer: HerokuAnswer) -> JsonAnswer[Data]:
            self._was_reached = True
            self._report_warnings(answer.headers)
            if answer.status not in accept:
                raise refusal_for(self._login, answer.status, answer.headers, await error_body(answer.body))
            data = None if answer.status == 304 else await _read_json(answer, read)
            return JsonAnswer(answer.status, data, answer.headers, limit.taken)

        return await exchange(self._http, path, headers, limit, whole)

    def _count(self, answer: JsonAnswer[Any]) -> None:
        """Raise HerokuRefused where what is kept of all answers might take too much memory."""
        parts = len(answer.data) if isinstance(answer.data, list | dict) else 0
        size = self._size + answer.size + PART * parts
        if size > MAX_TOGETHER:
            raise HerokuRefused(f"the answers are larger than {MAX_TOGETHER >> 20} MiB together")
        self._size = size

    def _report(self, path: str, message: str) -> None:
        self.progress(f"`{path}`: {message}")

    def _is_temporary(self, error: BaseException) -> bool:
        """Return whether to try again: a host unreachable at the start stays so, one seen before may return."""
        return isinstance(error, HerokuUnavailable) or (isinstance(error, Unreachable) and self._was_reached)

    def _shorten_limits(self) -> None:
        """Give other answers less time once one took all of its own: a whole fleet would take hours otherwise."""
        self._limits = self._limits._replace(total=min(self._limits.total, self._full_total / LESS))

    def _report_warnings(self, headers: Mapping[str, str]) -> None:
        for text in (without_token(self._login, headers.get(name, "")) for name in WARNINGS):
            if text and text not in self._warned and len(self._warned) < MAX_WARNINGS:
                self._warned.add(text)
                self.progress(f"Heroku warns: {text}")


async def ignored(_: AsyncIterator[bytes]) -> None:
    """Read nothing of an answer whose status says it all."""


async def _read_json(answer: HerokuAnswer, read: Callable[[AsyncIterator[bytes]], Awaitable[Data]]) -> Data:
    if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in JSON:
        raise HerokuRefused("the answer is no JSON", status=answer.status)
    try:
        return await read(answer.body)
    except UnexpectedAnswer as error:
        raise HerokuRefused(str(error), status=answer.status) from None


def _add(found: dict[str, Any], page: list[Any]) -> None:
    for each in page:
        item_id = each.get("id") if each else None
        if not isinstance(item_id, str) or not item_id:
            raise HerokuRefused("the list has a part without an `id`")
        if item_id in found:
            raise HerokuRefused("the list has a part twice")
        found[item_id] = each


def _next_range(answer: JsonAnswer[Any], requested: Collection[str]) -> str:
    """Return what asks for the next page; raises HerokuRefused without one that is new."""
    page_range = answer.echo("Next-Range")
    if page_range and page_range not in requested:
        return page_range
    problem = "a page is repeated" if page_range else "it lacks a next page"
    if not page_range and answer.headers.get("Next-Range", ""):
        problem = "its `Next-Range` can't be sent back"
    raise HerokuRefused(f"the list is cut short: {problem}")


def _unusable(error: Exception) -> EnvtreeError:
    """Return why httpx won't begin; its own words may quote a proxy's password."""
    files = isinstance(error, OSError)
    what = "the certificates that `SSL_CERT_FILE` or `SSL_CERT_DIR` names" if files else "a proxy of the environment"
    return EnvtreeError(Diagnostic("heroku-failed", f"{what} can't be used", help="see `env | grep -iE 'proxy|ssl_'`"))
