"""What was changed without the key opens to nothing: by hand, line by line, and byte by byte."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from envtree.core.sealed.cipher import Cipher, context_of
from envtree.core.sealed.document import read_sealed
from envtree.core.sealed.opening import open_values
from envtree.core.sealed.writing import set_values
from tests.effort import calls_of, first_arguments
from tests.sealed_files import (
    DATA_KEY,
    PATH,
    RECIPIENT,
    SEALER,
    VALUES,
    data_key_of,
    opened,
    read,
    sealed_text,
    sops,
    sops_judges,
    sops_seals,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEXT = sealed_text()
LINES = TEXT.splitlines()
MAC_LINE = len(LINES) - 3
OLDER = sealed_text({**VALUES, "TOKEN": "an older one"})
OTHER = sealed_text(VALUES, replace(SEALER, data_key=bytes(32)))
WHOLE = TEXT.replace("    mac_only_encrypted: true\n", "")
SAME = sealed_text({"A": "same", "B": "same"})


def value(text: str, name: str) -> str:
    found = re.search(rf"^ *{name}: (\S+)$", text, re.MULTILINE)
    assert found
    return found[1]


def moved(text: str, one: str, other: str) -> str:
    """The text with the values of two names exchanged."""
    first, second = value(text, one), value(text, other)
    return text.replace(first, "\0").replace(second, first).replace("\0", second)


def in_order(*numbers: int) -> str:
    return "".join(f"{line}\n" for line in (*(LINES[number] for number in numbers), *LINES[3:]))


ALTERED: tuple[tuple[str, str], ...] = (
    ("a value is that of another name", TEXT.replace(value(TEXT, "API_KEY"), value(TEXT, "TOKEN"))),
    ("two values are exchanged", moved(TEXT, "API_KEY", "TOKEN")),
    ("two equal values are exchanged", moved(SAME, "A", "B")),
    ("a name is changed", TEXT.replace("TOKEN:", "TOKENS:")),
    ("a name is in another case", TEXT.replace("TOKEN:", "Token:")),
    ("a value is an older one", TEXT.replace(value(TEXT, "TOKEN"), value(OLDER, "TOKEN"))),
    ("a value is sealed with another key", TEXT.replace(value(TEXT, "TOKEN"), value(OTHER, "TOKEN"))),
    ("an entry is gone", in_order(0, 1)),
    ("all entries are gone", in_order()),
    ("entries are in another order", in_order(1, 0, 2)),
    ("an entry is under two names", in_order(0, 1, 2).replace("TOKEN:", f"MORE: {value(TEXT, 'TOKEN')}\nTOKEN:")),
    ("an entry of another file is added", sealed_text({"A": "x"}).splitlines()[0] + "\n" + TEXT),
    ("the MAC is an older one", TEXT.replace(value(TEXT, "mac"), value(OLDER, "mac"))),
    ("the MAC is a value", TEXT.replace(value(TEXT, "mac"), value(TEXT, "TOKEN"))),
    ("the time is another", TEXT.replace("2026-01-31T12:00:00Z", "2026-01-31T12:00:01Z")),
    ("the time is the same in another zone", TEXT.replace("12:00:00Z", "13:00:00+01:00")),
    ("the MAC is said to cover everything", WHOLE),
    ("the MAC is said to cover everything, and it does not", "LOG_unencrypted: info\n" + WHOLE),
    ("the whole file is for another data key", OTHER),
)


@pytest.mark.parametrize("text", [text for _, text in ALTERED], ids=[what for what, _ in ALTERED])
def test_what_was_changed_without_the_key_gives_nothing(text: str) -> None:
    values, problems = verdict(text)
    assert values == {}
    assert {each.code for each in problems} == {"altered-layer"}
    assert all(each.span for each in problems)
    assert not any(word in f"{each.message}{each.help}" for each in problems for word in ("ENC[", *VALUES.values()))


@pytest.mark.parametrize("text", [text for _, text in ALTERED[:-1]], ids=[what for what, _ in ALTERED[:-1]])
def test_sops_refuses_it_too(text: str, tmp_path: Path) -> None:
    assert sops_judges(text, tmp_path).returncode in (25, 51)


def test_the_place_is_the_value_that_was_changed() -> None:
    _, problems = verdict(TEXT.replace(value(TEXT, "TOKEN"), value(OLDER, "TOKEN")))
    assert [(each.code, str(each.span)) for each in problems] == [("altered-layer", f"{PATH}:{MAC_LINE}:10")]
    _, problems = verdict(TEXT.replace("TOKEN:", "TOKENS:"))
    assert [str(each.span) for each in problems] == [f"{PATH}:3:9"]
    _, problems = verdict(TEXT, bytes(32))
    assert [str(each.span) for each in problems] == [f"{PATH}:4:1"]


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33])
def test_a_data_key_of_another_size_is_refused(size: int) -> None:
    values, problems = verdict(TEXT, bytes(size))
    assert (values, [each.code for each in problems]) == ({}, ["altered-layer"])


def test_bytes_that_are_no_text_are_refused() -> None:
    ciphertext = Cipher(DATA_KEY).seal(b"\xff\xfe", context_of("A"), os.urandom)
    text = sealed_text({"A": "x"})
    sealed = read(text.replace(value(text, "A"), str(ciphertext)))
    values, problems = open_values(sealed, DATA_KEY)
    assert values == {}
    assert [each.code for each in problems] == ["altered-layer"]


def test_bytes_of_sops_that_are_no_text_are_refused(tmp_path: Path) -> None:
    clear = tmp_path / "clear.yaml"
    clear.write_text("A: !!binary /w==\nB: x\n")
    done = sops("encrypt", "--age", RECIPIENT, clear)
    assert done.returncode == 0, done.stderr
    values, problems = open_values(read(done.stdout), data_key_of(read(done.stdout)))
    assert (values, [(each.code, each.span and each.span.line) for each in problems]) == ({}, [("not-utf8", 1)])


def changes_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each byte of a file in several other forms, left out, and doubled."""
    for place, byte in enumerate(data):
        before, after = data[:place], data[place + 1 :]
        others = {byte ^ 1, byte ^ 0x20, byte ^ 0x80, ord("#"), ord(" "), ord("\n"), ord('"'), ord("A")} - {byte}
        for other in sorted(others):
            yield place, before + bytes([other]) + after
        yield place, before + after
        yield place, before + bytes([byte, byte]) + after


def line_at(data: bytes, place: int) -> str:
    start = data.rfind(b"\n", 0, place) + 1
    return data[start : data.find(b"\n", place)].decode()


def names_of(values: dict[str, str]) -> list[tuple[str, str]]:
    return list(values.items())


def judged(data: bytes) -> list[tuple[str, str]] | None:
    """What a process gets of a file; None if it is refused."""
    values, problems = verdict(data)
    return None if any(each.severity == "error" for each in problems) else names_of(values)


def trusting(data: bytes) -> list[tuple[str, str]] | None:
    """What a process would get of a reader that checks each value, and not the file."""
    sealed, _ = read_sealed(PATH, data)
    if sealed is None:
        return None
    cipher = Cipher(DATA_KEY)
    found = [
        (each.name, each.ciphertext and cipher.open(each.ciphertext, context_of(each.name))) for each in sealed.values
    ]
    return [(name, text.decode()) for name, text in found if text]


def test_no_change_of_one_byte_gives_a_process_anything_else() -> None:
    data = sealed_text({"A": "one", "B": "two"}).encode()
    right = [("A", "one"), ("B", "two")]
    accepted: set[int] = set()
    refused = 0
    for place, changed in changes_of(data):
        got = judged(changed)
        assert got in (None, right), (place, changed)
        refused += got is None
        if got is not None:
            accepted.add(place)
    assert refused > 6 * len(data)  # most of ten changes a byte
    inert = {line_at(data, place).strip() for place in accepted}
    vital = [each for each in inert if each.startswith(("A: ENC", "B: ENC", "mac: ", "lastmodified"))]
    for line in vital:  # there, only a blank after the text can be another
        start = data.index(line.encode())
        places = {place - start for place in accepted if start <= place < start + len(line)}
        written = {line.index(": ") + 1, *range(len(line) - 1, len(line) + 1)}
        assert places <= written, (line, places)


def test_a_reader_that_trusts_the_file_is_caught_by_the_same_changes() -> None:
    data = sealed_text({"A": "one", "B": "two"}).encode()
    others = [each for _, each in changes_of(data) if trusting(each) not in (None, [("A", "one"), ("B", "two")])]
    assert len(others) > 10


@pytest.mark.parametrize("what", ["gone", "doubled", "first", "last"])
def test_no_line_can_be_moved_doubled_or_left_out(what: str) -> None:
    change: dict[str, Callable[[int], list[str]]] = {
        "gone": lambda number: LINES[:number] + LINES[number + 1 :],
        "doubled": lambda number: [*LINES[: number + 1], *LINES[number:]],
        "first": lambda number: [LINES[number], *LINES[:number], *LINES[number + 1 :]],
        "last": lambda number: [*LINES[:number], *LINES[number + 1 :], LINES[number]],
    }
    for number in range(len(LINES)):
        data = "".join(f"{line}\n" for line in change[what](number)).encode()
        assert judged(data) in (None, list(VALUES.items())), number


def test_what_the_mac_of_sops_does_not_cover_of_values_in_clear(tmp_path: Path) -> None:
    """A name in clear, and where one clear value ends, are as safe as any other line in git: docs/ says so."""
    text = sops_seals({"LOG_plain": "ab", "B_plain": "cd", "C": "x"}, tmp_path, unencrypted_suffix="_plain")
    key = data_key_of(read(text))
    assert verdict(text.replace("LOG_plain: ab", "LOG_plain: abc"), key)[1][0].code == "altered-layer"
    assert verdict(text.replace("LOG_plain:", "LOG2_plain:"), key)[0]["LOG2_plain"] == "ab"
    assert verdict(text.replace(": ab\n", ": a\n").replace(": cd\n", ": bcd\n"), key)[0]["B_plain"] == "bcd"


def test_a_file_is_parsed_once() -> None:
    text = sealed_text({f"NAME_{number}": "x" * 40 for number in range(30)})
    assert first_arguments("compose", lambda: open_values(read(text), DATA_KEY)) == [PATH]


def test_opening_takes_as_many_calls_as_there_are_values() -> None:
    texts = [sealed_text({f"NAME_{n}": "x" for n in range(size)}).encode() for size in (10, 110)]
    opened(texts[0])  # what is imported once
    few, many = (calls_of(partial(opened, text)) for text in texts)
    assert (many - few) / 100 < 100


@pytest.mark.parametrize("library", ["cryptography", "pyrage"])
def test_the_libraries_are_imported_only_where_a_value_is_opened_or_sealed(library: str) -> None:
    program = f"""
import sys
from envtree.core.sealed.document import read_sealed
from envtree.core.sealed import opening, writing
sealed, _ = read_sealed({PATH!r}, {TEXT.encode()!r})
assert sealed and len(sealed.values) == 3
assert {library!r} not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_missing_library_is_a_diagnostic_that_says_what_to_install() -> None:
    program = f"""
import sys
sys.modules["cryptography"] = None
from envtree.core.sealed.document import read_sealed
from envtree.core.sealed.opening import open_values
sealed, _ = read_sealed({PATH!r}, {TEXT.encode()!r})
values, problems = open_values(sealed, bytes(32))
print(values, [(each.code, each.help) for each in problems])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == """{} [('sealed-layer', "install it: `pip install 'envtree[secrets]'`")]\n"""


def test_a_change_in_place_of_an_altered_file_is_refused() -> None:
    altered = ALTERED[5][1]
    changed, problems = set_values(read(altered), altered.encode(), {"API_KEY": "new"}, SEALER)
    assert changed is None
    assert [each.code for each in problems] == ["altered-layer"]
