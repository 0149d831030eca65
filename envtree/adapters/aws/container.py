"""The credentials of a container (ECS, EKS Pod Identity): from an address that the environment names."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from envtree.adapters.aws.connection import connect
from envtree.adapters.aws.credentials import Credentials, credentials_from_json, token_in
from envtree.adapters.aws.endpoint import parse_endpoint
from envtree.adapters.aws.http import ServiceRefused, exchange, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
ORIGIN = "http://169.254.170.2"
NEAR = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "127.0.0.1", "::1")
"""The hosts that are asked without TLS: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html."""


def container_credentials(environ: Mapping[str, str]) -> Credentials | None:
    """Return the credentials of this container; None where there is none. Raises ServiceRefused."""
    relative, full = environ.get(RELATIVE), environ.get(FULL)
    if not relative and not full:
        return None
    url = f"{ORIGIN}{relative}" if relative else full or ""
    name = RELATIVE if relative else FULL
    try:
        parts = urlsplit(url)
        endpoint = parse_endpoint(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        endpoint = None
    if endpoint is None or (endpoint.scheme == "http" and endpoint.host not in NEAR):
        raise ServiceRefused(f"can't be asked: `{name}` is no address of this container's credentials", "correct it")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    with closing(connect(endpoint, environ)) as http:
        reply = exchange(http, "GET", path, {"Accept": "application/json", **_authorization(environ)})
    found = credentials_from_json(text_of(reply)) if reply.status == 200 else None
    if found is None:
        raise ServiceRefused(f"can't be asked: `{name}` gives no credentials (status {reply.status})")
    return found


def _authorization(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the header that the environment, or a file that it names, has."""
    token = environ.get(TOKEN, "")
    if path := environ.get(TOKEN_FILE):
        token = token_in(path, TOKEN_FILE)
    if token and not token.isprintable():
        raise ServiceRefused(f"can't be asked: `{TOKEN}` is no text of one line", "correct it")
    return {"Authorization": token} if token else {}
