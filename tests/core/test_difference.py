"""How a difference is said without showing the values, and fingerprints that can't be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.difference import FINGERPRINT, fingerprint, kind

KINDS = [
    ("a", "a\n", "a final newline"),
    ("", "\n", "a final newline"),
    ("a\n\n", "a\n", "whitespace at the end"),
    ("a\nb", "a\r\nb", "line ends"),
    ("a\n", "a\r\n", "line ends"),
    ("a", "a ", "whitespace at the end"),
    ("a", "a\n\n", "whitespace at the end"),
    ("a", "a\t\r\n", "whitespace at the end"),
    ("", "  ", "whitespace at the end"),
    ("a", "a\u00a0", "whitespace at the end"),
    (" a", "a", "whitespace at the start"),
    ("\ufeffa", "a", "other"),
    (" a ", "a", "whitespace at the ends"),
    ("Password", "password", "letter case"),
    ("STRASSE", "straße", "letter case"),
    ("'a'", "a", "quotes around it"),
    ('"a"', "'a'", "quotes around it"),
    ("'", "", "one of them is empty"),
    ("", "a", "one of them is empty"),
    ("a", "", "one of them is empty"),
    ("a", "b", "other"),
    ("a", "A\n", "other"),
    ("a b", "a  b", "other"),
    ("'a", "a", "other"),
]


@pytest.mark.parametrize(("before", "after", "expected"), KINDS)
def test_the_slightest_difference_that_explains_all_of_it_is_named(before: str, after: str, expected: str) -> None:
    assert kind(before, after) == kind(after, before) == expected


@given(st.text(), st.text())
def test_the_words_hold_nothing_of_the_values_and_depend_on_no_order(before: str, after: str) -> None:
    words = kind(before, after)
    assert words == kind(after, before)
    assert words in {each for _, _, each in KINDS}


@given(st.text(st.characters(exclude_categories=()), max_size=20), st.binary(min_size=16, max_size=16))
def test_a_fingerprint_is_the_same_for_equal_texts_under_one_key_and_short(text: str, key: bytes) -> None:
    assert fingerprint(key, text) == fingerprint(key, text)
    assert len(fingerprint(key, text)) == 2 * FINGERPRINT


def test_another_key_gives_another_fingerprint() -> None:
    assert len({fingerprint(bytes((number,)) * 16, "hunter2") for number in range(100)}) == 100


def test_bytes_of_a_process_that_are_no_text_have_a_fingerprint() -> None:
    assert fingerprint(b"k", b"\xff".decode(errors="surrogateescape")) != fingerprint(b"k", "\ufffd")
