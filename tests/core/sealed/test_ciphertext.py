"""Encrypted texts: one form of each, and nothing around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.sealed.ciphertext import Ciphertext, read_ciphertext

ZEROS = "A" * 43 + "="
TAG = "A" * 22 + "=="


@given(st.binary(min_size=1), st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_what_is_written_is_read(data: bytes, iv: bytes, tag: bytes) -> None:
    assert read_ciphertext(str(Ciphertext(data, iv, tag))) == (data, iv, tag, "str")


def written(data: str = "eA==", iv: str = ZEROS, tag: str = TAG, kind: str = "str") -> str:
    return f"ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:{kind}]"


def test_the_type_is_read() -> None:
    assert read_ciphertext(written(kind="int")) == (b"x", bytes(32), bytes(16), "int")


@pytest.mark.parametrize(
    "text",
    [
        written() + " ",
        written() + "\n",
        written() + "]",
        " " + written(),
        written()[:-1],
        written().replace("AES256_GCM", "AES128_GCM"),
        written().replace("AES256_GCM", "aes256_gcm"),
        written(data=""),
        written(data="eB=="),  # the same byte as `eA==`, to most readers
        written(data="eA="),
        written(data="eA"),
        written(data="eA==eA=="),
        written(data="e A=="),
        written(data="eA==\n"),
        written(data="e-8="),
        written(data="ﬀA=="),
        written(iv="A" * 16),
        written(iv="A" * 42 + "=="),
        written(iv="A" * 42 + "B="),
        written(tag="A" * 24),
        written(tag="A" * 21 + "B=="),
        written(kind=""),
        written(kind="STR"),
        written(kind="str,type:str"),
        written(kind="str").replace(",iv:", ",tag:"),
        "ENC[]",
        "ENC[AES256_GCM,data:,iv:,tag:,type:str]",
        "",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert read_ciphertext(text) is None
