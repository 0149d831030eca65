"""Values made fit to be shown: no password in a URL, and every value on one line."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
_PASSWORD = re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s:@]*:)[^/?#\s]*(?=@)")


def mask_passwords(text: str) -> str:
    """The text with the password of every URL in it hidden."""
    return _PASSWORD.sub(rf"\1{HIDDEN}", text) if "://" in text else text


def one_line(text: str) -> str:
    """The text with line ends, tabs and other control characters as escapes."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
