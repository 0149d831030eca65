"""What an envdir can express, and its bytes, as `chpst -e` reads them (chpst(8); measured on runit 2.1.2).

A file is a variable. Its value is the text up to the first newline, where each NUL means a newline; chpst drops blanks
and tabs at the end. An empty file removes the variable.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_NAME = 255
MAX_UTF8 = 4
"""The most bytes that one character takes."""
MAX_STRING = 131_071
"""The most bytes of `NAME=VALUE` that one exec accepts: Linux' MAX_ARG_STRLEN less the final NUL."""
MAX_ENVIRONMENT = 1 << 20
"""The most bytes of a whole environment: half of what Linux accepts with a stack of 8 MiB."""


class EncodingFault(NamedTuple):
    """Why a name or a value can't be written, and what to do about it."""

    message: str
    help: str = ""


HALF_CHARACTER = EncodingFault("holds half a character, which UTF-8 can't write")
TOO_LONG = EncodingFault(
    f"is too long: as `NAME=VALUE`, Linux takes {MAX_STRING:,} bytes",
    "deliver it as a file, and its path as the variable",
)


def is_plain_name(name: str) -> bool:
    """Return whether a name is `[A-Za-z_][A-Za-z0-9_]*` of at most 255 bytes: such a name needs no schema."""
    return name.isascii() and name.isidentifier() and len(name) <= MAX_NAME


def name_fault(name: str) -> EncodingFault | None:
    """Return what keeps an envdir from having this name; None if nothing does."""
    if name == "":
        return EncodingFault("is the empty string, and a variable needs a name")
    if name.startswith("."):
        return EncodingFault("starts with a dot, and chpst skips such files")
    if "/" in name:
        return EncodingFault("holds a `/`, and a variable is a file's name")
    if "=" in name:
        return EncodingFault("holds a `=`, which would end the name", "write `NAME: value`")
    if not name.isprintable():
        return EncodingFault("holds a control character")
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME:
        return EncodingFault(f"is longer than {MAX_NAME} bytes")
    return None


def value_fault(name: str, text: str) -> EncodingFault | None:
    """Return what keeps an envdir from having this value, in words that follow the variable's name; None if nothing."""
    if "\0" in text:
        return EncodingFault("holds a NUL, which no environment can carry", "remove it")
    if not text.isascii() and not _is_encodable(text):
        return HALF_CHARACTER
    if text.endswith((" ", "\t")):
        blank = "tab" if text.endswith("\t") else "blank"
        return EncodingFault(f"ends in a {blank}, which chpst would drop", "remove it, or let the program add it")
    if MAX_UTF8 * (len(name) + len(text)) + 1 > MAX_STRING and string_size(name, text) > MAX_STRING:
        return TOO_LONG
    return None


def _is_encodable(text: str) -> bool:
    """Return whether a text contains no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def string_size(name: str, text: str) -> int:
    """Return the number of bytes of `NAME=VALUE`."""
    return len(name.encode()) + 1 + len(text.encode())


def encode(text: str | None) -> bytes:
    """Return the bytes of a variable's file; None removes the variable."""
    return b"" if text is None else text.encode().replace(b"\n", b"\0") + b"\n"


def decode(data: bytes) -> str | None:
    """Return what chpst reads from a file's bytes: the value, or None where the file removes the variable."""
    if not data:
        return None
    return data.split(b"\n", 1)[0].rstrip(b" \t").replace(b"\0", b"\n").decode()


def digest(files: Mapping[str, bytes], access: str) -> str:
    """Return the SHA-256, in hex, of an envdir's names and bytes and of who may read them."""
    total = sha256(access.encode())
    for name in sorted(files):
        data = files[name]
        total.update(b"\0%s\0%d\0%s" % (name.encode(), len(data), data))
    return total.hexdigest()
