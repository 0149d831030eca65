"""`!json`: YAML 1.2's core types to compact JSON, keys and digits as written."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.layers.parse import parse
from envtree.core.model.source import Source
from tests.core.yaml import yaml_writer

PATH = "configs/common.yaml"


def read(text: str) -> tuple[str | None, list[str]]:
    entries, _, problems = parse(PATH, Source({PATH: f"A: !json {text}\n".encode()}))
    return entries["A"].text, [each.code for each in problems]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *yaml_writer.JSON_SCALARS,
        ("{a: [1, true]}", '{"a":[1,true]}'),
        ("{b: 1, a: 2}", '{"b":1,"a":2}'),
        ("\n  - a\n  - b: c\n", '["a",{"b":"c"}]'),
        ("{}", "{}"),
        ("[]", "[]"),
        ("[~, '']", '[null,""]'),
        ("{a: }", '{"a":null}'),
        ("{1: 2}", '{"1":2}'),
        ("{'<<': 1}", '{"<<":1}'),
        ("|\n  a\n  b\n", '"a\\nb\\n"'),
        ('"é\\u2028\\0"', '"é\u2028\\u0000"'),
        ("-0", "-0"),
        ("+0", "0"),
        ("00", "0"),
        ("-007", "-7"),
        ("1.", "1"),
        ("00.5", "0.5"),
        ("+.5e3", "0.5e3"),
        ("1.e-5", "1e-5"),
        ("0x", '"0x"'),
        ("-0x1", '"-0x1"'),
        ("0o8", '"0o8"'),
        ("1e", '"1e"'),
        (".", '"."'),
        ("off", '"off"'),
        ("[a, ]", '["a"]'),
        ("'true'", '"true"'),
        ('"null"', '"null"'),
        ("1__0", '"1__0"'),
        ("1,000", '"1,000"'),
        ("9" * 4000, "9" * 4000),
        ("1e400", "1e400"),
    ],
)
def test_a_node_becomes_compact_json(written: str, meant: str) -> None:
    assert read(written) == (meant, [])
    json.loads(meant)


@given(st.randoms(use_true_random=False))
def test_any_value_becomes_the_json_it_stands_for(random: random.Random) -> None:
    written, meant = yaml_writer.json_value(random)
    assert read(written) == (meant, [])
    json.loads(meant)


@pytest.mark.parametrize("digits", [3_000, 5_000])
@pytest.mark.parametrize("base", ["0x", "0o"])
def test_an_integer_of_thousands_of_digits_is_read_or_refused(base: str, digits: int) -> None:
    text, codes = read(base + "7" * digits)
    assert codes == ["invalid-json"] or (text is not None and text.isdigit())


@pytest.mark.parametrize(
    "written",
    [
        ".inf",
        "-.INF",
        "+.Inf",
        ".nan",
        "[.NaN]",
        "{a: 1, a: 2}",
        "{1: a, '1': b}",
        "{[a]: b}",
        "{{a: b}: c}",
        "[!json a]",
        "[!!int 1]",
        "{!x a: b}",
        "{<<: {a: b}}",
    ],
)
def test_what_json_has_no_word_for_is_an_error(written: str) -> None:
    assert read(written)[1] == ["invalid-json"]
