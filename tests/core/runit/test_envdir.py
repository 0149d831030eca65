"""What an envdir can carry, asked of the real chpst."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from envtree.core.runit.envdir import (
    MAX_STRING,
    decode,
    digest,
    encode,
    is_plain_name,
    name_fault,
    string_size,
    value_fault,
)
from tests.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

PARTS = st.sampled_from(
    [
        " ",
        "\t",
        "\n",
        "\r",
        "\x0b",
        "\x0c",
        "a",
        "=",
        "#",
        "'",
        '"',
        "$",
        "\\",
        "é",
        "\U0001f600",
        "\x85",
        "\xa0",
        "\x01",
    ]
)
TEXTS = st.lists(PARTS, max_size=8).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)
BYTES = st.lists(st.sampled_from([b" ", b"\t", b"\n", b"\0", b"\r", b"a", b"\x0b", "é".encode()]), max_size=7).map(
    b"".join
)


def chpst(folder: Path, files: dict[str, bytes]) -> dict[bytes, bytes]:
    """What a program gets from an envdir of these files, started with nothing."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = ["/usr/bin/chpst", "-e", str(folder), "/usr/bin/env", "-0"]
    done = subprocess.run(command, env={}, capture_output=True, check=True)
    return dict(line.split(b"=", 1) for line in done.stdout.split(b"\0")[:-1])


@given(st.lists(TEXTS, min_size=1, max_size=60))
@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_chpst_reads_back_every_text_that_is_not_refused(tmp_path: Path, texts: list[str]) -> None:
    carried = {f"V{index}": text for index, text in enumerate(texts) if value_fault(f"V{index}", text) is None}
    read = chpst(tmp_path / "env", {name: encode(text) for name, text in carried.items()})
    assert {name.decode(): value.decode() for name, value in read.items()} == carried


@given(st.lists(TEXTS, min_size=1, max_size=60))
@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_just_what_chpst_would_change_is_refused(tmp_path: Path, texts: list[str]) -> None:
    read = chpst(tmp_path / "env", {f"V{index}": encode(text) for index, text in enumerate(texts)})
    for index, text in enumerate(texts):
        changed = read[f"V{index}".encode()].decode() != text
        assert changed == (value_fault(f"V{index}", text) is not None), text


@given(st.lists(BYTES, min_size=1, max_size=80))
@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_decode_reads_any_bytes_as_chpst_does(tmp_path: Path, contents: list[bytes]) -> None:
    read = chpst(tmp_path / "env", {f"V{index}": data for index, data in enumerate(contents)})
    decoded = {f"V{index}".encode(): decode(data) for index, data in enumerate(contents)}
    assert {name: text.encode() for name, text in decoded.items() if text is not None} == read


@given(TEXTS)
def test_decode_reverses_encode(text: str) -> None:
    if value_fault("A", text) is None:
        assert decode(encode(text)) == text


def test_an_empty_text_is_a_variable_and_none_removes_it() -> None:
    assert (encode(""), encode(None)) == (b"\n", b"")
    assert (decode(b"\n"), decode(b"")) == ("", None)


@pytest.mark.parametrize("name", ["A", "ABC", "A" * 255])
@pytest.mark.parametrize("letter", ["x", "é", "漢", "\U0001f600"])
def test_chpst_runs_the_longest_value_and_no_longer_one(name: str, letter: str, tmp_path: Path) -> None:
    room = MAX_STRING - len(name) - 1
    width = len(letter.encode())
    longest = letter * (room // width) + "x" * (room % width)
    assert string_size(name, longest) == MAX_STRING
    assert value_fault(name, longest) is None
    assert chpst(tmp_path / "env", {name: encode(longest)}) == {name.encode(): longest.encode()}
    for over in (longest + "x", longest.removesuffix("x" * (room % width)) + letter):
        with pytest.raises(subprocess.CalledProcessError) as raised:
            chpst(tmp_path / "env", {name: encode(over)})
        assert b"argument list too long" in raised.value.stderr
        fault = value_fault(name, over)
        assert fault is not None
        assert "is too long" in fault.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a ", "ends in a blank"),
        ("a\t", "ends in a tab"),
        (" ", "ends in a blank"),
        ("a\n ", "ends in a blank"),
        ("\0", "holds a NUL"),
        ("a\0b", "holds a NUL"),
        ("a\ud800", "holds half a character"),
        ("\udcff" * 200_000, "holds half a character"),
    ],
)
def test_a_value_that_chpst_would_change_is_refused(text: str, words: str) -> None:
    fault = value_fault("A", text)
    assert fault is not None
    assert fault.message.startswith(words)


@pytest.mark.parametrize("text", ["", " a", "\ta", "a\n", "\n", "a \n", "a\r", "a\xa0", "a\u2003", "\r\n"])
def test_blanks_that_do_not_end_the_value_are_carried(text: str) -> None:
    assert value_fault("A", text) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is the empty string"),
        (".x", "starts with a dot"),
        ("..", "starts with a dot"),
        ("../x", "starts with a dot"),
        ("a/b", "holds a `/`"),
        ("A=B", "holds a `=`"),
        ("=A", "holds a `=`"),
        ("A\n", "holds a "),
        ("A\tB", "holds a "),
        ("A\0", "holds a "),
        ("A\u200bB", "holds a "),
        ("\x85", "holds a "),
        ("A" * 256, "is longer than 255 bytes"),
        ("é" * 128, "is longer than 255 bytes"),
    ],
)
def test_a_name_that_no_envdir_can_carry_is_refused(name: str, words: str) -> None:
    fault = name_fault(name)
    assert fault is not None
    assert fault.message.startswith(words)
    assert not is_plain_name(name)


def test_chpst_sets_every_other_name(tmp_path: Path) -> None:
    names = [
        "A",
        "_",
        "a1",
        "X.bkp",
        "A-B",
        "A B",
        "1DIG",
        "*",
        "%",
        "NAME~",
        "#NAME#",
        "ÜNI",
        "é" * 127,
        "A" * 255,
        "\U0001f600",
    ]
    assert [name for name in names if name_fault(name)] == []
    read = chpst(tmp_path / "env", {name: encode(name) for name in names})
    assert read == {name.encode(): name.encode() for name in names}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("A", True),
        ("_", True),
        ("a_1", True),
        ("A" * 255, True),
        ("A" * 256, False),
        ("1A", False),
        ("A.B", False),
        ("é", False),
        ("", False),
        ("A\n", False),
    ],
)
def test_a_plain_name_is_letters_digits_and_underscores(name: str, plain: bool) -> None:
    assert is_plain_name(name) is plain


@given(
    st.dictionaries(st.sampled_from("ABCD"), st.binary(max_size=3)),
    st.dictionaries(st.sampled_from("ABCD"), st.binary(max_size=3)),
)
def test_envdirs_have_one_digest_only_where_they_are_equal(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (digest(one, "0600") == digest(other, "0600")) == (one == other)
    assert digest(one, "0600") != digest(one, "0640")
    assert digest(dict(reversed(one.items())), "0600") == digest(one, "0600")
