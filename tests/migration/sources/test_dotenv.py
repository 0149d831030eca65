"""A `.env` file is read as all its readers read it, or refused with the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.migration.sources.dotenv import read_dotenv
from tests import dotenv_readers as readers
from tests.readers import by_docker_rules

if TYPE_CHECKING:
    from envtree.migration.sources.dotenv import DotenvReader

SECRET = "canary7f3a"
LIBRARIES = (readers.by_python, readers.by_ruby_rules, readers.by_node_rules)
AGREED: tuple[tuple[str, dict[str, str]], ...] = (
    ("A=1", {"A": "1"}),
    ("A=", {"A": ""}),
    ("", {}),
    ("\n \n# A=1\n  # B=2\nA=1\n\n", {"A": "1"}),
    ("A=hello world", {"A": "hello world"}),
    ("A=it's", {"A": "it's"}),
    ("A=a=b==", {"A": "a=b=="}),
    ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ("A=postgres://u:p@h:5/d?x=1&y=2", {"A": "postgres://u:p@h:5/d?x=1&y=2"}),
    ("A=$\nB=a$ b\nC=$$\nD=100%", {"A": "$", "B": "a$ b", "C": "$$", "D": "100%"}),
    ("A=é\U0001f600\nB=NO\nC=0755\nD=null", {"A": "é\U0001f600", "B": "NO", "C": "0755", "D": "null"}),
    ('A={"a": [1]}', {"A": '{"a": [1]}'}),
    ("_a9=x\na=y", {"_a9": "x", "a": "y"}),
    ("A=a\tb", {"A": "a\tb"}),
)
IN_LIBRARIES = (
    ("A='x'", {"A": "x"}),
    ('A="x y"', {"A": "x y"}),
    ("A=''\nB=\"\"", {"A": "", "B": ""}),
    ("A=' x '", {"A": " x "}),
    ("A='#'", {"A": "#"}),
    ('A="a # b" # why', {"A": "a # b"}),
    ("A='x'#why", {"A": "x"}),
    ("A=x # why", {"A": "x"}),
    ("A=x\t# why # and why", {"A": "x"}),
    ("A = x", {"A": "x"}),
    ("  A=x  ", {"A": "x"}),
    ("export A=x\nexport  B='y'", {"A": "x", "B": "y"}),
    ("A='C:\\path\\to'", {"A": "C:\\path\\to"}),
    ("A='$HOME'", {"A": "$HOME"}),
    (
        "A='-----BEGIN X-----\nYQ==\n-----END X-----\n'\nB=1",
        {"A": "-----BEGIN X-----\nYQ==\n-----END X-----\n", "B": "1"},
    ),
    ('A="a\r\nb"\r\nB=1', {"A": "a\nb", "B": "1"}),
    ('A="it\'s"', {"A": "it's"}),
    ("A='say \"x\"'", {"A": 'say "x"'}),
    ("A.b=x", {"A.b": "x"}),
)
REFUSED_BY_ALL = (
    ("A", "no `=`"),
    ("just words", "no `=`"),
    ("A: x", "no `=`"),
    (f"A=${SECRET}", "holds `$` before a name"),
    (f"A=${{{SECRET}}}", "holds `$` before a name"),
    (f"A=$({SECRET})", "holds `$` before a name"),
    (f"A={SECRET}\\n", "holds a backslash"),
    (f"A=#{SECRET}", "holds `#`"),
    (f"A=a#{SECRET}", "holds `#`"),
    (f"A=`{SECRET}`", "quote"),
    (f"A={SECRET}\u00a0", "blank"),
    (f"A={SECRET}\ufeff", "blank"),
    (f"A={SECRET}\x0b", ""),
    (f"A=a\x1b[31m{SECRET}", "holds a control character"),
    (f"A=a\r{SECRET}", "carriage return"),
    (f"A={SECRET}\r", "carriage return"),
    (f"# A\rB={SECRET}", "carriage return"),
    (f"A=1\nA={SECRET}", "`A` is set twice"),
    (f"\ufeffA={SECRET}", "byte order mark"),
    (f"1A={SECRET}", "the name is none"),
    (f"A-B={SECRET}", "the name is none"),
    (f"={SECRET}", "the name is none"),
    (f"A B={SECRET}", "the name is none"),
    (f'A="{SECRET}', "quote"),
    (f"A='{SECRET}' b", "quote"),
    (f'A="{SECRET}\\n"', "quote"),
)
REFUSED_IN_LIBRARIES = (
    (f'A="a\\n{SECRET}"', "holds a backslash"),
    (f'A="{SECRET}\\""', "holds a backslash"),
    (f"A='{SECRET}\\''", "backslash before"),
    (f"A='{SECRET}\\\\'", "backslash before"),
    (f'A="${SECRET}"', "holds `$` before a name"),
    (f"A='${{{SECRET}}}'", "python-dotenv replaces even in single quotes"),
    (f"A='{SECRET}", "never closed"),
    (f"A='{SECRET}'b", "goes on after its closing quote"),
    (f"A=`{SECRET}`", "backtick"),
    (f"A= #{SECRET}", "holds `#` with no blank before it"),
    (f"A={SECRET}#b", "holds `#` with no blank before it"),
    (f"A={SECRET}\u00a0# b", "blank"),
)


@pytest.mark.parametrize(("text", "values"), AGREED)
def test_what_all_readers_agree_on_is_read(text: str, values: dict[str, str]) -> None:
    for reader in ("any", "dotenv", "docker"):
        assert read_dotenv(".env", text, reader) == (values, ())
    for read in (*LIBRARIES, readers.by_foreman_rules):
        assert read(text) == values, read
    assert by_docker_rules(text.encode()) == values


@pytest.mark.parametrize(("text", "values"), IN_LIBRARIES)
def test_what_the_libraries_agree_on_is_read_for_them_alone(text: str, values: dict[str, str]) -> None:
    assert read_dotenv(".env", text, "dotenv") == (values, ())
    for read in LIBRARIES:
        assert read(text) == values, read
    assert read_dotenv(".env", text).problems


@pytest.mark.parametrize(("text", "words"), REFUSED_BY_ALL)
@pytest.mark.parametrize("reader", ["any", "dotenv"])
def test_a_line_that_readers_differ_about_is_refused(text: str, words: str, reader: DotenvReader) -> None:
    refused = read_dotenv("x/.env", text, reader).problems
    if reader == "dotenv" and words in ("quote", "blank"):
        words = ""
    assert [each.code for each in refused] == ["ambiguous-line"]
    assert words in refused[0].message
    assert refused[0].span is not None
    assert refused[0].span.file == "x/.env"
    assert refused[0].span.line == (2 if "\n" in text else 1)
    assert refused[0].help
    assert SECRET not in repr(refused)


@pytest.mark.parametrize(("text", "words"), REFUSED_IN_LIBRARIES)
def test_a_quoted_value_that_the_libraries_differ_about_is_refused(text: str, words: str) -> None:
    refused = read_dotenv(".env", f"B=1\n{text}\n", "dotenv").problems
    assert words in refused[0].message
    assert refused[0].span is not None
    assert refused[0].span.line == 2
    assert SECRET not in repr(refused)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A='x'", {"A": "'x'"}),
        ("A= x ", {"A": " x "}),
        ("A=a#b # c", {"A": "a#b # c"}),
        ("A=$HOME\\n", {"A": "$HOME\\n"}),
        ("  A=x", {"A": "x"}),
        ("\ufeffA=x\r\n", {"A": "x"}),
        ("A.b-c=x", {"A.b-c": "x"}),
    ],
)
def test_for_docker_all_behind_the_first_sign_is_the_value(text: str, values: dict[str, str]) -> None:
    assert read_dotenv(".env", text, "docker") == (values, ())
    assert by_docker_rules(text.removeprefix("\ufeff").encode()) == values


@pytest.mark.parametrize("text", ["A", "export A=x", "A =x", "A=x\nA=x"])
def test_what_docker_refuses_or_takes_from_elsewhere_is_refused(text: str) -> None:
    assert read_dotenv(".env", text, "docker").problems


TRAPS = st.lists(
    st.sampled_from(["A", "b", "=", "'", '"', "`", "\\", "$", "{", "}", "(", ")", "#", " ", "\t", "\n", "\r\n", "\r"])
    | st.sampled_from(["NAME=", "\nB=", "export ", "\u00a0", "\ufeff", "\u2028", "\x85", "\x0b", ":", "1", "é"]),
    max_size=12,
).map("".join)


@given(TRAPS, st.sampled_from(["any", "dotenv", "docker"]))
def test_whatever_is_read_is_what_each_reader_reads(text: str, reader: DotenvReader) -> None:
    found = read_dotenv(".env", text, reader)
    if found.problems:
        return
    if reader != "docker":
        for read in LIBRARIES:
            assert read(text) == found.values, read
    if reader != "dotenv":
        assert by_docker_rules(text.removeprefix("\ufeff").encode()) == found.values
    if reader == "any":
        assert readers.by_foreman_rules(text) == found.values


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True), PLAIN))
def test_what_docker_is_written_comes_back(values: dict[str, str]) -> None:
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    assert read_dotenv(".env", text, "docker") == (values, ())


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True), PLAIN))
def test_a_value_comes_back_whole_or_is_refused(values: dict[str, str]) -> None:
    found = read_dotenv(".env", "".join(f"{name}={value}\n" for name, value in values.items()))
    assert len(found.values) + len(found.problems) == len(values)
    assert found.values.items() <= values.items()
