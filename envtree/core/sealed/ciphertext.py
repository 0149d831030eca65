"""One encrypted text as SOPS writes it: `ENC[AES256_GCM,data:...,iv:...,tag:...,type:str]`, and nothing around it."""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64
from typing import NamedTuple

IV_SIZE = 32
TAG_SIZE = 16
TEXT = "str"
"""The type of a text. SOPS also writes `int`, `float`, `bool`, `bytes`, `time` and `comment`."""

_FORM = re.compile(
    r"ENC\[AES256_GCM,data:([A-Za-z0-9+/]+={0,2}),iv:([A-Za-z0-9+/]{43}=),tag:([A-Za-z0-9+/]{22}==),type:([a-z]+)\]"
)


class Ciphertext(NamedTuple):
    """The parts of an encrypted text, and the type that the text had."""

    data: bytes
    iv: bytes
    tag: bytes
    kind: str = TEXT

    def __str__(self) -> str:
        data, iv, tag = (_base64(part) for part in self[:3])
        return f"ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:{self.kind}]"


def read_ciphertext(text: str) -> Ciphertext | None:
    """Return the parts of an encrypted text; None for all that is not exactly as SOPS writes it.

    The pattern of SOPS has no end, so SOPS drops what follows the bracket; and base64 has several forms of some bytes.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    data, iv, tag, kind = found.groups()
    try:
        read = Ciphertext(a2b_base64(data, strict_mode=True), a2b_base64(iv), a2b_base64(tag), kind)
    except Error:
        return None
    return read if str(read) == text else None


def is_like_ciphertext(text: str) -> bool:
    """Return whether a text starts as an encrypted one does."""
    return text.lstrip().startswith("ENC[")


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")
