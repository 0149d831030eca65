"""One question to the instance metadata service and all of its answer; what goes wrong becomes a refusal."""

from __future__ import annotations

import os
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING, NamedTuple

from envtree.machine.role.tags import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection

LARGEST = 64 << 10
"""Bytes of an answer: 50 tags of the longest keys take a tenth of it."""
_BUSY = 429


class MetadataRefused(Exception):
    """Why there are no tags: words that go on after the service's name, and what may help."""

    def __init__(self, words: str, advice: str = OTHERWISE, note: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.advice = advice
        self.note = note


class MetadataUnavailable(MetadataRefused):
    """A refusal that the next try may not meet: at an early hour, a machine's network may not be up."""


class Silent(MetadataUnavailable):
    """Something is there, and doesn't answer."""


class MetadataAnswer(NamedTuple):
    """An answer as it came."""

    status: int
    body: bytes


def exchange(http: HTTPConnection, method: str, path: str, headers: Mapping[str, str]) -> MetadataAnswer:
    """Ask and read to the end; raises MetadataRefused. A redirect is not followed, and no proxy is asked."""
    if http.sock is None:
        _connect(http)
    try:
        http.request(method, path, headers=dict(headers))
        with http.getresponse() as response:
            reply = MetadataAnswer(response.status, response.read(LARGEST + 1))
            short = bool(response.length) and len(reply.body) <= LARGEST
    except TimeoutError:
        raise Silent("doesn't answer") from None
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
    """In words of our own: what a name server or the kernel says is no sentence."""
    try:
        http.connect()
    except TimeoutError:
        raise MetadataUnavailable("can't be reached: there is no answer") from None
    except UnicodeError:
        raise MetadataRefused("can't be reached: its name is none") from None
    except OSError as error:
        number = error.errno or 0  # a resolver's own are negative
        reason = os.strerror(number).lower() if number > 0 else "its name can't be looked up"
        raise MetadataUnavailable(f"can't be reached: {reason}") from None
