"""One request and all of its answer, redirects within the origin followed; httpx's errors become refusals."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple

import httpx

from envtree.migration.heroku.refusal import HerokuRefused, HerokuUnavailable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 32 << 20
"""Bytes of a body: some hundred times what a thousand apps take."""
REDIRECTS = 5
_MOVED = frozenset((301, 302, 303, 307, 308))


class HerokuAnswer(NamedTuple):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def exchange(http: httpx.AsyncClient, path: str, headers: Mapping[str, str]) -> HerokuAnswer:
    """Ask and read to the end; raises HerokuRefused."""
    url = http.base_url.join(path)
    for _ in range(REDIRECTS + 1):
        reply = await _ask(http, url, headers)
        if reply.status not in _MOVED:
            return reply
        url = _moved(url, reply.headers.get("Location", ""))
    raise HerokuRefused(f"it redirects more than {REDIRECTS} times")


async def _ask(http: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str]) -> HerokuAnswer:
    try:
        async with http.stream("GET", url, headers=headers, auth=_as_they_are) as response:
            return HerokuAnswer(response.status_code, response.headers, await _body(response))
    except httpx.TimeoutException:
        raise HerokuUnavailable("there was no answer in time") from None
    except httpx.ProxyError:
        raise Unreachable("the proxy refuses the connection") from None
    except (httpx.ConnectError, UnicodeError) as error:  # UnicodeError: a host that is too long
        raise Unreachable(_unreachable(error)) from None
    except httpx.DecodingError:
        raise HerokuRefused("the answer's compression is damaged") from None
    except (httpx.TransportError, OSError):
        raise HerokuUnavailable("the connection broke") from None


async def _body(response: httpx.Response) -> bytes:
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > LARGEST:
            raise HerokuRefused(f"the answer is larger than {LARGEST >> 20} MiB")
        parts.append(part)
    return b"".join(parts)


def _as_they_are(request: httpx.Request) -> httpx.Request:
    """Keeps httpx from looking for other credentials."""
    return request


def _moved(url: httpx.URL, location: str) -> httpx.URL:
    """Where to ask next: the token goes to no other origin than the one it is meant for."""
    try:
        there = url.join(location)
    except (httpx.InvalidURL, ValueError):
        there = httpx.URL()
    same = (there.scheme, there.host, there.port) == (url.scheme, url.host, url.port) and not there.userinfo
    if not location or not same:
        raise HerokuRefused("it redirects to another place, where the token was not sent")
    return there


def _unreachable(error: BaseException) -> str:
    """In words of our own: the errors of libraries may quote an address with a password."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not trusted"
        if isinstance(cause, ssl.SSLError):
            return "it doesn't speak TLS"
        cause = cause.__cause__ or cause.__context__
    return "there is no connection"
