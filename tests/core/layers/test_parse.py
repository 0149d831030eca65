"""The value language: every row of its table, what is refused, and where each thing stands."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.layers.parse import parse
from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.source import Source
from envtree.core.model.tree import Entry, Span
from tests.core.yaml import yaml_writer
from tests.effort import assert_in_proportion

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "configs/common.yaml"


def read(text: str | bytes, **files: bytes) -> tuple[dict[str, Entry], tuple[Diagnostic, ...]]:
    """The entries of a layer file, and what is wrong with it; more files stand beside it."""
    data = text.encode() if isinstance(text, str) else text
    beside = {f"configs/{name}": content for name, content in files.items()}
    entries, _, problems = parse(PATH, Source({PATH: data, **beside}))
    return entries, problems


def value(text: str, **files: bytes) -> str | None:
    """The text of the only entry, where nothing is wrong."""
    entries, problems = read(text, **files)
    assert problems == ()
    (entry,) = entries.values()
    assert not entry.opaque
    return entry.text


def codes(text: str | bytes, **files: bytes) -> list[str]:
    return [each.code for each in read(text, **files)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "no",
        "yes",
        "on",
        "off",
        "0755",
        "0o755",
        "1.10",
        "12:30",
        "true",
        "True",
        "1_000",
        "1e3",
        "0x1F",
        ".5",
        "+1",
        "Null",
        "NULL",
        "nUll",
        "None",
        "nil",
        "2024-10-01",
        "2024-10-01T12:00:00Z",
        "=",
        "a=b",
        "a#b",
        "a:b",
        "-a",
        "?a",
        ":a",
        "-1",
        "--",
        "a b  c",
        "a\tb",
        "http://x/y?z=#a",
        "C:\\x",
        "a\\nb",
        "a'b",
        'a"b',
        "a,b",
        "a]b}",
        "$HOME",
        "${A}",
        "$$",
        "a!b",
        "a&b",
        "a*b",
        "a%b",
        "~a",
        "a~",
        "null x",
        "é",
        "漢字",
        "\U0001f600",
        "a\xa0b",
        "\xa0",
        "---a",
        "....",
    ],
)
def test_plain_text_is_exactly_what_was_written(text: str) -> None:
    assert value(f"A: {text}\n") == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('""', ""),
        ("''", ""),
        ('"null"', "null"),
        ("'~'", "~"),
        ('" a"', " a"),
        ("'it''s'", "it's"),
        ('"a\\nb"', "a\nb"),
        ('"\\x41\\u00e9\\U0001F600"', "Aé\U0001f600"),
        ('"\\e\\a\\b\\t\\v\\f\\r"', "\x1b\x07\x08\t\x0b\x0c\r"),
        ('"\\N\\L\\P"', "\x85\u2028\u2029"),
        ('"\\_"', "\xa0"),
        ('"\\/\\\\"', "/\\"),
        ('"\\ufeff"', "\ufeff"),
        ("'a\\nb'", "a\\nb"),
        ('"a\n  b"', "a b"),
        ('"a\n\n  b"', "a\nb"),
        ('"a\\\n  b"', "ab"),
        ("a\n  b", "a b"),
        ("|\n  a\n  b", "a\nb\n"),
        ("|-\n  a\n", "a"),
        ("|+\n  a\n", "a\n\n"),
        (">\n  a\n  b\n", "a b\n"),
        ("|2\n    a\n", "  a\n"),
        ("|\n  a\n\n    b\n", "a\n\n  b\n"),
        ("|\n  # no comment\n", "# no comment\n"),
        ("|2-\n  \ta\n", "\ta"),
        ("|-\n  null\n", "null"),
        ("|-\n  a\tb\n", "a\tb"),
        ("a # comment", "a"),
        ("a\t# comment", "a"),
        ("|-\n  <<<<<<< HEAD\n  a\n", "<<<<<<< HEAD\na"),
    ],
)
def test_quotes_and_blocks_are_read_as_yaml_says(written: str, text: str) -> None:
    assert value(f"A: {written}\n") == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.integers(0, 1 << 30))
def test_a_text_is_read_back_however_it_was_written(text: str, seed: int) -> None:
    kept = text.rstrip(" \t")
    written = yaml_writer.entry("A", yaml_writer.scalar(kept, random.Random(seed)), random.Random(seed))
    assert value(written) == kept


@pytest.mark.parametrize("written", ["!unset", "null", "~", "!unset # comment", "!unset\t"])
def test_what_removes_a_variable(written: str) -> None:
    assert value(f"A: {written}\n") is None


@pytest.mark.parametrize(
    "text", ["A:\n", "A: # comment\n", "A:\nB: b\n", "{A: , B: b}", "{A, B: b}", "A: ''\nB:\n", "? A\n"]
)
def test_nothing_after_a_name_is_an_error(text: str) -> None:
    assert codes(text) == ["missing-value"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("[a, b]", "nested-value"),
        ("{a: b}", "nested-value"),
        ("\n  a: b", "nested-value"),
        ("\n  - a", "nested-value"),
        ("[]", "nested-value"),
        ("{}", "nested-value"),
        ("!unset a", "invalid-unset"),
        ("!unset [a]", "nested-value"),
        ("!expand [a]", "nested-value"),
        ("!file {a: b}", "unknown-key"),
        ("!file [x]", "nested-value"),
        ("!file {strip: true}", "missing-setting"),
        ("!file {path: x, strip: yes}", "invalid-setting"),
        ("!file {path: x, strip: 'true'}", "invalid-setting"),
        ("!file {path: [x]}", "invalid-setting"),
        ("!file {path: !json x}", "invalid-setting"),
        ("!file {path: x, path: y}", "duplicate-key"),
        ("!file {path: nowhere}", "file-not-found"),
        ("!file {path: ../../x, strip: true}", "file-outside"),
        ("!foo a", "unknown-tag"),
        ("!!str a", "unknown-tag"),
        ("!!int 1", "unknown-tag"),
        ("!!binary aGk=", "unknown-tag"),
        ("!!python/object/apply:os.system [ls]", "unknown-tag"),
        ("!Unset", "unknown-tag"),
        ("!env x", "unknown-tag"),
        ("!<tag:x,2000:y> a", "unknown-tag"),
        ("&x a", "anchor"),
        ("&x [a]", "anchor"),
        ("*x", "anchor"),
        ("!expand &x a", "anchor"),
        ("&x !expand a", "anchor"),
        ("!json [&x a, *x]", "anchor"),
        ("!json\n  - &x a", "anchor"),
        ("!json {&x a: b}", "anchor"),
        ("!expand $a", "invalid-reference"),
        ("!expand ${}", "invalid-reference"),
        ("!expand ${a b}", "invalid-reference"),
        ("!expand a$", "invalid-reference"),
        ("!expand ${A", "invalid-reference"),
        ("!expand $(ls)", "invalid-reference"),
        ("!expand $$$", "invalid-reference"),
        ("!expand ${A:-b}", "unset-or-reference"),
        ('"a "', "unencodable-value"),
        ("'a\t'", "unencodable-value"),
        ("' '", "unencodable-value"),
        ('"a\\0b"', "unencodable-value"),
        ('"\\0"', "unencodable-value"),
        ("|\n  a\n   ", "fine"),
        ("%a", "invalid-yaml"),
        ("@a", "invalid-yaml"),
        ("`a`", "invalid-yaml"),
        ("a: b", "invalid-yaml"),
        ("[a", "invalid-yaml"),
        ('"a', "invalid-yaml"),
        ("'a", "invalid-yaml"),
        ("- a", "invalid-yaml"),
        ('"\\q"', "invalid-yaml"),
        ('"\\ud800"', "invalid-yaml"),
        ('"\\x4"', "invalid-yaml"),
        ("a\nb", "invalid-yaml"),
        ("]", "invalid-yaml"),
        ("!json {a: 1, a: 2}", "invalid-json"),
        ("!json .inf", "invalid-json"),
        ("!json {<<: {a: 1}}", "invalid-json"),
        ("!json [!expand a]", "invalid-json"),
        ("!json {[a]: b}", "invalid-json"),
        ("!file nowhere", "file-not-found"),
        ("!file ../x", "file-outside"),
        ("!file /etc/passwd", "file-outside"),
        ("!file ../schemas/common.py", "file-outside"),
        ("!file a/../../x", "file-outside"),
    ],
)
def test_a_value_that_is_not_one_is_an_error(written: str, code: str) -> None:
    found = codes(f"A: {written}\n")
    if code == "fine":
        assert found == []
    elif code == "unset-or-reference":
        assert len(found) <= 1  # a reference to an odd name, or none at all: never a shell's default
    else:
        assert found == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a", "not-a-mapping"),
        ("[a]", "not-a-mapping"),
        ("- a\n", "not-a-mapping"),
        ("'a'", "not-a-mapping"),
        ("!json\n", "not-a-mapping"),
        ("--- !unset\nA: b\n", "not-a-mapping"),
        ("A: a\n---\nB: b\n", "several-documents"),
        ("A: a\n...\n---\nB: b\n", "several-documents"),
        ("---\n---\nA: b\n", "several-documents"),
        ("<<: {A: a}\n", "merge-key"),
        ("<<: a\n", "merge-key"),
        ("&x A: b\n", "anchor"),
        ("*x : b\n", "anchor"),
        ("&x {A: b}\n", "anchor"),
        ("--- &x\nA: b\n", "anchor"),
        ("A: a\nA: b\n", "duplicate-variable"),
        ("{A: a, A: b}\n", "duplicate-variable"),
        ("'A': a\nA: b\n", "duplicate-variable"),
        ("A: ~\nA: ~\n", "duplicate-variable"),
        ("A: a\n\tB: b\n", "invalid-yaml"),
        ("\tA: a\n", "invalid-yaml"),
        ("A: a\n B: b\n", "invalid-yaml"),
        ("A:b\n", "not-a-mapping"),
        ("A a\n", "not-a-mapping"),
        ("A: a\nB\n", "invalid-yaml"),
        ("? [a]\n: b\n", "invalid-name"),
        ("? {a: b}\n: b\n", "invalid-name"),
        ("../x: a\n", "invalid-name"),
        ("A=B: a\n", "invalid-name"),
        (".x: a\n", "invalid-name"),
        ("'': a\n", "invalid-name"),
        ("? \n: a\n", "invalid-name"),
        ("a b: a\n", "fine"),
        ("'a\\0': a\n", "fine"),
        ('"a\\0": a\n', "invalid-name"),
        ("X.bkp: a\n", "fine"),
        ("1A: a\n", "fine"),
        ("A" * 256 + ": a\n", "invalid-name"),
        ("!expand A: a\n", "invalid-name"),
        ("!unset A: a\n", "invalid-name"),
        ("<<<<<<< HEAD\nA: a\n=======\nA: b\n>>>>>>> main\n", "merge-conflict"),
        ("A: a\n<<<<<<< HEAD\nB: a\n=======\nB: b\n>>>>>>> main\n", "merge-conflict"),
        ("A: a\n<<<<<<< HEAD\n||||||| x\n=======\nB: b\n>>>>>>> main\n", "merge-conflict"),
        ("<<<<<<< HEAD\r\nA: a\r\n=======\r\nA: b\r\n>>>>>>> main\r\n", "merge-conflict"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "lfs-pointer"),
        ("A: \x00\n", "control-character"),
        ("A: '\x00'\n", "control-character"),
        ("A: a\n\x00", "control-character"),
        ("# \x00\nA: b\n", "control-character"),
        ("A: a\x85b\n", "control-character"),
        ("A: 'a\u2028b'\n", "control-character"),
        ("A: a\u2029b\n", "control-character"),
        ("A: a\rB: b\n", "control-character"),
        ("A: |\n  a\r  b\n", "control-character"),
        ("A: a\x07b\n", "control-character"),
        ("A: a\x1bb\n", "control-character"),
        ("A: a\x7fb\n", "control-character"),
        ("A: a\x9fb\n", "control-character"),
        ("A: a\ufeffb\n", "control-character"),
        ("\ufeff\ufeffA: a\n", "control-character"),
        ("A: a\ufffeb\n", "control-character"),
        ("A: \x0c\n", "control-character"),
        ("%FOO bar\n---\nA: b\n", "invalid-yaml"),
        ("%YAML 3.0\n---\nA: b\n", "invalid-yaml"),
        ("A: b\n%YAML 1.2\n", "invalid-yaml"),
    ],
)
def test_a_file_that_is_no_layer_is_an_error(text: str, code: str) -> None:
    found = [each.code for each in errors(read(text)[1])]
    assert found == ([] if code == "fine" else [code])


@pytest.mark.parametrize(
    "text", ["", "\n", "# a comment\n", "---\n", "---\n...\n", "\ufeff", "\ufeff# a\n", "\r\n", "{}", "{}\n"]
)
def test_a_file_that_says_nothing_is_an_empty_layer(text: str) -> None:
    entries, problems = read(text)
    assert (entries, errors(problems)) == ({}, ())


@pytest.mark.parametrize("text", ["~", "null", "''", '""', "!unset"])
def test_a_document_that_is_one_word_is_no_layer(text: str) -> None:
    assert codes(text) == ["not-a-mapping"]


def test_a_byte_order_mark_at_the_start_is_skipped() -> None:
    entries, problems = read("\ufeffA: é\n")
    assert problems == ()
    assert (entries["A"].text, entries["A"].span) == ("é", Span(PATH, 1, 4, 1))


def test_line_ends_of_windows_are_taken_with_a_warning_and_do_not_reach_a_value() -> None:
    entries, problems = read("A: a\r\nB: |\r\n  x\r\n  y\r\nC: 'a\r\n\r\n  b'\r\n")
    assert [(each.code, each.severity) for each in problems] == [("carriage-return", "warning")]
    assert {name: entry.text for name, entry in entries.items()} == {"A": "a", "B": "x\ny\n", "C": "a\nb"}


@pytest.mark.parametrize(
    ("data", "span"),
    [
        (b"A: caf\xe9\n", Span(PATH, 1, 7)),
        ("é: a\nB: x".encode() + b"\xff\n", Span(PATH, 2, 5)),
        ("A: b\n".encode("utf-16"), Span(PATH, 1, 1)),
        (b"A: \xed\xa0\x80\n", Span(PATH, 1, 4)),
    ],
)
def test_bytes_that_are_no_utf_8_are_shown_where_they_stand(data: bytes, span: Span) -> None:
    (problem,) = read(data)[1]
    assert (problem.code, problem.span) == ("not-utf8", span)


# Where things stand.


@pytest.mark.parametrize(
    ("text", "name_span", "span"),
    [
        ("A: abc\n", (1, 1, 1), (1, 4, 3)),
        ("# é\nAB:   'abc'   # x\n", (2, 1, 2), (2, 7, 5)),
        ("{\U0001f600: a, B: é漢}\n", (1, 8, 1), (1, 11, 2)),
        ('C: "é"\nB: !expand "é${C}"\n', (2, 1, 1), (2, 4, 15)),
        ("B: |\n  abc\n", (1, 1, 1), (1, 4, 1)),
        ("B: !json {a: é}\n", (1, 1, 1), (1, 4, 12)),
        ("B: !unset\n", (1, 1, 1), (1, 4, 6)),
        ("B:\n   abc\n", (1, 1, 1), (2, 4, 3)),
        ("? B\n: abc\n", (1, 3, 1), (2, 3, 3)),
        ("B: a b\n   c\n", (1, 1, 1), (1, 4, 1)),
        ("X: é\r\nB: b\r\n", (2, 1, 1), (2, 4, 1)),
    ],
)
def test_an_entry_knows_its_line_column_and_length_in_characters(
    text: str, name_span: tuple[int, int, int], span: tuple[int, int, int]
) -> None:
    entry = list(read(text)[0].values())[-1]
    assert entry.name_span == Span(PATH, *name_span)
    assert entry.span == Span(PATH, *span)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("A: a\nB: é [b]\nC: [é, b]\n", (3, 4, 6)),
        ("A: a\nÉé.x: a\nB: 'é' x\n", (3, 8, 1)),
        ("A: a\n../é: a\n", (2, 1, 4)),
        ("A: a\nB: 'é\x07'\n", (2, 6, 1)),
        ("A: a\nB: !nope é\n", (2, 4, 7)),
        ("A: a\n---\nB: b\n", (2, 1, 1)),
        ("A: 1\nB: é\nA: 2\n", (3, 1, 1)),
        ("<<: a\n", (1, 1, 2)),
        ("A: é\nB:\n", (2, 3, 1)),
    ],
)
def test_a_problem_is_shown_where_it_stands(text: str, span: tuple[int, int, int]) -> None:
    (problem,) = read(text)[1]
    assert problem.span == Span(PATH, *span)


def test_a_variable_set_twice_is_reported_at_the_second_line_and_names_the_first() -> None:
    entries, (problem,) = read("A: 1\nB: 2\n'A': 3\n")
    assert problem.span is not None
    assert (problem.span.line, problem.notes) == (3, (f"first set at {PATH}:1:1",))
    assert entries["A"].text == "1"


def test_every_problem_of_a_file_is_reported_at_once() -> None:
    assert codes("A: [a]\nB:\nC: !nope\nD: 'a '\nE: !expand $\n../x: a\nA: b\n") == [
        "nested-value",
        "missing-value",
        "unknown-tag",
        "unencodable-value",
        "invalid-reference",
        "invalid-name",
        "duplicate-variable",
    ]


def test_a_wrong_value_is_opaque_and_keeps_its_name() -> None:
    entries, _ = read("A: [a]\nB:\nC: 'a '\nD: d\n")
    assert {name: entry.opaque for name, entry in entries.items()} == {"A": True, "B": True, "C": True, "D": False}


@pytest.mark.parametrize(
    "text",
    [
        "A: &hunter2 hunter2\n",
        "A: 'hunter2\n",
        "A: [hunter2\n",
        "A: hunter2: x\n",
        "A: !hunter2! hunter2\n",
        "A: *hunter2\n",
        'A: "\\qhunter2"\n',
        "hunter2\n",
        "A: !unset hunter2\n",
        "A: !expand hunter2$\n",
        "A: {x: hunter2}\n",
        "A: !json {a: !x hunter2}\n",
        "A: 'hunter2 '\n",
    ],
)
def test_no_message_holds_a_value(text: str) -> None:
    for problem in read(text)[1]:
        words = (problem.message, problem.label, problem.help, *problem.notes)
        assert not problem.shown
        if "!hunter2" not in text:
            assert not any("hunter2" in each for each in words), problem


# What could hurt.


HOSTILE: tuple[tuple[int, Callable[[int], str]], ...] = (
    (30_000, lambda size: "[" * size),
    (100_000, lambda size: "[" * size),
    (100_000, lambda size: "{" * size),
    (100_000, lambda size: "A: " + "[" * size),
    (60_000, lambda size: "A: !json " + "[" * size + "]" * size),
    (40_000, lambda size: "- " * size),
    (40_000, lambda size: "? " * size),
    (1_000, lambda size: "A:\n" + "".join(" " * depth + "- a:\n" for depth in range(1, size))),
    (60_000, lambda size: "&a " + "[" * size),
    (60_000, lambda size: "A: &" + "[" * size),
    (30_000, lambda size: "{a: " * size),
    (30_000, lambda size: "[? " * size),
    (30_000, lambda size: "!json " * size),
    (100_001, lambda size: "'" * size),
    (30_000, lambda size: "A: !json {" + "a: {" * size),
    (10_000, lambda size: "a: b\n" * size),
    (30_000, lambda size: "A: " + "&a " * size),
    (30_000, lambda size: "A: " + "- " * size),
    (200_000, lambda size: "\t" * size),
    (200_000, lambda size: "%" * size),
    (100_000, lambda size: 'A: "' + "\\x41" * size + '"'),
)


@pytest.mark.parametrize(("size", "text"), HOSTILE, ids=[repr(text(12)[:12]) for _, text in HOSTILE])
def test_a_hostile_file_is_refused_quickly_and_hurts_nothing(size: int, text: Callable[[int], str]) -> None:
    assert_in_proportion(lambda each: read(text(each)), size)


@pytest.mark.parametrize("depth", [65, 100, 1_000, 30_000])
def test_what_is_nested_too_deep_is_an_error(depth: int) -> None:
    assert codes("A: !json " + "[" * depth + "]" * depth) == ["too-deep"]


def test_what_is_nested_sixty_deep_is_taken() -> None:
    assert value("A: !json " + "[" * 60 + "]" * 60) == "[" * 60 + "]" * 60


def test_billions_of_laughs_are_an_anchor() -> None:
    lines = ["A0: &a0 [lol, lol]\n", *(f"A{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))]
    assert codes("".join(lines)) == ["anchor"]


@pytest.mark.parametrize(
    "text",
    [
        "A: a&b\n",
        "A: 'x &y'\n",
        "A: |\n  x &y\n",
        "A: b # &c\n",
        "A: http://x/?a=b&c=d\n",
        "A: a & b\n",
        "A: x &y\n",
        "A: '*x'\n",
        "A: a*b\n",
    ],
)
def test_an_ampersand_or_star_inside_a_value_is_no_anchor(text: str) -> None:
    assert codes(text) == []


def test_an_anchor_that_nobody_uses_is_an_error_wherever_it_stands() -> None:
    for text in (
        "A: [&x a]",
        "A:\n  &x a",
        "A: !json {a: &x b}",
        "{A: &x a}",
        "{A:    &x a}",
        "A: !json [b,&x a]",
        "A: !json {a: b,&x c: d}",
        '{"A":&x a}',
        "A: !json ['a',&x 'b']",
        "---\n&x A: b",
    ):
        assert "anchor" in codes(text), text


# `!expand`, `!file`


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("a", ["a"]),
        ("$$", ["$"]),
        ("$$$$", ["$", "$"]),
        ("$${A}", ["$", "{A}"]),
        ("${A}", ["<A>"]),
        ("a${A}b${A}", ["a", "<A>", "b", "<A>"]),
        ("$$${A}", ["$", "<A>"]),
        ("${A}$$", ["<A>", "$"]),
        ("{A}", None),
        ("'{A}'", ["{A}"]),
        ("${X.bkp}", ["<X.bkp>"]),
        ("'a\\n'", ["a\\n"]),
        ('""', []),
        ("|-\n  a\n  ${A}", ["a\n", "<A>"]),
    ],
)
def test_an_expand_is_literal_text_and_references(written: str, parts: list[str] | None) -> None:
    entries, problems = read(f"A: !expand {written}\n")
    if parts is None:
        assert [each.code for each in problems] == ["nested-value"]
        return
    found = [each if isinstance(each, str) else f"<{each.name}>" for each in entries["A"].parts or ()]
    assert "\0".join(found).replace("\0", "|") == "|".join(parts)


@pytest.mark.parametrize(
    "content", ["", "a", "a\n", "a\r\nb\r\n", "\n\n", "\ufeffa", "a\x07\x85\u2028b", "é\U0001f600", "  a", "A: &b *c\n"]
)
def test_a_file_is_taken_byte_for_byte(content: str) -> None:
    assert value("A: !file ca.pem\n", **{"ca.pem": content.encode()}) == content


@pytest.mark.parametrize(
    ("content", "stripped"),
    [("a\n", "a"), ("a", "a"), ("a\r\n", "a"), ("a\n\n", "a"), ("a\nb\n", "a\nb"), ("\n", ""), ("", "")],
)
def test_a_file_may_leave_out_the_line_ends_at_its_end(content: str, stripped: str) -> None:
    more = {"ca.pem": content.encode()}
    assert value("A: !file {path: ca.pem, strip: true}\n", **more) == stripped
    assert value("A: !file\n  path: ca.pem\n  strip: true\n", **more) == stripped
    assert value("A: !file {path: ca.pem, strip: false}\n", **more) == content
    assert value("A: !file {path: ca.pem}\n", **more) == content


def test_a_blank_before_the_line_end_that_is_left_out_is_an_error() -> None:
    assert codes("A: !file {path: x, strip: true}\n", x=b"a \n") == ["unencodable-value"]


@pytest.mark.parametrize(
    ("text", "is_said"),
    [("A: #hunter2\n", True), ("A: # comment\n", False), ("A:\n#B: b\n", False)],
)
def test_a_value_that_starts_with_a_comments_sign_is_told_from_a_comment(text: str, is_said: bool) -> None:
    (problem,) = read(text)[1]
    assert problem.code == "missing-value"
    assert ("text that starts with `#` needs quotes" in problem.help) == is_said
    assert "hunter2" not in problem.help


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a ", "unencodable-value"),
        (b"a\t", "unencodable-value"),
        (b"a\0b", "unencodable-value"),
        (b"\0", "unencodable-value"),
        (b"\xff", "not-utf8"),
        (b"version https://git-lfs.github.com/spec/v1\n", "lfs-pointer"),
        (b"x" * 131_070, "unencodable-value"),
    ],
    ids=repr,
)
def test_a_file_that_no_variable_can_hold_is_an_error(content: bytes, code: str) -> None:
    assert codes("A: !file x\n", x=content) == [code]


def test_a_file_is_named_from_the_folder_of_the_layer_file() -> None:
    path = "configs/accounts/web/common.yaml"
    files = {
        path: b"A: !file ../certs/a.pem\nB: !file certs/a.pem\n",
        "configs/accounts/certs/a.pem": b"a",
        "configs/accounts/web/certs/a.pem": b"b",
    }
    entries, used, problems = parse(path, Source(files))
    assert problems == ()
    assert [entries["A"].text, entries["B"].text] == ["a", "b"]
    assert used == files.keys() - {path}


def test_a_misspelt_file_name_gets_a_suggestion() -> None:
    (problem,) = read("A: !file certs.pen\n", **{"certs.pem": b""})[1]
    assert "did you mean `certs.pem`" in problem.message


def test_a_sealed_layer_gives_names_without_values() -> None:
    path = "configs/common.sops.yaml"
    entries, _, problems = parse(path, Source({path: b"A: ENC[x]\nB: [ENC]\nsops: {kms: []}\n"}), sealed=True)
    assert problems == ()
    assert {name: (entry.opaque, entry.sealed) for name, entry in entries.items()} == {
        "A": (True, True),
        "B": (True, True),
    }
