"""Entries cut out of layers: exactly their lines, and never a byte more."""

from __future__ import annotations

import pytest

from envtree.core.yaml.remove import IN_BRACES, NAMES_A_FILE, NOT_ALONE, remove_entries


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A: 1\nB: 2\nC: 3\n", "A: 1\nC: 3\n"),
        ("B: 2\n", ""),
        ("---\nB: 2\n", "---\n"),
        ("---\nA: 1\nB: 2\n...\n", "---\nA: 1\n...\n"),
        ("A: 1\nB: 2", "A: 1"),
        ("B: 2\nA: 1", "A: 1"),
        ("A: 1\r\nB: 2\r\nC: 3\r\n", "A: 1\r\nC: 3\r\n"),
        ("A: 1\r\nB: 2", "A: 1"),
        ("\ufeffB: 2\nA: 1\n", "\ufeffA: 1\n"),
        ("\ufeffB: 2\n", "\ufeff"),
        ("A: é\nB: ø\n", "A: é\n"),
        (
            "# top\n\nA: 1 # a\n# above\nB: 2 # beside\n\n# below\nC: 3\n",
            "# top\n\nA: 1 # a\n# above\n\n# below\nC: 3\n",
        ),
        ("A: 1\nB: two\n  words # beside\nC: 3\n", "A: 1\nC: 3\n"),
        ("A: 1\nB: 'two\n\n  lines'\nC: 3\n", "A: 1\nC: 3\n"),
        ('A: 1\n"B": "two\\\n  lines"\nC: 3\n', "A: 1\nC: 3\n"),
        ("A: 1\nB:\n  # inside\n  2\nC: 3\n", "A: 1\nC: 3\n"),
        ("A: 1\n? B\n: 2\nC: 3\n", "A: 1\nC: 3\n"),
        ("  A: 1\n  B: 2\n  C: 3\n", "  A: 1\n  C: 3\n"),
        ("B: |\n  x\n  # content\n\n# comment\nC: 3\n", "\n# comment\nC: 3\n"),
        ("B: |+\n  x\n\n\nC: 3\n", "C: 3\n"),
        ("B: !expand |+2\n   x\n\nC: 3\n", "C: 3\n"),
        ("B: >-\n  x\n  y\nC: 3\n", "C: 3\n"),
        ("A: 1\nB: |\n  x", "A: 1"),
        ("A: |\n  x\nB: 2", "A: |\n  x\n"),  # without the line end, A would be another text
        ("A: |-\n  x\nB: 2", "A: |-\n  x"),
        ("A: |\r\n  x\r\nB: 2", "A: |\r\n  x\r\n"),
        ("B: !json\n  - a # in\n  - b: |\n      c\n# out\nC: 3\n", "# out\nC: 3\n"),
        ("B: !json\n- a\n- b\nC: 3\n", "C: 3\n"),
        ("B: !json {a: 1,\n  b: [2]} # beside\nC: 3\n", "C: 3\n"),
        ("B: !unset\nC: ~\n", "C: ~\n"),
        ("A: |\n  x\nB: 2\n\nC: 3\n", "A: |\n  x\n\nC: 3\n"),
        ("[x]: 1\nB: 2\n? {a: b}\n: 3\n", "[x]: 1\n? {a: b}\n: 3\n"),
        ("B: |-\n  x\n  \u00a0\n\nC: 3\n", "\nC: 3\n"),  # a no-break space is text, not blank
    ],
)
def test_an_entry_goes_with_its_lines_alone(before: str, after: str) -> None:
    assert remove_entries("x.yaml", before.encode(), ("B",)) == (after.encode(), {})


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("{A: 1, B: 2}\n", IN_BRACES),
        ("{\n  A: 1,\n  B: 2\n}\n", IN_BRACES),
        ("A: 1\nB: !file key.pem\n", NAMES_A_FILE),
        ("A: |+\n  x\nB: 2\n\nC: 3\n", NOT_ALONE),  # the blank line would become the end of A
        ("A: |\n  x\nB: 2\n  # comment\nC: 3\n", NOT_ALONE),  # and the comment a line of it
    ],
)
def test_an_entry_that_is_not_alone_on_its_lines_stays(before: str, why: str) -> None:
    assert remove_entries("x.yaml", before.encode(), ("B",)) == (before.encode(), {"B": why})


def test_one_that_must_stay_keeps_no_other() -> None:
    before = b"A: 1\nK: |+\n  x\nB: 2\n\nC: 3\nD: !file x\nE: 5\n"
    text, left = remove_entries("x.yaml", before, ("A", "B", "C", "D", "E"))
    assert (text, left) == (b"K: |+\n  x\nB: 2\n\nD: !file x\n", {"B": NOT_ALONE, "D": NAMES_A_FILE})


def test_a_layer_without_such_entries_is_no_place_to_cut() -> None:
    with pytest.raises(ValueError, match=r"x\.yaml"):
        remove_entries("x.yaml", b"- a\n", ("B",))
