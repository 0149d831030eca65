"""A client of Heroku's API that only reads: it tries again where that may help, and gives whole answers or none."""

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
from envtree.migration.heroku.refusal import HerokuRefused, HerokuUnavailable, Unreachable, as_error, clip, from_answer
from envtree.migration.heroku.retry import Patience, patiently

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Mapping

    from envtree.migration.heroku.login import Login

    Progress = Callable[[str], None]

__all__ = ["Answer", "Client", "Patience", "connect"]

AT_ONCE = 4
CONNECT, READ = 10.0, 30.0
"""Seconds to a connection, and between two parts of an answer."""
PAGES = 1000
JSON = frozenset(("application/json", "application/vnd.heroku+json"))
WARNINGS = ("X-Heroku-Warning", "Warning-Message")


class Answer(NamedTuple):
    """A whole answer; of a 304 there is no data."""

    status: int
    data: Any
    headers: Mapping[str, str]


@asynccontextmanager
async def connect(login: Login, patience: Patience, progress: Progress) -> AsyncIterator[Client]:
    """A client for a while."""
    headers = {
        "Accept": "application/vnd.heroku+json; version=3",
        "Authorization": f"Bearer {login.token}",
        "User-Agent": f"envtree/{__version__}",
    }
    secure = login.url.startswith("https:")
    timeout = httpx.Timeout(READ, connect=CONNECT, pool=None)
    try:
        # What is on this machine is asked without a proxy, which would see the token.
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
        yield Client(login, http, patience, progress)


class Client:
    """Asks a few things at once, and passes Heroku's own warnings on, each once."""

    def __init__(self, login: Login, http: httpx.AsyncClient, patience: Patience, progress: Progress) -> None:
        self.progress = progress
        self._login = login
        self._http = http
        self._patience = patience
        self._whole = patience.total
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._reached = False
        self._warned: set[str] = set()

    async def get(self, path: str, *, accept: Collection[int] = (200,), **headers: str) -> Answer:
        """The answer, if its status is one of these; raises HerokuRefused, or EnvtreeError where nothing can be had."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._slots:
            try:
                ask = partial(self._ask, path, accept, named)
                tell = partial(self._tell, path)
                return await patiently(ask, self._patience, self._may_pass, tell)
            except HerokuUnavailable:
                self._lose_patience()
                raise
            except Unreachable as refusal:
                raise as_error(self._login, path, refusal) from None

    async def whole(self, path: str, **headers: str) -> list[Any]:
        """All pages of a list; one that may lack a part is refused, since it looks like a whole one."""
        found: dict[str, Any] = {}
        asked = {wanted := "id ..; max=1000"}
        for _ in range(PAGES):
            answer = await self.get(path, accept=(200, 206), Range=wanted, **headers)
            _add(found, answer.data)
            if answer.status == 200:
                return [*found.values()]
            wanted = answer.headers.get("Next-Range", "")
            if not wanted or wanted in asked:
                raise HerokuRefused(
                    "the list is cut short: " + ("a page is repeated" if wanted else "it lacks a next page")
                )
            asked.add(wanted)
        raise HerokuRefused("the list has no end")

    async def _ask(self, path: str, accept: Collection[int], headers: Mapping[str, str]) -> Answer:
        status, answered, body = await exchange(self._http, path, headers)
        self._reached = True
        self._pass_on(answered)
        if status not in accept:
            raise from_answer(self._login, status, answered, body)
        if status == 304:
            return Answer(status, None, answered)
        if answered.get("Content-Type", "").partition(";")[0].strip().lower() not in JSON:
            raise HerokuRefused("the answer is no JSON", status=status)
        try:
            return Answer(status, decode(body), answered)
        except UnexpectedAnswer as error:
            raise HerokuRefused(str(error), status=status) from None

    def _tell(self, path: str, words: str) -> None:
        self.progress(f"`{path}`: {words}")

    def _may_pass(self, error: BaseException) -> bool:
        """A host that can't be reached at the start won't be soon; one that was there may come back."""
        return isinstance(error, HerokuUnavailable) or (isinstance(error, Unreachable) and self._reached)

    def _lose_patience(self) -> None:
        """Where one answer took all the time that it may, the others get less: a whole fleet would take hours."""
        self._patience = self._patience._replace(total=min(self._patience.total, self._whole / 10))

    def _pass_on(self, headers: Mapping[str, str]) -> None:
        for text in (headers.get(name, "") for name in WARNINGS):
            if text and text not in self._warned:
                self._warned.add(text)
                self.progress(f"Heroku warns: {clip(self._login, text)}")


def _add(found: dict[str, Any], page: Any) -> None:
    if not isinstance(page, list):
        raise HerokuRefused("the answer is no list")
    for each in page:
        own = each.get("id") if isinstance(each, dict) else None
        if not isinstance(own, str) or not own:
            raise HerokuRefused("the list has a part without an `id`")
        if own in found:
            raise HerokuRefused("the list has a part twice")
        found[own] = each


def _unusable(error: Exception) -> EnvtreeError:
    """Why httpx won't begin; its own words may quote a proxy's password."""
    files = isinstance(error, OSError)
    what = "the certificates that `SSL_CERT_FILE` or `SSL_CERT_DIR` names" if files else "a proxy of the environment"
    return EnvtreeError(Diagnostic("heroku-failed", f"{what} can't be used", help="see `env | grep -iE 'proxy|ssl_'`"))
