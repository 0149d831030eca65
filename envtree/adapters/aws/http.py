"""One request to a service of AWS, and its whole answer; every failure becomes `ServiceRefused`."""

from __future__ import annotations

import os
from http.client import HTTPException, IncompleteRead
from ssl import SSLCertVerificationError, SSLError
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection

LARGEST = 64 << 10
"""Bytes that an answer may have: 50 tags with the longest keys take a tenth of that, and so does what KMS encrypts."""
_BUSY = 429


class ServiceRefused(Exception):
    """A reason: words that follow the name of the service in a message, and what may help."""

    def __init__(self, words: str, advice: str = "", note: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.advice = advice
        self.note = note


class ServiceUnavailable(ServiceRefused):
    """A failure that the next try may not meet: when a machine has just started, its network may not be up."""


class ServiceTimeout(ServiceUnavailable):
    """The service accepts the connection, and doesn't answer."""


class ServiceAnswer(NamedTuple):
    """An answer of the service, unchecked."""

    status: int
    body: bytes


def exchange(
    http: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
) -> ServiceAnswer:
    """Send a request and read the whole answer; no redirect is followed. Raises ServiceRefused."""
    if http.sock is None:
        _connect(http)
    try:
        http.request(method, path, body, dict(headers))
        with http.getresponse() as response:
            reply = ServiceAnswer(response.status, response.read(LARGEST + 1))
            short = bool(response.length) and len(reply.body) <= LARGEST
    except TimeoutError:
        raise ServiceTimeout("doesn't answer") from None
    except (OSError, IncompleteRead):
        raise ServiceUnavailable("breaks the connection") from None
    except HTTPException:
        raise ServiceRefused("answers with something else than HTTP") from None
    if short:
        raise ServiceUnavailable("breaks the connection")
    if len(reply.body) > LARGEST:
        raise ServiceRefused(f"answers with more than {LARGEST >> 10} KiB")
    if reply.status == _BUSY or reply.status >= 500:
        raise ServiceUnavailable(f"answers {reply.status}")
    return reply


def text_of(reply: ServiceAnswer) -> str:
    """Return the body of an answer as text; raises ServiceRefused if it is none."""
    try:
        return reply.body.decode()
    except UnicodeDecodeError:
        raise ServiceRefused("answers with something else than UTF-8") from None


def _connect(http: HTTPConnection) -> None:
    """Connect, and describe a failure in envtree's own words: those of a resolver or the kernel are no sentence."""
    try:
        http.connect()
    except TimeoutError:
        raise ServiceUnavailable("can't be reached: there is no answer") from None
    except UnicodeError:
        raise ServiceRefused("can't be reached: its name is none") from None
    except SSLCertVerificationError:
        raise ServiceRefused("shows a certificate that this machine doesn't trust", "see `AWS_CA_BUNDLE`") from None
    except SSLError:
        raise ServiceUnavailable("can't be reached: there is no TLS") from None
    except OSError as error:
        number = error.errno or 0  # the error numbers of the resolver are negative
        reason = os.strerror(number).lower() if number > 0 else "its name can't be looked up"
        raise ServiceUnavailable(f"can't be reached: {reason}") from None
