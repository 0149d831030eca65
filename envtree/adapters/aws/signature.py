"""Signature 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from envtree.adapters.aws.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
UNRESERVED = "-._~"


class AwsRequest(NamedTuple):
    """A request before it is signed: a path that is percent-encoded already, and a query that isn't."""

    method: str
    authority: str
    path: str = "/"
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def target(self) -> str:
        """The path and the query as they are sent."""
        return f"{self.path}?{canonical_query(self.query)}" if self.query else self.path


def canonical_query(query: tuple[tuple[str, str], ...]) -> str:
    """Return a query with its parts encoded and sorted."""
    encoded = sorted((quote(name, safe=UNRESERVED), quote(text, safe=UNRESERVED)) for name, text in query)
    return "&".join(f"{name}={text}" for name, text in encoded)


def sign(request: AwsRequest, credentials: Credentials, service: str, region: str, now: datetime) -> dict[str, str]:
    """Return all headers of the request, the signature among them. `now` is in UTC."""
    time = now.strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(request.body).hexdigest()
    headers = {**request.headers, "Host": request.authority, "X-Amz-Date": time}
    if credentials.token:
        headers["X-Amz-Security-Token"] = credentials.token
    if service == "s3":
        headers["X-Amz-Content-SHA256"] = digest
    lines = {name.lower(): " ".join(text.split()) for name, text in headers.items()}
    names = ";".join(sorted(lines))
    canonical = "\n".join(
        (
            request.method,
            request.path if service == "s3" else _canonical_path(request.path),
            canonical_query(request.query),
            *(f"{name}:{lines[name]}" for name in sorted(lines)),
            "",
            names,
            digest,
        )
    )
    scope = f"{time[:8]}/{region}/{service}/aws4_request"
    text = f"{ALGORITHM}\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_signing_key(credentials.secret_key, scope), text.encode(), "sha256").hex()
    access = f"Credential={credentials.access_key}/{scope}"
    headers["Authorization"] = f"{ALGORITHM} {access}, SignedHeaders={names}, Signature={signature}"
    return headers


def _signing_key(secret_key: str, scope: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _canonical_path(path: str) -> str:
    """Return a path without `.`, `..` and empty parts, and encoded once more; S3 takes it as it is."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    end = "/" if path.endswith("/") and kept else ""
    return quote(f"/{'/'.join(kept)}{end}", safe=f"/{UNRESERVED}")
