"""Which lines of a file are an entry's own."""

from __future__ import annotations

import pytest

from envtree.core.yaml.lines import entry_digests, line_ranges


@pytest.mark.parametrize(
    ("text", "name", "first", "last"),
    [
        ("A: 1\nB: 2\n", "A", 1, 1),
        ("A: 1\nB: 2\n", "B", 2, 2),
        ("A: 1\n\n# about B\n\nB: 2\n", "A", 1, 1),
        ("A: 1 # why\nB: 2\n", "A", 1, 1),
        ("A: |\n  one\n\n  two\n\n# about B\nB: 2\n", "A", 1, 4),
        ("A: |\n  one\n  # no comment\n# about B\nB: 2\n", "A", 1, 3),
        ("A: |+\n  one\n\n\nB: 2\n", "A", 1, 4),
        ("A: |+\n\nB: 2\n", "A", 1, 2),
        ("A: |\n\n\nB: 2\n", "A", 1, 1),
        ("A: >-\n  one\n\n  two\n", "A", 1, 4),
        ("A: |\n  one", "A", 1, 2),
        ("A: one\n  two\nB: 2\n", "A", 1, 2),
        ('A: "one\n\n  two"   # why\nB: 2\n', "A", 1, 3),
        ("A:\n  one\nB: 2\n", "A", 1, 2),
        ("A: !unset\n\nB: 2\n", "A", 1, 1),
        ("A:\n\nB: 2\n", "A", 1, 1),
        ("? A\n: 1\nB: 2\n", "A", 1, 2),
        ("A: !json\n  a: 1\n  # inside\n  b:\n    - 2\n  # after\n\nB: 2\n", "A", 1, 5),
        ("{A: 1, B: 2,\n C: 3}\n", "B", 1, 1),
        ("{A: 1, B: 2,\n C: 3}\n", "C", 2, 2),
        ("\ufeffA: |\r\n  one\r\n\r\nB: 2\r\n", "A", 1, 2),
    ],
)
def test_an_entry_goes_from_its_name_to_the_end_of_its_value(text: str, name: str, first: int, last: int) -> None:
    (found,) = (each for each in line_ranges("x", text.encode()).values() if each.name == name)
    assert (found.first, found.last) == (first, last)


def test_the_file_that_an_entry_names_is_known() -> None:
    found = line_ranges("x", b"A: !file certs/ca.pem\nB: a\n")
    assert [(place, each.file) for place, each in found.items()] == [((1, 1), "certs/ca.pem"), ((2, 1), "")]


def test_of_a_name_that_stands_twice_the_first_lines_count() -> None:
    assert entry_digests("x", b"A: 1\nB: 2\nA: 3\n") == entry_digests("x", b"A: 1\nB: 2\n")


@pytest.mark.parametrize(
    ("text", "is_same"),
    [
        ("# more\nB: 3\nA: |\n  one\n  two\n", True),
        ("A: |\n  one\n  two\n\n# less\n", True),
        ("A: |\n  one\n", False),
        ("A: |\n  one\n  three\n", False),
        ("A: |-\n  one\n  two\n", False),
    ],
)
def test_only_equal_lines_of_an_entry_have_equal_digests(text: str, is_same: bool) -> None:
    before, after = (entry_digests("x", each.encode()) or {} for each in ("A: |\n  one\n  two\nB: 2\n", text))
    assert (before["A"] == after["A"]) is is_same


@pytest.mark.parametrize("text", ["", "# nothing\n", "\n"])
def test_an_empty_file_has_no_entries(text: str) -> None:
    assert entry_digests("x", text.encode()) == {}


@pytest.mark.parametrize("text", ['A: "\n', "- a\n", "a\n", "A: 1\n---\nB: 2\n", "A: \0\n"])
def test_of_a_broken_file_nothing_is_known(text: str) -> None:
    assert entry_digests("x", text.encode()) is None
    assert line_ranges("x", text.encode()) == {}
