"""Why something can't be had from Heroku, in words that may be shown: the token is removed from what Heroku says."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.render.mask import HIDDEN, from_outside
from envtree.migration.apps.answers import UnexpectedAnswer, decode
from envtree.migration.heroku.login import ADVICE, HEROKU

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from envtree.migration.heroku.login import Login

LONGEST_TEXT = 200
MAX_ERROR = 64 << 10
"""Bytes of an error's body; what a larger one says is not read."""
TEMPORARY = frozenset((429, 500, 502, 503, 504))
"""Statuses that may be gone at the next try."""

OFFLINE_ADVICE = (
    "take a snapshot where there is a connection (`envtree heroku snapshot FILE`), and read it here with "
    "`--snapshot FILE`"
)

_TOKEN = re.compile(r"HRKU-[\w-]+")
_ID = re.compile(r"[a-z][a-z0-9_]{0,40}")
_SECONDS = re.compile(r"[0-9]{1,9}")


class HerokuRefused(Exception):
    """One answer can't be had: a message of ours, and notes with what Heroku says itself."""

    def __init__(self, message: str, *notes: str, status: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.notes = notes
        self.status = status


class HerokuUnavailable(HerokuRefused):
    """A refusal that may be gone at the next try; `retry_after`: the seconds that Heroku asks to wait."""

    retry_after: float | None = None


class Unreachable(HerokuRefused):
    """There is no connection at all, so nothing else can be had either."""


def refusal_for(login: Login, status: int, headers: Mapping[str, str], body: bytes) -> HerokuRefused:
    """Return what an answer with an unexpected status means; raises EnvtreeError where the token is to blame."""
    name, heroku_message = _error_fields(headers, body)
    reason = f"Heroku answers {status} {name}".rstrip()
    said = f"Heroku says: {without_token(login, heroku_message)}" if heroku_message else ""
    notes = tuple(note for note in (said, _request(login, headers)) if note)
    if status == 401 or (status == 403 and name == "two_factor"):
        raise _login_refused(login, reason, notes)
    if status not in TEMPORARY:
        return HerokuRefused(reason, *notes, status=status)
    refusal = HerokuUnavailable(reason, *notes, status=status)
    refusal.retry_after = seconds(headers.get("Retry-After", ""))
    return refusal


async def error_body(chunks: AsyncIterator[bytes]) -> bytes:
    """Return the body of an error; empty where it is too large or damaged, since the status says enough."""
    found = b""
    try:
        async for chunk in chunks:
            found += chunk
            if len(found) > MAX_ERROR:
                return b""
    except HerokuRefused:
        return b""
    return found


def without_token(login: Login, text: str) -> str:
    """Return a text from the server without the token, on one line, cut after `LONGEST_TEXT` characters."""
    return from_outside(_TOKEN.sub(HIDDEN, text.replace(login.token, HIDDEN)), LONGEST_TEXT)


def seconds(text: str) -> float | None:
    """Return the seconds of a Retry-After (RFC 9110, 10.2.3), a number or a date; None where it is neither."""
    if _SECONDS.fullmatch(text.strip()):
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def as_error(login: Login, path: str, refusal: HerokuRefused) -> EnvtreeError:
    """Return an error for a refusal of what all else depends on."""
    message = f"`{path}` can't be read from {login.url}: {refusal.message}"
    return EnvtreeError(Diagnostic("heroku-failed", message, notes=refusal.notes, help=_advice(login, refusal)))


def _advice(login: Login, refusal: HerokuRefused) -> str:
    if isinstance(refusal, Unreachable):
        return OFFLINE_ADVICE
    if isinstance(refusal, HerokuUnavailable):
        return "try again later"
    if refusal.status == 403:
        return ADVICE
    if login.url != HEROKU:
        return f"look what answers at {login.url}; without `HEROKU_API_URL` and `HEROKU_HOST` it is Heroku itself"
    return "try again later; if it stays so, a proxy may answer in place of Heroku: `env | grep -i proxy`"


def _error_fields(headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return the `id` and `message` of an error's body, both empty where it is no such body."""
    try:
        found = decode(body) if "json" in headers.get("Content-Type", "") else None
    except UnexpectedAnswer:
        found = None
    name, message = (found.get(key) for key in ("id", "message")) if isinstance(found, dict) else ("", "")
    known = name if isinstance(name, str) and _ID.fullmatch(name) else ""
    return known, message if isinstance(message, str) else ""


def _request(login: Login, headers: Mapping[str, str]) -> str:
    request = headers.get("Request-Id", "")
    return f"Request-Id: {without_token(login, request)}" if request else ""


def _login_refused(login: Login, reason: str, notes: tuple[str, ...]) -> EnvtreeError:
    source = (f"the token is from {login.source}",) if login.source else ()
    message = f"{login.url} refuses the token: {reason}"
    return EnvtreeError(Diagnostic("heroku-login", message, notes=(*notes, *source), help=ADVICE))
