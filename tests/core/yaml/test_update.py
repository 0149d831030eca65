"""Entries put into layers: exactly the values asked for, and never another byte changed."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from envtree.core.layers.parse import parse
from envtree.core.model.source import Source
from envtree.core.yaml.remove import NAMES_A_FILE, NOT_ALONE
from envtree.core.yaml.splice import NOT_A_MAPPING, NOT_READ, SET_TWICE, CannotUpdate
from envtree.core.yaml.update import BRACES, set_entries
from tests.core.yaml.test_writer import texts
from tests.core.yaml.yaml_writer import layer, scalar

PATH = "configs/common.yaml"
PEM = "-----BEGIN KEY-----\nMIIE\n-----END KEY-----\n"
BLOCK = "|\n  -----BEGIN KEY-----\n  MIIE\n  -----END KEY-----\n"


def put_text(before: str, **entries: str | None) -> str:
    return set_entries(PATH, before.encode(), entries).decode()


def values(data: bytes) -> dict[str, object]:
    """What our own parser reads, but for what an envdir could not carry."""
    entries, _, problems = parse(PATH, Source({PATH: data}))
    assert {each.code for each in problems} <= {"unencodable-value", "carriage-return"}
    return {name: (each.text, each.parts) for name, each in entries.items()}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A: 1\nB: 2\nC: 3\n", "A: 1\nB: new\nC: 3\n"),
        ("A: 1\nB: 2 # beside\nC: 3\n", "A: 1\nB: new # beside\nC: 3\n"),
        ("# above\nB:   '2'\t# beside", "# above\nB:   new\t# beside"),
        ("B: 2", "B: new"),
        ("B: 2\r\nC: 3\r\n", "B: new\r\nC: 3\r\n"),
        ("B: 2\r\nC: 3", "B: new\r\nC: 3"),
        ("\ufeffB: 2\n", "\ufeffB: new\n"),
        ("é: ø\nB: é # ø\n", "é: ø\nB: new # ø\n"),
        ("B: !unset\nC: ~\n", "B: new\nC: ~\n"),
        ("B: !unset # off\n", "B: new # off\n"),
        ('B: !expand "${C}" # c\nC: 3\n', "B: new # c\nC: 3\n"),
        ("B:\nC: 3\n", "B: new\nC: 3\n"),
        ("B:   # nothing\nC: 3\n", "B: new   # nothing\nC: 3\n"),
        ("'B': 2\n", "'B': new\n"),
        ("? B\n: 2\nC: 3\n", "? B\n: new\nC: 3\n"),
        ("B:\n  # inside\n  2\nC: 3\n", "B:\n  # inside\n  new\nC: 3\n"),
        ("  A: 1\n  B: 2\n", "  A: 1\n  B: new\n"),
        ("B: |\n  x\n  y\n\n# below\nC: 3\n", "B: new\n\n# below\nC: 3\n"),
        ("B: |-  # beside\n  x\nC: 3\n", "B: new  # beside\nC: 3\n"),
        ("B: |+\n  x\n\n\nC: 3\n", "B: new\nC: 3\n"),
        ("B: !expand |+2\n   x\n\nC: 3\n", "B: new\nC: 3\n"),
        ("B: two\n  words # beside\nC: 3\n", "B: new # beside\nC: 3\n"),
        ("B: !json\n  - a # in\n  - b\n# out\nC: 3\n", "B: new\n# out\nC: 3\n"),
        ("B: !json {a: 1,\n  b: [2]} # beside\n", "B: new # beside\n"),
        ("A: |\n  x\nB: 2", "A: |\n  x\nB: new"),
        ("B: |\n  x", "B: new"),
        ("A: 1\n", "A: 1\nB: new\n"),
        ("A: 1", "A: 1\nB: new\n"),
        ("A: 1\r\n", "A: 1\r\nB: new\r\n"),
        ("  A: 1\n", "  A: 1\n  B: new\n"),
        ("A: 1\n\n# the end\n", "A: 1\nB: new\n\n# the end\n"),
        ("---\nA: 1\n...\n", "---\nA: 1\nB: new\n...\n"),
        ("A: |+\n  x\n\n", "A: |+\n  x\n\nB: new\n"),
        ("A: |\n  x\n\n  # not\n", "A: |\n  x\n\n  # not\nB: new\n"),
        ("A: !json\n  - a\n", "A: !json\n  - a\nB: new\n"),
        ("", "B: new\n"),
        ("\ufeff", "\ufeffB: new\n"),
        ("# only this", "# only this\nB: new\n"),
        ("# only this\r\n", "# only this\r\nB: new\r\n"),
        ("---\n", "---\nB: new\n"),
        ("B: new\n", "B: new\n"),
        ('B: "new" # quoted', 'B: "new" # quoted'),
        ("B: >-\n  new\n", "B: >-\n  new\n"),
    ],
)
def test_a_value_comes_into_its_place_or_behind_the_last(before: str, after: str) -> None:
    assert put_text(before, B="new") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A: 1\nB: 2 # key\nC: 3\n", f"A: 1\nB: {BLOCK.replace('|', '| # key', 1)}C: 3\n"),
        ("A: 1\nB: 2", f"A: 1\nB: {BLOCK}"),
        ("A: 1", f"A: 1\nB: {BLOCK}"),
        ("B: 2\r\nC: 3\r\n", f"B: {BLOCK}C: 3\n".replace("\n", "\r\n")),
        ("B: >\n  x\n\nC: 3\n", f"B: {BLOCK}\nC: 3\n"),
        ("  A: 1\n  C: 3\n", f"  A: 1\n  C: 3\n  B: {BLOCK.replace('  ', '    ')}"),
        ("B: 2\n  # comment\n", f'B: "{PEM}"\n  # comment\n'.replace("\n", "\\n", 3)),  # else it would be a line of B
    ],
)
def test_several_lines_come_as_a_block_where_they_can(before: str, after: str) -> None:
    assert put_text(before, B=PEM) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("B: 2 # beside\nC: 3\n", "B: !unset # beside\nC: 3\n"),
        ("B: ~\n", "B: ~\n"),
        ("B: null # off\n", "B: null # off\n"),
        ("B: !unset\n", "B: !unset\n"),
        ("B: '~'\n", "B: !unset\n"),
        ("B:\n", "B: !unset\n"),
        ("A: 1\n", "A: 1\nB: !unset\n"),
    ],
)
def test_none_removes_the_variable(before: str, after: str) -> None:
    assert put_text(before, B=None) == after


def test_several_entries_come_in_the_order_given_and_all_at_once() -> None:
    before = "# top\nA: 1 # a\nB: |\n  2\n# last\n"
    assert put_text(before, D="4", B="b", C="3", A="1") == "# top\nA: 1 # a\nB: b\nD: 4\nC: 3\n# last\n"


@pytest.mark.parametrize(
    ("before", "reason", "name"),
    [
        ("{A: 1, B: 2}\n", BRACES, ""),
        ("{}", BRACES, ""),
        ("- A\n", NOT_A_MAPPING, ""),
        ("!!map\nA: 1\n", NOT_A_MAPPING, ""),
        ("? [A]\n: 1\n", NOT_A_MAPPING, ""),
        ("text", NOT_A_MAPPING, ""),
        ("A: 'x\n", NOT_READ, ""),
        ("A: &x 1\n", NOT_READ, ""),
        (b"A: \xff\n", NOT_READ, ""),
        ("A: 1\n---\nB: 2\n", NOT_READ, ""),
        ("B: 1\nB: 2\n", SET_TWICE, "B"),
        ("B: !file key.pem\n", NAMES_A_FILE, "B"),
        ("---\n...\n", NOT_ALONE, "B"),
        ("A: |\n  x", NOT_ALONE, "B"),  # without a line end, A would be another text
    ],
)
def test_what_can_not_be_done_exactly_is_refused_with_the_reason(before: str | bytes, reason: str, name: str) -> None:
    with pytest.raises(CannotUpdate) as caught:
        set_entries(PATH, before if isinstance(before, bytes) else before.encode(), {"B": "new"})
    assert (caught.value.reason, caught.value.name) == (reason, name)


@given(st.dictionaries(st.sampled_from("ABCDEFG"), texts, max_size=4), st.randoms(use_true_random=False), st.data())
def test_whatever_stands_there_just_the_entries_asked_for_change(
    before: dict[str, str], random: Random, data: st.DataObject
) -> None:
    written = layer([(name, scalar(text, random)) for name, text in before.items()], random)
    entries = data.draw(st.dictionaries(st.sampled_from("ABCXYZ"), st.none() | texts, min_size=1, max_size=4))
    old = values(written)
    try:
        changed = set_entries(PATH, written, entries)
    except CannotUpdate:
        reject()  # a block at the end without a line end, or one whose last line is blank
    wanted = {name: (text, None) for name, text in entries.items()}
    assert values(changed) == old | wanted
    assert list(values(changed)) == list(old | wanted)
    assert set_entries(PATH, changed, entries) == changed
    lines = set(changed.splitlines())
    assert all(line in lines for line in written.splitlines() if line.startswith(b"#"))
