"""A connection to a service: TLS with this machine's certificates, through a proxy if the environment names one."""

from __future__ import annotations

from base64 import b64encode
from contextlib import closing
from functools import cache
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from envtree.adapters.aws.errors import refusal_of
from envtree.adapters.aws.http import ServiceRefused, exchange
from envtree.core.model.diagnostic import system_reason
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from envtree.adapters.aws.endpoint import Endpoint
    from envtree.adapters.aws.http import ServiceAnswer
    from envtree.adapters.aws.signature import AwsRequest

TIMEOUT = 5.0
"""Seconds that a try waits for the connection, and for each part of an answer."""
BUNDLE = "AWS_CA_BUNDLE"
PROXY = "HTTPS_PROXY"


def connect(endpoint: Endpoint, environ: Mapping[str, str]) -> HTTPConnection:
    """Return a connection that is not open yet; raises ServiceRefused for a malformed proxy or bundle."""
    if endpoint.scheme == "http":
        return HTTPConnection(endpoint.host, endpoint.port, timeout=TIMEOUT)
    context = _context(environ.get(BUNDLE) or None)
    proxy = environ.get(PROXY.lower()) or environ.get(PROXY)
    if not proxy or _is_exempt(endpoint.host, environ):
        return HTTPSConnection(endpoint.host, endpoint.port, timeout=TIMEOUT, context=context)
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port, known = parts.hostname or "", parts.port or 80, parts.scheme == "http"
    except ValueError:
        host, port, known = "", 0, False
    if not host or not known:
        raise ServiceRefused(f"can't be asked: `{PROXY}` is no address such as `http://host:port`", "correct it")
    connection = HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
    connection.set_tunnel(endpoint.host, endpoint.port, _authorization(parts.username, parts.password))
    return connection


def answer_to(
    request: AwsRequest, headers: Mapping[str, str], endpoint: Endpoint, environ: Mapping[str, str]
) -> ServiceAnswer:
    """Return the answer to a request with these headers, with status 200. Raises ServiceRefused."""
    with closing(connect(endpoint, environ)) as http:
        reply = exchange(http, request.method, request.target, headers, request.body)
    if reply.status != 200:
        raise refusal_of(reply)
    return reply


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(pair).decode()}"}


def _is_exempt(host: str, environ: Mapping[str, str]) -> bool:
    """Return whether `NO_PROXY` names a host."""
    from urllib.request import proxy_bypass

    exempt = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return bool(proxy_bypass(host, {"no": exempt}))


@cache
def _context(bundle: str | None) -> ssl.SSLContext:
    import ssl

    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        reason = "no certificates are in it" if isinstance(error, ssl.SSLError) else system_reason(error)
        words = f"can't be asked: `{BUNDLE}` names `{one_line(bundle or '')}`, which can't be read: {reason}"
        raise ServiceRefused(words, "correct it") from None
