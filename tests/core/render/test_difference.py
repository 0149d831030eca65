"""How a difference is said without showing the values, and fingerprints that can't be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.render.difference import FINGERPRINT, fingerprint, first_difference, kind, phrase

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
    ("\ufeffa", "a", "a byte order mark"),
    ("pass\u200bword", "password", "characters without width"),
    ("\u200epassword", "password\u00ad", "characters without width"),
    ("a\n\nb\n\nc", "a\nb\nc", "doubled newlines"),
    ("a\r\n\r\nb", "a\nb", "doubled newlines"),
    ("a\n\n\nb", "a\nb", "other"),
    ("caf\u00c3\u00a9", "caf\u00e9", "mojibake"),
    ("\u00e2\u201a\u00ac 5", "\u20ac 5", "mojibake"),
    ("p$w0rd!", "p!", "a reference expanded"),
    ("$HOME/bin", "/opt/bin", "a reference expanded"),
    ("a${B:-x}c", "a-c", "a reference expanded"),
    ("a`date`", "a2026", "a reference expanded"),
    ("pa$$word", "pa4711word", "a reference expanded"),
    ("a$b", "a$c", "other"),
    ("a$b-c", "ac", "other"),
    ("hunter2", "hunter3", "one character"),
    ("hunter2", "huntr2", "one character"),
    ("hunter2", "hhunter2", "one character"),
    ("hunter2", "hutner2", "other"),
    ("abc", "abd", "other"),
    ("a\rb", "a\nb", "line ends"),
    ("a\rb", "a\r\nb", "line ends"),
    ("1", "1.0", "a number written otherwise"),
    ("1", "01", "a number written otherwise"),
    ("+1", "1", "a number written otherwise"),
    ("1_000", "1000", "a number written otherwise"),
    ("1.10", "1.1", "a number written otherwise"),
    ("1e3", "1000", "a number written otherwise"),
    ("1E3", "1e3", "a number written otherwise"),
    (".5", "0.50", "a number written otherwise"),
    ("-0", "0", "a number written otherwise"),
    ("0755", "493", "a number written otherwise"),
    ("0755", "755", "a number written otherwise"),
    ("0o755", "493", "a number written otherwise"),
    ("0xb1", "177", "a number written otherwise"),
    ("-0xB1", "-177", "a number written otherwise"),
    ("0b11", "3", "a number written otherwise"),
    ("12:30:45", "45045", "a number written otherwise"),
    ("12:30", "750", "a number written otherwise"),
    ("12:99", "819", "other"),
    ("1", "2", "other"),
    ("12345678901234567890123456789012", "12345678901234567890123456789013", "one character"),
    ("0x12345678901234567890123456789012", "0x12345678901234567890123456789013", "one character"),
    ("1" * 500, "0" + "1" * 500, "one character"),
    ("\u0661", "1", "other"),
    ("0x", "0", "cut short"),
    ("true", "True", "a boolean written otherwise"),
    ("true", "1", "a boolean written otherwise"),
    ("yes", "on", "a boolean written otherwise"),
    ("NO", "false", "a boolean written otherwise"),
    ("true", "false", "other"),
    ("null", "~", "a null written otherwise"),
    ("", "null", "a null written otherwise"),
    ("None", "nil", "a null written otherwise"),
    ("2024-01-01", "2024-01-01T00:00:00.000Z", "a date written otherwise"),
    ("2024-01-01", "2024-01-01 00:00:00 UTC", "a date written otherwise"),
    ("2024-01-01T01:00:00+01:00", "2024-01-01 00:00:00", "a date written otherwise"),
    ("0001-01-01", "9999-12-31T23:59:59-23:59", "other"),
    ("2024-01-01", "2024-01-02", "one character"),
    ("2024-13-01", "2024-13-01T00:00:00", "cut short"),
    (" a ", "a", "whitespace at the ends"),
    ("Password", "password", "letter case"),
    ("STRASSE", "straße", "letter case"),
    ("'a'", "a", "quotes around it"),
    ('"a"', "'a'", "quotes around it"),
    ("\"'a'\"", "a", "quotes around it"),
    ("''", "", "quotes around it"),
    ("caf\u00e9", "cafe\u0301", "Unicode form"),
    ("a\nb\n", "a\\nb\\n", "newlines written as `\\n`"),
    ("a\r\nb", "a\\r\\nb", "newlines written as `\\n`"),
    ("a\nb\tc", "a\\nb\\tc", "characters written as escapes"),
    ("C:\\new", "C:\\\\new", "characters written as escapes"),
    ("p$w!", "p\\$w\\!", "characters written as escapes"),
    ("a/b c", "a%2Fb%20c", "percent-encoding"),
    ("caf\u00e9", "caf%C3%A9", "percent-encoding"),
    ("%2F", "%252F", "percent-encoding"),
    ("%2f", "%2F", "letter case"),
    ("a%ff", "a%fe", "one character"),
    ('{"a": 1, "b": [true]}', '{"b":[true],"a":1}', "JSON written otherwise"),
    ('{"a": "\u00e9"}', '{"a":"\\u00e9"}', "JSON written otherwise"),
    ("[1.0]", "[1]", "JSON written otherwise"),
    ("[1]", "[true]", "other"),
    ("[12345678901234567890]", "[12345678901234567891]", "one character"),
    ("[NaN]", "[NaN ]", "one character"),
    ('{"a":1,"a":2}', '{"a":2}', "other"),
    ("[" * 100_000, "[" * 99_999 + " ", "one character"),
    ("[1e99999999999999999999]", "[ 1e99999999999999999999]", "one character"),
    ("-----BEGIN KEY-----\nabc", "-----BEGIN KEY-----", "cut short"),
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


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_the_words_hold_nothing_of_the_values_and_depend_on_no_order(before: str, after: str) -> None:
    words = kind(before, after)
    assert words == kind(after, before)
    assert words in {each for _, _, each in KINDS}


@given(st.text("0123456789.:_-+exob/%\\nTZ[]{}\"' ", max_size=12), st.text("0123456789.:_-+exob/%[]\"' ", max_size=12))
def test_what_looks_like_a_number_or_an_escape_and_is_none_is_no_trouble(before: str, after: str) -> None:
    assert kind(before, after) == kind(after, before)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("letter case", "differs in letter case"),
        ("other", "differs in its content"),
        ("one of them is empty", "one of them is empty"),
        ("cut short", "one of them is cut short"),
        ("one character", "differs in one character"),
        ("mojibake", "one of them is UTF-8 read as another encoding"),
    ],
)
def test_each_kind_can_be_said_beside_two_values(words: str, expected: str) -> None:
    assert phrase(words) == expected


@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_texts_are_alike_up_to_the_first_difference_and_no_further(before: str, after: str) -> None:
    parted = first_difference(before, after)
    assert before[:parted] == after[:parted]
    assert before == after or before[: parted + 1] != after[: parted + 1]


@given(st.text(st.characters(exclude_categories=()), max_size=20), st.binary(min_size=16, max_size=16))
def test_a_fingerprint_is_the_same_for_equal_texts_under_one_key_and_short(text: str, key: bytes) -> None:
    assert fingerprint(key, text) == fingerprint(key, text)
    assert len(fingerprint(key, text)) == 2 * FINGERPRINT


def test_another_key_gives_another_fingerprint() -> None:
    assert len({fingerprint(bytes((number,)) * 16, "hunter2") for number in range(100)}) == 100


def test_bytes_of_a_process_that_are_no_text_have_a_fingerprint() -> None:
    assert fingerprint(b"k", b"\xff".decode(errors="surrogateescape")) != fingerprint(b"k", "\ufffd")
