"""Sealed files as they are written: what changes in one that exists, and what can't be sealed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from envtree.core.sealed.keys import WrappedKey
from envtree.core.sealed.rule import EncryptionRule, is_understood
from envtree.core.sealed.writing import EMPTY, NOT_TEXT, RESERVED, REWRITTEN, TOO_LONG, Sealer, seal_values, set_values
from envtree.core.yaml.splice import CannotUpdate
from envtree.core.yaml.update import BRACES
from tests.effort import assert_in_proportion
from tests.sealed_files import DATA_KEY, NOW, RECIPIENT, SEALER, VALUES, opened, read, sealed_text, sops_opens, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = sealed_text()
LEFT_CLEAR = "the file's own rule, `unencrypted_suffix: _unencrypted`, leaves it in clear"
LATER = replace(SEALER, now=NOW + timedelta(hours=1))
KMS = WrappedKey(
    "kms", "arn:aws:kms:eu-west-1:1:key/k", "AQIC", "arn:aws:iam::1:role/r", (("environment", "E 1"), ("yes", "no")),
    created="2026-01-31T12:00:00Z",
)  # fmt: skip


def put(text: str | bytes, **changes: str | None) -> bytes:
    """The file with these changes."""
    data = text.encode() if isinstance(text, str) else text
    changed, problems = set_values(read(data), data, changes, LATER)
    assert changed is not None, problems
    return changed


def difference(before: bytes, after: bytes) -> tuple[list[str], list[str]]:
    """The names of the lines that are gone, and of those that are new."""
    old, new = (text.decode().splitlines(keepends=True) for text in (before, after))
    gone, added = [each for each in old if each not in new], [each for each in new if each not in old]
    return [line.split(":")[0].strip() for line in gone], [line.split(":")[0].strip() for line in added]


def test_three_lines_change_for_a_value_and_one_more_for_a_name() -> None:
    before = TEXT.encode()
    stamps = ["lastmodified", "mac"]
    assert difference(before, put(before, API_KEY="new")) == (["API_KEY", *stamps], ["API_KEY", *stamps])
    assert difference(before, put(before, ADDED="new")) == (stamps, ["ADDED", *stamps])
    assert difference(before, put(before, TOKEN=None)) == (["TOKEN", *stamps], stamps)
    assert put(before, API_KEY=VALUES["API_KEY"]) == before
    assert put(before, MISSING=None) == before


def test_the_order_is_kept_and_what_is_new_comes_last() -> None:
    changed = put(TEXT, ZZZ="z", PEM=None, AAA="a", API_KEY="new")
    assert list(opened(changed).items()) == [
        ("API_KEY", "new"), ("TOKEN", "t0ken"), ("ZZZ", "z"), ("AAA", "a"),
    ]  # fmt: skip


def test_no_random_bytes_are_used_twice() -> None:
    drawn: list[bytes] = []

    def random(size: int) -> bytes:
        drawn.append(len(drawn).to_bytes(size, "big"))
        return drawn[-1]

    sealer = Sealer(DATA_KEY, NOW, random)
    text = seal_values(VALUES, [wrapped()], sealer)
    assert len(drawn) == len(VALUES) + 1
    changed, _ = set_values(read(text), text.encode(), {"API_KEY": "new", "B": "b"}, sealer)
    assert changed is not None
    ivs = re.findall(r",iv:([^,]+),", text + changed.decode())
    assert len(set(ivs)) == len(drawn) == len(VALUES) + 1 + 3


def test_a_value_set_to_what_it_was_and_back_never_has_the_same_ciphertext() -> None:
    twice = put(put(TEXT, API_KEY="new"), API_KEY=VALUES["API_KEY"])
    assert opened(twice) == VALUES
    assert difference(TEXT.encode(), twice)[0][0] == "API_KEY"


@pytest.mark.parametrize(
    "layout",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.removesuffix("\n"),
        lambda text: "# above\n\n" + text.replace("\nTOKEN", "  # beside\n# between\nTOKEN"),
        lambda text: re.sub(r"^([A-Z_]+): (.*)$", r"'\1':   " + r'"\2"', text, flags=re.MULTILINE),
        lambda text: re.sub(r"mac: (.*)$", r"mac: '\1'", text, flags=re.MULTILINE),
        lambda text: re.sub(r"^([A-Z_]+): (.*)$", r"\1:\n    \2", text, flags=re.MULTILINE),
        lambda text: re.sub(r"^([A-Z_]+): (.*)$", r"? \1" + "\n" + r": \2", text, flags=re.MULTILINE),
        lambda text: re.sub("^", "  ", text, flags=re.MULTILINE).removesuffix("  "),
        lambda text: text[text.index("sops:") :] + text[: text.index("sops:")],
        lambda text: text[text.index("sops:") :] + text[: text.index("sops:")].removesuffix("\n"),
        lambda text: "---\n" + text + "...\n",
        lambda text: text.replace('"2026', "2026").replace('Z"', "Z  # beside"),
    ],
)
def test_a_file_keeps_its_layout(layout: Callable[[str], str], tmp_path: Path) -> None:
    before = layout(TEXT).encode()
    after = put(before, API_KEY="new", ADDED="a\nb", PEM=None)
    wanted = {"API_KEY": "new", "TOKEN": "t0ken", "ADDED": "a\nb"}
    assert opened(after) == wanted
    if not before.startswith(b"\xef\xbb\xbf"):
        assert sops_opens(after, tmp_path) == wanted
    hidden = re.compile(rb"ENC\[[^]]*\]|2026-01-31T\d\d:00:00Z")
    old, new = (set(hidden.sub(b"", data).splitlines()) for data in (before, after))
    assert {line for line in old - new if b"PEM" not in line} == set()
    assert {line for line in new - old if b"ADDED" not in line} == set()


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"A": ""}, "A", EMPTY),
        ({"A": "\ud800"}, "A", NOT_TEXT),
        ({"\udc80": "x"}, "\udc80", NOT_TEXT),
        ({"sops": "x"}, "sops", RESERVED),
        ({"sops": ""}, "sops", RESERVED),
        ({"A" * 1025: "x"}, "A" * 1025, TOO_LONG),
        ({"A_unencrypted": "x"}, "A_unencrypted", LEFT_CLEAR),
    ],
)  # fmt: skip
def test_what_sops_does_not_seal_is_refused(changes: dict[str, str], name: str, reason: str) -> None:
    with pytest.raises(CannotUpdate) as new:
        sealed_text(changes)
    with pytest.raises(CannotUpdate) as old:
        put(TEXT, **changes)
    assert {(each.value.name, each.value.reason) for each in (new, old)} == {(name, reason)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (re.sub(r"^API_KEY: (.*)$", r"API_KEY: |-\n  \1", TEXT, flags=re.MULTILINE), REWRITTEN),
        (re.sub(r"^API_KEY: ENC", 'API_KEY: "\\\\x45NC', TEXT).replace("]\nPEM", ']"\nPEM'), REWRITTEN),
        (re.sub(r"    mac: (.*)$", r"    mac: >-\n      \1", TEXT, flags=re.MULTILINE), REWRITTEN),
    ],
)
def test_what_is_written_in_an_unusual_way_is_left_to_sops(text: str, reason: str) -> None:
    assert opened(text) == VALUES
    with pytest.raises(CannotUpdate) as caught:
        put(text, API_KEY="new")
    assert caught.value.reason == reason


def test_a_file_between_braces_is_read_and_left_to_sops() -> None:
    stamps = re.findall(r"^    ((?:last|mac|unenc|version).*)$", TEXT, re.MULTILINE)
    values = [f"{line.partition(': ')[0]}: '{line.partition(': ')[2]}'" for line in TEXT.splitlines()[:3]]
    quoted = [re.sub(r"mac: (.*)", r"mac: '\1'", each) for each in stamps]
    text = f"{{{', '.join(values)}, sops: {{age: [{{recipient: a, enc: b}}], {', '.join(quoted)}}}}}\n"
    with pytest.raises(CannotUpdate) as caught:
        put(text, API_KEY="new")
    assert caught.value.reason == BRACES


def test_the_time_is_written_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    text = sealed_text(VALUES, replace(SEALER, now=NOW.astimezone(zone)))
    assert '    lastmodified: "2026-01-31T12:00:00Z"\n' in text


def test_recipients_of_both_kinds_are_written_as_sops_reads_them(tmp_path: Path) -> None:
    text = seal_values(VALUES, [wrapped(), KMS, wrapped()], SEALER)
    assert sops_opens(text, tmp_path) == VALUES
    keys = read(text).keys
    assert [each.recipient for each in keys] == [RECIPIENT, RECIPIENT, KMS.recipient]
    assert (keys[2].role, keys[2].context, keys[2].created) == (KMS.role, KMS.context, KMS.created)


@pytest.mark.parametrize("name", ["ssh-ed25519 AAAA me: at home #1", "ssh-ed25519 AAAA", "#", "a: b", "- a", "'", '"'])
def test_a_recipient_is_written_so_that_it_is_read_as_it_is(name: str) -> None:
    text = seal_values(VALUES, [replace(wrapped(), recipient=name)], SEALER)
    assert [each.recipient for each in read(text).keys] == [name]


def test_recipients_of_another_kind_are_left_to_sops() -> None:
    with pytest.raises(ValueError, match="another kind"):
        seal_values(VALUES, [WrappedKey("pgp", "ABCDEF", "x")], SEALER)


@pytest.mark.parametrize(
    ("pattern", "understood"),
    [
        ("^(A|B)$", True), ("(?i)^x", True), (r"\d+\.[A-Z]{2,}?$", True), ("(?:a|b)*", True), ("[^_]", True),
        ("", True), ("(?P<n>x)", True), (r"\z", True), (r"\x41", True), ("[[:alpha:]]", True), ("x(?i)y", True),
        ("(?=x)", False), ("(?!x)", False), ("(?<=x)", False), (r"(x)\1", False), (r"\Z", False), (r"\pL", False),
        ("a" + "+" * 2, False), ("(", False), ("*", False), ("a" * 1025, False),
    ],
)  # fmt: skip
def test_a_rule_is_taken_if_its_regular_expression_is_understood(pattern: str, understood: bool) -> None:
    assert is_understood(pattern) == understood


def test_a_rule_that_would_take_others_for_ever_takes_calls_in_proportion() -> None:
    rule = EncryptionRule("encrypted_regex", "^(A+)+$")
    assert_in_proportion(lambda size: rule.encrypts("A" * size + "!"), 200)
