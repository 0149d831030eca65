"""Values as text: whatever reads them, our parser or PyYAML, gets exactly what was to be written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.layers.parse import parse
from envtree.core.model.source import Source
from envtree.core.yaml.document import MappingNode, compose, tag_of
from envtree.core.yaml.writer import entry_text, layer_text

PATH = "configs/common.yaml"
PEM = "-----BEGIN KEY-----\nMIIE\n\n-----END KEY-----\n"

BARE = (
    "info", "true", "false", "0", "1", "-5", "5432", "123456789012345", "1.2.3", "10.0.0.1", "30s", "5 * * * *",
    "postgres://u:p@h:5432/db?x=y&z=%20#f", "a#b", "it's", 'q"x', r"a\nb", "C:\\path\\", "a,b,c", "--max=3 -x",
    "/usr/bin:/bin", ".example.com", "$HOME", "Hello, world", "blåbær", "a=b", "a -b", "a @b !c &d *e | > % `", "x{}[]",
)  # fmt: skip
SINGLE = (
    "NO", "no", "Yes", "on", "off", "y", "N", "True", "FALSE", "null", "Null", "~", "~/x", "=", "<<", "0755", "0x1F",
    "0o17", "1.10", "1e3", "1_000", "+1", "-0", ".5", ".inf", "-.inf", ".NaN", "12:30:45", "2024-01-01", "1,000",
    "2024-01-01T00:00:00Z", "1234567890123456", "3f9ac2e1-12", "e5", "-E8", "._4", "_",
    "127.0.0.1:80", " a", "a ", " ", "a: b", "a #b", "a:",
    "# a", "!unset", "&a", "*a", "[a]", '{"a": 1}', "|", ">", "? x", "- x", "-", "---", "...", "%TAG", "@a", "`a`",
    '"a"', ":a", ": a", ",a", "🎉", "<b>", "^a$", '"it\'s"', "'\\'",
)  # fmt: skip
DOUBLE = (
    "", "'", "'a'", "it's: a", "\t", "a\tb", "a\t", "\n", "a\n", "a\n\n", "\n\n", "a \nb", "a\n \nb", "a\t\nb",
    "a\r\nb\r\n", "a\rb", "\0", "a\0b", "\x1b[31mred\x1b[0m", "\x7f", "a\x85b", "\xa0", "a\xadb", "a\u200bb",
    "a\u2028b", "a\u2029b", "\ufeffa", "a\ufeff", "\ufffe", "\uffff", "\U0001fffe", "\u202ea", "a\n\ufeffb", "\ufdd0",
)  # fmt: skip
BLOCK = (
    PEM, PEM[:-1], "a\nb", "a\nb\n", " a\nb", "\na", "\n\n  a\nb\n", "\ta\n\tb", "a\n\tb", "a\n  b\nc", "# a\n# b",
    "---\na: b\n...", "a\n\n\n\nb", "- a\n- b\n", "<<<<<<<\n=======\n>>>>>>>", '{\n  "a": 1\n}', "é\n🎉",
)  # fmt: skip
ODD_NAMES = (
    "X.bkp", "no", "Null", "y", "~", "<<", "=", "a: b", "a #b", "#a", "'a'", '"a"', "it's", "a b", " a ", "- a", "?",
    "? a", "-", "!a", "&a", "*a", "[a]", "{a}", "é", "🎉", "1", "0755", "a:", "sops", "", "a\nb", "a\x1bb", "%a", "---",
    "<<<<<<<", "version https", "https://example.com/?a", "\u200ba", "a" * 1024, "é " * 511, "\\",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from((*BARE, *SINGLE, *DOUBLE, *BLOCK)),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.text(st.sampled_from("ab01 \t\n\r:#'\"\\|>-?!&*[]{},%@`~=<.é🎉\x85\u2028\ufeff\x1b"), max_size=12),
    st.lists(st.sampled_from(("", "a", " a", "a ", "\t", "- b", "# c", "k: v", "é")), max_size=6).map("\n".join),
    st.lists(st.sampled_from((*BARE, *SINGLE, *DOUBLE, *BLOCK)), min_size=2, max_size=3).map("".join),
)


def read(name: str, written: str) -> str | None:
    """The value that our own parser reads."""
    entries, _, problems = parse(PATH, Source({PATH: written.encode()}))
    assert {each.code for each in problems} <= {"unencodable-value"}
    assert list(entries) == [name]
    return entries[name].text


def read_elsewhere(written: str) -> object:
    """The value that PyYAML reads, by YAML 1.1: an integer or truth value again as it would be written."""
    (value,) = yaml.safe_load(written).values()
    if value in (True, False) and isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


@pytest.mark.parametrize(
    ("texts_of_it", "start"), [(BARE, None), (SINGLE, "'"), (DOUBLE, '"'), (BLOCK, "|")], ids=("bare", "'", '"', "|")
)
def test_each_text_has_the_plainest_form_in_which_it_is_itself(texts_of_it: tuple[str, ...], start: str | None) -> None:
    for text in texts_of_it:
        written = entry_text("A", text)
        assert written[3] == start if start else written == f"A: {text}\n", repr(text)


@given(texts)
def test_what_is_read_is_what_was_written(text: str) -> None:
    written = entry_text("A", text)
    assert written.endswith("\n")
    assert read("A", written) == read_elsewhere(written) == text


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "x y " * 5_000 + "z", "é'\t" * 5_000, "x" * 900 + "\n" + "y\n" * 10_000]
)
def test_a_long_text_is_itself(text: str) -> None:
    written = entry_text("A", text)
    assert read("A", written) == read_elsewhere(written) == text
    assert written.count("\n") == 1 or text.count("\n")


def test_a_key_reads_as_one() -> None:
    assert entry_text("TLS_KEY", PEM) == "TLS_KEY: |\n  -----BEGIN KEY-----\n  MIIE\n\n  -----END KEY-----\n"
    assert entry_text("TLS_KEY", PEM[:-1]).startswith("TLS_KEY: |-\n")
    assert entry_text("TLS_KEY", f" {PEM}").startswith("TLS_KEY: |2\n   ---")


def test_a_removed_variable_says_so() -> None:
    assert entry_text("A", None) == "A: !unset\n"
    assert read("A", entry_text("A", None)) is None


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("text", ["1", "a\nb", None])
def test_an_odd_name_is_itself(name: str, text: str | None) -> None:
    root, problems = compose(PATH, entry_text(name, text).encode())
    assert isinstance(root, MappingNode)
    ((key, value),) = root.value
    assert (key.value, tag_of(key), problems) == (name, None, ())
    assert tag_of(value) == "!unset" if text is None else value.value == text


@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_whatever_the_name_it_is_read_by_others_too(name: str) -> None:
    assert yaml.safe_load(entry_text(name, "x")) == {name: "x"}


@pytest.mark.parametrize(("name", "text"), [("A", "\ud800"), ("\ud800", "a"), ("x" * 1025, "a"), ("\x01" * 256, "a")])
def test_what_no_yaml_can_say_is_refused_without_a_word_of_it(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^(a lone surrogate is no text|a name has at most 1024 characters)$"):
        entry_text(name, text)


def test_a_layer_has_its_head_then_each_entry_below_its_note() -> None:
    written = layer_text({"A": "1", "K": "a\nb", "Z": None}, head="# top", notes={"K": "a\nkey\x1b[0m", "Z": "gone"})
    assert written == "# top\nA: 1\n# a\\nkey\\x1b[0m\nK: |-\n  a\n  b\n# gone\nZ: !unset\n"
    assert layer_text({}) == ""


@given(st.dictionaries(st.sampled_from((*"ABCDEFG", *ODD_NAMES)), st.none() | texts, max_size=5), texts)
def test_a_layer_holds_all_of_its_entries(entries: dict[str, str | None], note: str) -> None:
    written = layer_text(entries, notes=dict.fromkeys(entries, note))
    root, problems = compose(PATH, written.encode())
    pairs = root.value if isinstance(root, MappingNode) else ()
    assert not problems
    assert {key.value: None if tag_of(value) else value.value for key, value in pairs} == entries


def test_a_head_that_is_no_comment_is_refused() -> None:
    with pytest.raises(ValueError, match="stand in one file"):
        layer_text({"A": "1"}, head="B: 2")
