"""Values made fit to be shown: no password in a URL, and every value on one line."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
# Up to the last `@`: a password may hold a `/`, a `#` or a blank, whether or not the URL is valid then.
_PASSWORD = re.compile(r"(://[^\s:@]*:).*(?=@)")
_PARAMETER = re.compile(r"([?&;][\w.-]*(?:password|passwd|pwd|secret|token|key)=)[^&;\s]+", re.IGNORECASE)


def mask_passwords(text: str) -> str:
    """The text with the password of every URL in it hidden."""
    if "://" not in text:
        return text
    return _PARAMETER.sub(rf"\1{HIDDEN}", _PASSWORD.sub(rf"\1{HIDDEN}", text))


def has_password(text: str) -> bool:
    """Whether a part of the text must be hidden."""
    return mask_passwords(text) != text


def one_line(text: str) -> str:
    """The text with line ends, tabs and other control characters as escapes."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
