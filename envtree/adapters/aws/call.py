"""A signed call: sent again while that may help, and with new credentials where the old ones have ended."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.aws.connection import answer_to
from envtree.adapters.aws.endpoint import service_endpoint
from envtree.adapters.aws.errors import CredentialsExpired
from envtree.adapters.aws.http import ServiceAnswer, ServiceUnavailable
from envtree.adapters.aws.session import Caller
from envtree.adapters.aws.signature import AwsRequest, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.aws.credentials import Credentials
    from envtree.adapters.aws.session import AwsSession

TRIES = 5
FIRST = 0.2
"""Seconds before the second try, half of them by chance; each further pause is twice as long."""


class ServiceCall(NamedTuple):
    """What is asked of a service in a region, and by whom."""

    service: str
    region: str
    headers: Mapping[str, str]
    body: bytes
    caller: Caller = Caller()


def send(call: ServiceCall, session: AwsSession) -> ServiceAnswer:
    """Return the answer to a call, with status 200. Raises ServiceRefused."""
    renewed = False
    session.check((call.service, call.region))
    for attempt in range(1, TRIES + 1):
        asked: object = (call.caller, call.region)
        try:
            credentials = session.credentials(call.caller, call.region)
            asked = (call.service, call.region)
            try:
                return _send_once(call, credentials, session.environ)
            except CredentialsExpired:
                if renewed or not session.forget(credentials):
                    raise
                renewed = True
        except ServiceUnavailable as refusal:
            if attempt == TRIES:
                session.give_up(asked, refusal)
                raise
            time.sleep(FIRST * 2 ** (attempt - 1) * random.uniform(0.5, 1))
    raise ServiceUnavailable("refuses: the credentials have expired")


def _send_once(call: ServiceCall, credentials: Credentials, environ: Mapping[str, str]) -> ServiceAnswer:
    endpoint = service_endpoint(call.service, call.region, environ)
    request = AwsRequest("POST", endpoint.authority, headers=call.headers, body=call.body)
    signed = sign(request, credentials, call.service, call.region, datetime.now(UTC))
    return answer_to(request, signed, endpoint, environ)
