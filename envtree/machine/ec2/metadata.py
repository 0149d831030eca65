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

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.machine.ec2.endpoint import VARIABLE, Endpoint, find_endpoint
from envtree.machine.ec2.http import MetadataAnswer, MetadataRefused, MetadataTimeout, MetadataUnavailable, exchange
from envtree.machine.role.tags import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Collection

    Tags = dict[str, str | None]
    Outcomes = SimpleQueue[Tags | MetadataRefused | None]

CONTACT = 5.0
"""Seconds that one try waits for the connection, and for each part of an answer."""
FIRST, LONGEST = 0.1, 2.0
"""Seconds between two tries: the first pause, and the longest."""
SHORTEST = 0.5
"""Seconds that another try must have: with less, its error would be about the time limit, not the service."""
GRACE = 0.5
"""Seconds that the last try may take, after the time is over, to report its result."""
TOKEN = "/latest/api/token"
TAGS = "/latest/meta-data/tags/instance"
LIFETIME = {"X-aws-ec2-metadata-token-ttl-seconds": "300"}
OPTIONS = "aws ec2 modify-instance-metadata-options --instance-id ID"


def read_metadata(keys: Collection[str], timeout: float) -> Tags:
    """Return all tags of the machine by key, with the values of the given keys, and None for other tags.

    Tries again while that may help, for `timeout` seconds; raises EnvtreeError if there is no answer by then.
    """
    endpoint = find_endpoint(os.environ)
    ends = time.monotonic() + timeout
    outcomes: Outcomes = SimpleQueue()
    # Nobody joins the thread: neither a name server without an answer nor a very slow answer can delay the caller.
    Thread(target=_try_until, args=(ends, endpoint, keys, outcomes), daemon=True).start()
    last: MetadataRefused = MetadataUnavailable(f"gives no whole answer within {timeout:g} s")
    while (outcome := _next(outcomes, ends + GRACE)) is not None:
        if not isinstance(outcome, MetadataRefused):
            return outcome
        last = outcome
    notes = (f"waited for up to {timeout:g} s",) if isinstance(last, MetadataUnavailable) else ()
    raise _unreadable(endpoint, last, *notes)


def _next(outcomes: Outcomes, ends: float) -> Tags | MetadataRefused | None:
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
        if not isinstance(outcome, MetadataUnavailable) or left < SHORTEST:
            break
        time.sleep(pause)
        pause = min(2 * pause, LONGEST)
    outcomes.put(None)


def _try(endpoint: Endpoint, keys: Collection[str], timeout: float) -> Tags | MetadataRefused:
    """Send all requests again in each try, so that the tags are those of one moment, as far as the service allows."""
    with closing(HTTPConnection(endpoint.host, endpoint.port, timeout=timeout)) as http:
        try:
            headers = {"X-aws-ec2-metadata-token": _token(http)}
            listed = _text(_ask(http, "GET", TAGS, headers)).replace("\r\n", "\n").split("\n")
            return {key: _value(http, key, headers) if key in keys else None for key in listed if key}
        except MetadataRefused as refusal:
            return refusal


def _token(http: HTTPConnection) -> str:
    try:
        token = _text(_ask(http, "PUT", TOKEN, LIFETIME)).strip()
    except MetadataTimeout as refusal:
        hop = f"in a container, allow one hop more: `{OPTIONS} --http-put-response-hop-limit 2`; or {OTHERWISE}"
        raise MetadataTimeout(f"{refusal.words} when asked for a token", hop) from None
    if not token or not all("!" <= letter <= "~" for letter in token):
        raise MetadataRefused("gives a token that is none")
    return token


def _value(http: HTTPConnection, key: str, headers: dict[str, str]) -> str:
    path = f"{TAGS}/{quote(key, safe='+-=.,_:@')}"
    return _text(_ask(http, "GET", path, headers, gone=MetadataUnavailable("lists a tag that it doesn't have")))


def _ask(
    http: HTTPConnection, method: str, path: str, headers: dict[str, str], gone: MetadataRefused | None = None
) -> MetadataAnswer:
    """Return an answer with status 200; raises MetadataRefused for any other."""
    reply = exchange(http, method, path, headers)
    if reply.status == 200:
        return reply
    if reply.status == 404 and gone:
        raise gone
    raise _refused(path, reply.status)


def _refused(path: str, status: int) -> MetadataRefused:
    """Explain a status that another try can't change."""
    words = f"answers {status} to `{path}`"
    if status == 404 and path == TAGS:
        advice = f"`{OPTIONS} --instance-metadata-tags enabled`, or {OTHERWISE}"
        return MetadataRefused(
            words, advice, "it shows tags only while `InstanceMetadataTags` is enabled, and by default it isn't"
        )
    if status == 403:
        return MetadataRefused(
            words,
            f"`{OPTIONS} --http-endpoint enabled`, or {OTHERWISE}",
            "it is disabled, or this process may not ask it",
        )
    if status == 401:
        return MetadataRefused(words, note="it refuses the token" if path != TOKEN else "it gives no token")
    if status == 404:
        return MetadataRefused(words, note="what is there is no metadata service of version 2")
    if 300 <= status < 400:
        return MetadataRefused(
            words, note="it redirects, which is not followed: another place would give another machine's tags"
        )
    return MetadataRefused(words)


def _text(reply: MetadataAnswer) -> str:
    try:
        return reply.body.decode()
    except UnicodeDecodeError:
        raise MetadataRefused("answers with something else than UTF-8") from None


def _unreadable(endpoint: Endpoint, refusal: MetadataRefused, *notes: str) -> EnvtreeError:
    named = f"`{VARIABLE}` says where it is" if endpoint.named else ""
    notes = tuple(note for note in (refusal.note, *notes, named) if note)
    message = f"the metadata service at {endpoint} {refusal.words}"
    return EnvtreeError(Diagnostic("unreadable-tags", message, notes=notes, help=refusal.advice))
