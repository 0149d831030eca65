"""The real sops reads what is written here, and what it writes is read here: the same names, values and order."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envtree.core.sealed.rule import EncryptionRule
from envtree.core.sealed.writing import Sealer, set_values
from tests.core.yaml.test_writer import ODD_NAMES
from tests.sealed_files import (
    NOW,
    SEALER,
    data_key_of,
    opened,
    read,
    sealed_text,
    sops,
    sops_opens,
    sops_seals,
    verdict,
)

if TYPE_CHECKING:
    from envtree.core.sealed.rule import RuleKind

TEXTS = (
    "x", " ", "\n", "\t", "a\nb", "a\nb\n", "a\n\n", "\r\n", "a\0b", "'", '"', "'\"", "\\", "it's: a # b", "~", "null",
    "true", "012", "1.10", "é", "ß\u0301", "🎉", "\ufeff", "\x85", "\u2028", "\x7f", "ENC[AES256_GCM,data:", "{{ x }}",
    "x" * 100_000, "é\n" * 40_000,
)  # fmt: skip
NAMES = ("A", "yes", "NO", "null", "n", "X.bkp", "a b", "é", "1", "0x1F", "a:b", "a: b", "#a", "'", '"', "-", "?", "🎉")

MERGE_KEY = "<<"
"""The name before which sops writes a tag, and which no variable can have."""


@st.composite
def files(draw: st.DrawFn) -> dict[str, str]:
    """Names and values of a sealed file, none of them empty, some of them odd."""
    plain = st.from_regex("[A-Z_][A-Z0-9_]{0,20}", fullmatch=True)
    letters = st.characters(exclude_categories=["Cs"])
    odd = st.sampled_from((*NAMES, *ODD_NAMES)) | st.text(letters, min_size=1, max_size=20)
    names = (plain | plain | odd).filter(lambda name: name != "sops" and not name.endswith("_unencrypted"))
    values = st.sampled_from(TEXTS) | st.text(letters, min_size=1, max_size=60)
    return draw(st.dictionaries(names, values, max_size=30))


def both_ways(values: dict[str, str], seed: int) -> None:
    """One file of ours for sops, then changed in place; one file of sops for us, changed in place, and back."""
    random = Random(seed)
    sealer = Sealer(random.randbytes(32), NOW, random.randbytes)
    changes = {name: random.choice((None, "new", text + "!")) for name, text in values.items() if random.random() < 0.3}
    wanted: dict[str, str | None] = {**values, **changes, "ADDED": "a\nb"}
    after = {name: text for name, text in wanted.items() if text is not None}
    with tempfile.TemporaryDirectory() as folder:
        ours = sealed_text(values, sealer)
        assert list(opened(ours).items()) == list(values.items())
        changed, problems = set_values(read(ours), ours.encode(), {**changes, "ADDED": "a\nb"}, sealer)
        assert changed is not None, problems
        assert list(sops_opens(changed, Path(folder)).items()) == list(after.items())
        values = {name: text for name, text in values.items() if name != MERGE_KEY} or {"A": "x"}
        theirs = sops_seals(values, Path(folder), mac_only_encrypted=random.random() < 0.5)
        assert list(opened(theirs).items()) == list(values.items())
        again = Sealer(data_key_of(read(theirs)), NOW, random.randbytes)
        changed, problems = set_values(read(theirs), theirs.encode(), {"ADDED": "a\nb"}, again)
        assert changed is not None, problems
        assert sops_opens(changed, Path(folder)) == {**values, "ADDED": "a\nb"}


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(files(), st.integers(0, 2**32))
def test_sops_and_envtree_read_what_the_other_wrote(values: dict[str, str], seed: int) -> None:
    both_ways(values, seed)


@pytest.mark.soak
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(files(), st.integers(0, 2**32))
def test_sops_and_envtree_read_a_thousand_files_of_the_other(values: dict[str, str], seed: int) -> None:
    both_ways(values, seed)


def test_every_odd_name_and_every_odd_value_goes_both_ways() -> None:
    values = {f"VALUE_{number}": text for number, text in enumerate(TEXTS)}
    both_ways({**values, **dict.fromkeys(NAMES, "x"), **dict.fromkeys(set(ODD_NAMES) - {"sops"}, "y")}, 1)


RULED = (
    "A",
    "B",
    "DB_URL",
    "db_url",
    "LOG_plain",
    "API_secret",
    "ABBA",
    "A.B",
    "a-b",
    "KEY1",
    "KEY22",
    "x_unencrypted",
)


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("unencrypted_suffix", "_plain"),
        ("encrypted_suffix", "_secret"),
        ("encrypted_regex", "^(A|B)$"),
        ("encrypted_regex", "(?i)^db_"),
        ("encrypted_regex", r"^KEY\d{2}$"),
        ("encrypted_regex", r"A\.B|[^A-Z_0-9]"),
        ("unencrypted_regex", "^A"),
        ("unencrypted_regex", r"^(?:\w+)_(?:URL|plain)$"),
        ("unencrypted_regex", "B+?A*"),
        ("unencrypted_regex", ""),
    ],
)
def test_a_rule_covers_the_names_that_it_covers_for_sops(kind: RuleKind, pattern: str, tmp_path: Path) -> None:
    text = sops_seals(dict.fromkeys(RULED, "word"), tmp_path, **{kind: pattern})
    rule = EncryptionRule(kind, pattern) if pattern else EncryptionRule()
    by_name = dict(line.split(": ", 1) for line in text.partition("sops:")[0].splitlines())
    assert {name for name in RULED if rule.encrypts(name)} == {
        name.strip('"') for name, value in by_name.items() if value.startswith("ENC[")
    }
    assert opened(text) == dict.fromkeys(RULED, "word")


CLEAR = {"A": "info", "B": "true", "C": "a: b", "D": "12", "E": "a\nb\n", "F": "1.2.3", "G": "on", "S_secret": "x"}


def test_a_file_with_values_in_clear_is_read_and_changed_as_its_rule_says(tmp_path: Path) -> None:
    text = sops_seals({**CLEAR, "H": True, "I": 5432, "J": False}, tmp_path, encrypted_suffix="_secret")
    wanted = {**CLEAR, "H": "true", "I": "5432", "J": "false"}
    assert opened(text) == wanted
    sealer = replace(SEALER, data_key=data_key_of(read(text)))
    changed, problems = set_values(read(text), text.encode(), {"S_secret": "y"}, sealer)
    assert changed is not None, problems
    assert opened(changed) == {**wanted, "S_secret": "y"}
    assert sops_opens(changed, tmp_path) == {**wanted, "S_secret": "y", "H": True, "I": 5432, "J": False}


@pytest.mark.parametrize("value", [1.5, 10**16, -0.5])
def test_a_number_in_clear_that_readers_write_in_several_ways_is_refused(value: float, tmp_path: Path) -> None:
    text = sops_seals({"A": value, "B_secret": "x"}, tmp_path, encrypted_suffix="_secret")
    _, problems = verdict(text)
    assert [each.code for each in problems] == ["clear-value"]


@pytest.mark.parametrize("value", [1, 1.5, True, {"B": "x"}, ["x"], "", None])
def test_what_sops_seals_or_leaves_and_is_no_text_is_refused(value: object, tmp_path: Path) -> None:
    _, problems = verdict(sops_seals({"A": value, "B": "x"}, tmp_path))
    assert {each.code for each in problems} <= {"invalid-ciphertext", "clear-value"}
    assert problems


def test_a_file_goes_on_living_with_sops(tmp_path: Path) -> None:
    """Written here, then set, unset and rotated by sops, each time read here; and set here again."""
    file = tmp_path / "x.sops.yaml"
    file.write_text(sealed_text({"A": "one", "B": "two"}))
    steps: list[tuple[tuple[str, ...], str | None, dict[str, str]]] = [
        (("set", "--value-stdin", str(file), '["C"]'), '"three"', {"A": "one", "B": "two", "C": "three"}),
        (("unset", str(file), '["A"]'), None, {"B": "two", "C": "three"}),
        (("rotate", "-i", str(file)), None, {"B": "two", "C": "three"}),
    ]
    for arguments, stdin, wanted in steps:
        done = sops(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        assert opened(file.read_bytes()) == wanted
    text = file.read_bytes()
    sealer = replace(SEALER, data_key=data_key_of(read(text)))
    changed, _ = set_values(read(text), text, {"B": None, "D": "four"}, sealer)
    assert changed is not None
    assert sops_opens(changed, tmp_path) == {"C": "three", "D": "four"}


def test_a_file_without_values_is_one_for_both(tmp_path: Path) -> None:
    text = sealed_text({})
    assert opened(text) == {}
    assert sops_opens(text, tmp_path) == {}
    changed, _ = set_values(read(text), text.encode(), {"A": "x"}, SEALER)
    assert changed is not None
    assert sops_opens(changed, tmp_path) == {"A": "x"}
    emptied, _ = set_values(read(changed), changed, {"A": None}, SEALER)
    assert emptied is not None
    assert sops_opens(emptied, tmp_path) == {}
