"""The instance metadata service (IMDSv2): where it is, a token for it, and questions to it.

The address is AWS's own, or what the environment says, as for AWS's SDKs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.aws.endpoint import Endpoint, parse_endpoint
from envtree.adapters.aws.http import ServiceAnswer, ServiceRefused, ServiceTimeout, exchange, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection

ADDRESS = "http://169.254.169.254"
VARIABLE = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
DISABLED = "AWS_EC2_METADATA_DISABLED"
TOKEN = "/latest/api/token"
OPTIONS = "aws ec2 modify-instance-metadata-options --instance-id ID"
_LIFETIME = {"X-aws-ec2-metadata-token-ttl-seconds": "300"}


def is_disabled(environ: Mapping[str, str]) -> bool:
    """Return whether the environment says that the service is not asked."""
    return environ.get(DISABLED, "").lower() == "true"


def metadata_endpoint(environ: Mapping[str, str]) -> Endpoint | None:
    """Return AWS's address, or the variable's; None if that is malformed."""
    url = environ.get(VARIABLE, "")
    endpoint = parse_endpoint(url or ADDRESS)
    return endpoint._replace(named=bool(url)) if endpoint and endpoint.scheme == "http" else None


def metadata_headers(http: HTTPConnection) -> dict[str, str]:
    """Return the headers of all further questions: a token. Raises ServiceRefused."""
    try:
        token = text_of(ask_metadata(http, "PUT", TOKEN, _LIFETIME)).strip()
    except ServiceTimeout as refusal:
        hop = f"in a container, allow one hop more: `{OPTIONS} --http-put-response-hop-limit 2`"
        raise ServiceTimeout(f"{refusal.words} when asked for a token", hop) from None
    if not token or not all("!" <= letter <= "~" for letter in token):
        raise ServiceRefused("gives a token that is none")
    return {"X-aws-ec2-metadata-token": token}


def ask_metadata(
    http: HTTPConnection, method: str, path: str, headers: Mapping[str, str], gone: ServiceRefused | None = None
) -> ServiceAnswer:
    """Return an answer with status 200; raises ServiceRefused for any other, `gone` for 404."""
    reply = exchange(http, method, path, headers)
    if reply.status == 200:
        return reply
    if reply.status == 404 and gone:
        raise gone
    raise _refused(path, reply.status)


def _refused(path: str, status: int) -> ServiceRefused:
    """Explain a status that another try can't change."""
    words = f"answers {status} to `{path}`"
    if status == 403:
        return ServiceRefused(
            words, f"`{OPTIONS} --http-endpoint enabled`", "it is disabled, or this process may not ask it"
        )
    if status == 401:
        return ServiceRefused(words, note="it refuses the token" if path != TOKEN else "it gives no token")
    if status == 404:
        return ServiceRefused(words, note="what is there is no metadata service of version 2")
    if 300 <= status < 400:
        return ServiceRefused(words, note="it redirects, which is not followed: another place is another machine's")
    return ServiceRefused(words)
