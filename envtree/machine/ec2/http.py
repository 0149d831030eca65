"""One request to the instance metadata service, and its whole answer; every failure becomes `MetadataRefused`."""

from __future__ import annotations

import os
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING, NamedTuple

from envtree.machine.role.tags import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection

LARGEST = 64 << 10
"""Bytes that an answer may have: 50 tags with the longest keys take a tenth of that."""
_BUSY = 429


class MetadataRefused(Exception):
    """The reason why there are no tags: words that follow the name of the service in a message, and what may help."""

    def __init__(self, words: str, advice: str = OTHERWISE, note: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.advice = advice
        self.note = note


class MetadataUnavailable(MetadataRefused):
    """A failure that the next try may not meet: when a machine has just started, its network may not be up."""


class MetadataTimeout(MetadataUnavailable):
    """The service accepts the connection, and doesn't answer."""


class MetadataAnswer(NamedTuple):
    """An answer of the service, unchecked."""

    status: int
    body: bytes


def exchange(http: HTTPConnection, method: str, path: str, headers: Mapping[str, str]) -> MetadataAnswer:
    """Send a request and read the whole answer; no redirect is followed, no proxy is used. Raises MetadataRefused."""
    if http.sock is None:
        _connect(http)
    try:
        http.request(method, path, headers=dict(headers))
        with http.getresponse() as response:
            reply = MetadataAnswer(response.status, response.read(LARGEST + 1))
            short = bool(response.length) and len(reply.body) <= LARGEST
    except TimeoutError:
        raise MetadataTimeout("doesn't answer") from None
    except (OSError, IncompleteRead):
        raise MetadataUnavailable("breaks the connection") from None
    except HTTPException:
        raise MetadataRefused("answers with something else than HTTP") from None
    if short:
        raise MetadataUnavailable("breaks the connection")
    if len(reply.body) > LARGEST:
        raise MetadataRefused(f"answers with more than {LARGEST >> 10} KiB")
    if reply.status == _BUSY or reply.status >= 500:
        raise MetadataUnavailable(f"answers {reply.status}")
    return reply


def _connect(http: HTTPConnection) -> None:
    """Connect, and describe a failure in envtree's own words: those of a resolver or the kernel are no sentence."""
    try:
        http.connect()
    except TimeoutError:
        raise MetadataUnavailable("can't be reached: there is no answer") from None
    except UnicodeError:
        raise MetadataRefused("can't be reached: its name is none") from None
    except OSError as error:
        number = error.errno or 0  # the error numbers of the resolver are negative
        reason = os.strerror(number).lower() if number > 0 else "its name can't be looked up"
        raise MetadataUnavailable(f"can't be reached: {reason}") from None
