"""One request and all of its answer: redirects within the origin are followed, and httpx's errors become refusals."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple

import httpx

from envtree.migration.heroku.refusal import HerokuRefused, HerokuUnavailable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BODY = 32 << 20
"""Bytes of a body: about a hundred times what a thousand apps take."""
MAX_REDIRECTS = 5
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class HerokuAnswer(NamedTuple):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def exchange(http: httpx.AsyncClient, path: str, headers: Mapping[str, str]) -> HerokuAnswer:
    """Send a request and read the answer to its end; raises HerokuRefused."""
    url = http.base_url.join(path)
    for _ in range(MAX_REDIRECTS + 1):
        reply = await _send(http, url, headers)
        if reply.status not in _REDIRECTS:
            return reply
        url = _redirected(url, reply.headers.get("Location", ""))
    raise HerokuRefused(f"it redirects more than {MAX_REDIRECTS} times")


async def _send(http: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str]) -> HerokuAnswer:
    try:
        async with http.stream("GET", url, headers=headers, auth=_without_auth) as response:
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
        if size > MAX_BODY:
            raise HerokuRefused(f"the answer is larger than {MAX_BODY >> 20} MiB")
        parts.append(part)
    return b"".join(parts)


def _without_auth(request: httpx.Request) -> httpx.Request:
    """Return the request as it is, which keeps httpx from looking for other credentials."""
    return request


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Return the address of a redirect: the token goes to no other origin than the one it is meant for."""
    try:
        target = url.join(location)
    except (httpx.InvalidURL, ValueError):
        target = httpx.URL()
    is_same = (target.scheme, target.host, target.port) == (url.scheme, url.host, url.port) and not target.userinfo
    if not location or not is_same:
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
