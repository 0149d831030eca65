"""Instance tags from the metadata service (IMDSv2): a token, the keys of the tags, then the wanted values.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html: no IAM and no region is needed.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from http.client import HTTPConnection
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import quote

from envtree.adapters.aws.http import ServiceRefused, ServiceUnavailable, text_of
from envtree.adapters.aws.instance import OPTIONS, VARIABLE, ask_metadata, metadata_headers
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.machine.ec2.endpoint import find_endpoint
from envtree.machine.role.tags import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Collection

    from envtree.adapters.aws.endpoint import Endpoint

    Tags = dict[str, str | None]
    Outcomes = SimpleQueue[Tags | ServiceRefused | None]

CONTACT = 5.0
"""Seconds that one try waits for the connection, and for each part of an answer."""
FIRST, LONGEST = 0.1, 2.0
"""Seconds between two tries: the first pause, and the longest."""
SHORTEST = 0.5
"""Seconds that another try must have: with less, its error would be about the time limit, not the service."""
GRACE = 0.5
"""Seconds that the last try may take, after the time is over, to report its result."""
TAGS = "/latest/meta-data/tags/instance"


def read_metadata(keys: Collection[str], timeout: float) -> Tags:
    """Return all tags of the machine by key, with the values of the given keys, and None for other tags.

    Tries again while that may help, for `timeout` seconds; raises EnvtreeError if there is no answer by then.
    """
    endpoint = find_endpoint(os.environ)
    ends = time.monotonic() + timeout
    outcomes: Outcomes = SimpleQueue()
    # Nobody joins the thread: neither a name server without an answer nor a very slow answer can delay the caller.
    Thread(target=_try_until, args=(ends, endpoint, keys, outcomes), daemon=True).start()
    last: ServiceRefused = ServiceUnavailable(f"gives no whole answer within {timeout:g} s")
    while (outcome := _next(outcomes, ends + GRACE)) is not None:
        if not isinstance(outcome, ServiceRefused):
            return outcome
        last = outcome
    notes = (f"waited for up to {timeout:g} s",) if isinstance(last, ServiceUnavailable) else ()
    raise _unreadable(endpoint, last, *notes)


def _next(outcomes: Outcomes, ends: float) -> Tags | ServiceRefused | None:
    """Return the result of the next try; None if there is no other, or it takes too long."""
    try:
        return outcomes.get(timeout=max(ends - time.monotonic(), 0))
    except Empty:
        return None


def _try_until(ends: float, endpoint: Endpoint, keys: Collection[str], outcomes: Outcomes) -> None:
    """Put the result of each try into the queue, until another try can't help; then None."""
    pause, left = FIRST, max(ends - time.monotonic(), 0.001)
    while True:
        outcome = _try(endpoint, keys, min(CONTACT, left))
        outcomes.put(outcome)
        left = ends - time.monotonic() - pause
        if not isinstance(outcome, ServiceUnavailable) or left < SHORTEST:
            break
        time.sleep(pause)
        pause = min(2 * pause, LONGEST)
    outcomes.put(None)


def _try(endpoint: Endpoint, keys: Collection[str], timeout: float) -> Tags | ServiceRefused:
    """Send all requests again in each try, so that the tags are those of one moment, as far as the service allows."""
    with closing(HTTPConnection(endpoint.host, endpoint.port, timeout=timeout)) as http:
        try:
            headers = metadata_headers(http)
            listed = (
                text_of(ask_metadata(http, "GET", TAGS, headers, gone=_not_shown())).replace("\r\n", "\n").split("\n")
            )
            return {key: _value(http, key, headers) if key in keys else None for key in listed if key}
        except ServiceRefused as refusal:
            return refusal


def _value(http: HTTPConnection, key: str, headers: dict[str, str]) -> str:
    path = f"{TAGS}/{quote(key, safe='+-=.,_:@')}"
    return text_of(
        ask_metadata(http, "GET", path, headers, gone=ServiceUnavailable("lists a tag that it doesn't have"))
    )


def _not_shown() -> ServiceRefused:
    """Explain why the service has no tags."""
    note = "it shows tags only while `InstanceMetadataTags` is enabled, and by default it isn't"
    return ServiceRefused(f"answers 404 to `{TAGS}`", f"`{OPTIONS} --instance-metadata-tags enabled`", note)


def _unreadable(endpoint: Endpoint, refusal: ServiceRefused, *notes: str) -> EnvtreeError:
    named = f"`{VARIABLE}` says where it is" if endpoint.named else ""
    notes = tuple(note for note in (refusal.note, *notes, named) if note)
    advice = f"{refusal.advice}, or {OTHERWISE}" if refusal.advice else OTHERWISE
    message = f"the metadata service at {endpoint} {refusal.words}"
    return EnvtreeError(Diagnostic("unreadable-tags", message, notes=notes, help=advice))
