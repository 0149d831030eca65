"""Passwords in addresses: of URLs, of their parameters, and of connection strings that have no scheme."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.secrets.values import is_empty_or_placeholder, is_standard

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECRET_PARAMETER = (
    r"(?:[\w-]{0,40}[_-])?(?:accountkey|api[_-]?key|auth|passw(?:or)?d|pwd|secret(?:[_-]?key)?|sharedaccesskey|sig"
    r"|signature|token)"
)
_URL = re.compile(r"://(?P<user>[^\s/?#:@'\"]{0,200}):(?P<password>[^\s@'\"]{1,300}?)@(?P<host>[^\s/?#'\"@]{0,300})")
_PARAMETER = re.compile(rf"[?&]{_SECRET_PARAMETER}=(?P<password>[^\s&;#'\"]{{1,400}})", re.IGNORECASE)
_WITHOUT_SCHEME = (
    re.compile(
        r"(?<![\w./-])(?P<user>[\w.+-]{1,100}):(?P<password>[^\s@'\"/]{1,200})@(?P<host>(?:tcp|udp|unix)\([^)]{0,200}\))"
    ),
    re.compile(
        r"(?<![\w./:@-])(?P<user>[\w.+-]{1,100}):(?P<password>[^\s@'\":/]{3,200})@(?P<host>[\w.-]{1,200}):\d{2,5}(?![\w.:-])"
    ),
    re.compile(
        r"(?<![\w./:@-])(?P<user>[A-Za-z][\w$#]{0,100})/(?P<password>[^\s@'\":/]{3,200})@(?://)?(?P<host>[\w.-]{1,200}):\d{2,5}/\w"
    ),
)
_KEYWORD = re.compile(
    r"(?:^|[;\s,'\"])(?:password|passwd|pwd|account ?key|shared ?access ?key|client ?secret|proxy_?password)"
    r"\s{0,3}=\s{0,3}(?P<password>'[^']{1,200}'|\"[^\"]{1,200}\"|[^\s;,&'\"]{1,400})",
    re.IGNORECASE,
)
_CONNECTION = re.compile(
    r"(?:^|[;\s,'\"])(?:data source|database|dbname|endpoint|host|initial catalog|server|uid|user(?: ?id|name)?)"
    r"\s{0,3}=",
    re.IGNORECASE,
)
"""What stands beside the password in a connection string of keywords."""
_LOCAL = re.compile(
    r"(?:(?:tcp|udp)\()?(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|\[::1\]|host\.docker\.internal|[a-z_-]{1,30})"
    r"(?::\w{0,8})?\)?",
    re.IGNORECASE,
)
"""The machine itself, or a name without a point, as containers of one machine call each other."""


class PasswordSpan(NamedTuple):
    """Where a password in a text begins and ends, and whether it is one that programs come with, for this machine."""

    start: int
    end: int
    is_standard: bool


def find_passwords(text: str) -> Iterator[PasswordSpan]:
    """Yield the real passwords of all addresses in a text, and neither empty ones nor placeholders."""
    if "=" in text:
        yield from _parameters(text)
    if "@" not in text:
        return
    for pattern in (_URL, *_WITHOUT_SCHEME):
        for found in pattern.finditer(text):
            user, password, host = found["user"], found["password"], found["host"]
            if is_empty_or_placeholder(password) or _is_port(user, password):
                continue
            is_default = (password == user or is_standard(password)) and _LOCAL.fullmatch(host) is not None
            yield PasswordSpan(*found.span("password"), is_default)


def _is_port(user: str, password: str) -> bool:
    """Return whether what has the place of user and password is a host and its port, or two numbers."""
    return (password.partition("/")[0].isdigit() and ("/" in password or user.isdigit())) or user.startswith("[")


def _parameters(text: str) -> Iterator[PasswordSpan]:
    patterns = [_PARAMETER] if "://" in text or text.startswith("/") else []
    if _CONNECTION.search(text):
        patterns.append(_KEYWORD)
    for pattern in patterns:
        for found in pattern.finditer(text):
            password = found["password"].strip("'\"")
            if not is_empty_or_placeholder(password):
                is_default = pattern is _KEYWORD and is_standard(password)
                yield PasswordSpan(*found.span("password"), is_default)
