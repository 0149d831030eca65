"""One request and its answer: redirects within the origin are followed, and httpx's errors become refusals."""

from __future__ import annotations

import ssl
from contextlib import aclosing, asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import httpx

from envtree.migration.heroku.body import Limit, read_body
from envtree.migration.heroku.refusal import HerokuRefused, HerokuUnavailable, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

MAX_REDIRECTS = 5
LONGEST_ECHO = 1000
"""Characters of a header that a later request sends back, such as an ETag."""
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_LOCATION = "envtree.location"

Result = TypeVar("Result")


class HerokuAnswer(NamedTuple):
    """An answer whose body is still to be read."""

    status: int
    headers: Mapping[str, str]
    body: AsyncIterator[bytes]


def open_client(url: str, headers: Mapping[str, str], timeout: httpx.Timeout) -> httpx.AsyncClient:
    """Return a client for an origin; it keeps no cookie, and leaves it to `exchange` to follow redirects."""
    secure = url.startswith("https:")
    # Requests to this machine use no proxy, which would see the token.
    return httpx.AsyncClient(
        base_url=url,
        headers=headers,
        timeout=timeout,
        verify=True if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        trust_env=secure,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        event_hooks={"response": [_hide_location]},
    )


async def exchange(
    http: httpx.AsyncClient,
    path: str,
    headers: Mapping[str, str],
    limit: Limit,
    read: Callable[[HerokuAnswer], Awaitable[Result]],
) -> Result:
    """Send a request, and return what is read of its answer; raises HerokuRefused."""
    url = http.base_url.join(path)
    for _ in range(MAX_REDIRECTS + 1):
        async with _sent(http, url, headers) as response:
            if response.status_code not in _REDIRECTS:
                async with aclosing(read_body(response, limit)) as body:
                    return await read(HerokuAnswer(response.status_code, response.headers, body))
            url = _redirected(url, response.extensions.get(_LOCATION, ""))
    raise HerokuRefused(f"it redirects more than {MAX_REDIRECTS} times")


def can_echo(text: str) -> bool:
    """Return whether a header of an answer can be sent back: not all that may be received may be sent."""
    return bool(text) and len(text) <= LONGEST_ECHO and text.isascii() and text.isprintable()


@asynccontextmanager
async def _sent(http: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
    """Yield an answer whose body is still to be read; what goes wrong until its end is refused, too."""
    try:
        async with http.stream("GET", url, headers=headers, auth=_without_auth) as response:
            yield response
    except httpx.TimeoutException:
        raise HerokuUnavailable("there was no answer in time") from None
    except httpx.ProxyError:
        raise Unreachable("the proxy refuses the connection") from None
    except (httpx.ConnectError, UnicodeError) as error:  # UnicodeError: a host that is too long
        raise Unreachable(_unreachable(error)) from None
    except httpx.RemoteProtocolError:
        raise HerokuUnavailable("the connection broke in the answer, or the answer is no HTTP") from None
    except (httpx.TransportError, OSError):
        raise HerokuUnavailable("the connection broke") from None


async def _hide_location(response: httpx.Response) -> None:
    """Keep the address of a redirect from httpx, which reads it even where it doesn't follow, and may fail in it."""
    if "Location" in response.headers:
        response.extensions[_LOCATION] = response.headers.pop("Location")


def _without_auth(request: httpx.Request) -> httpx.Request:
    """Return the request as it is, which keeps httpx from looking for other credentials."""
    return request


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Return the address of a redirect: the token goes to no other origin than the one it is meant for."""
    if not location:
        raise HerokuRefused("it redirects without an address in `Location`")
    try:
        target = url.join(location)
        is_same = (target.scheme, target.host, target.port) == (url.scheme, url.host, url.port) and not target.userinfo
    except (httpx.InvalidURL, ValueError):  # the text of the error may quote the address
        raise HerokuRefused("it redirects to a `Location` that is no address") from None
    if not is_same:
        raise HerokuRefused("it redirects to another place, where the token was not sent")
    return target


def _unreachable(error: BaseException) -> str:
    """Return the reason in words of our own: the errors of libraries may quote an address with a password."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not trusted"
        if isinstance(cause, ssl.SSLError):
            return "it doesn't speak TLS"
        cause = cause.__cause__ or cause.__context__
    return "there is no connection"
