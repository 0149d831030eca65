"""A resolution as readers see it, read back by those readers."""

from __future__ import annotations

import io
import json
import subprocess

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.export.variables import Variable, as_dotenv, as_json, as_shell, as_table
from envtree.core.model.tree import Entry, Target

HARD = [
    "",
    "a",
    " a",
    "a b",
    "a'b",
    'a"b',
    "a'b\"c",
    "$HOME",
    "it's ${HOME}",
    "a\\",
    "a\\nb",
    "it's \\n",
    "a\nb",
    "it's\na",
    "a#b",
    "a #b",
    "'",
    "\\'",
    "`ls`",
    "é\U0001f600",
    "a=b",
    "!x",
    "a\tb",
    "\n",
    "a\n",
]


def variable(name: str, value: str | None, *, hidden: bool = False) -> Variable:
    return Variable(name, value, Entry(name, value, "configs/common.yaml", 1, 4, 1, 1, 1), hidden)


@pytest.mark.parametrize("value", HARD)
def test_a_dotenv_reader_gets_the_value(value: str) -> None:
    read = dotenv_values(stream=io.StringIO(as_dotenv([variable("A", value), variable("B", "b")])), interpolate=False)
    assert read == {"A": value, "B": "b"}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_shell_gets_the_value(value: str) -> None:
    script = as_shell([variable("A", value)]) + 'printf %s "$A"\n'
    done = subprocess.run(["/bin/sh"], input=script.encode(), env={"HOME": "/nowhere"}, capture_output=True, check=True)
    assert done.stdout.decode() == value


def test_a_hidden_value_is_in_no_format() -> None:
    secret = [variable("A", "hunter2", hidden=True)]
    target = Target("production", "accounts", "web")
    for text in (as_table(secret, 80), as_json(target, secret), as_dotenv(secret), as_shell(secret)):
        assert "A" in text
        assert "hunter2" not in text
    assert dotenv_values(stream=io.StringIO(as_dotenv(secret))) == {}


def test_a_removed_variable_is_said_to_be() -> None:
    gone = [variable("A", None)]
    assert as_shell(gone) == "unset A\n"
    assert "A is unset" in as_dotenv(gone)
    assert json.loads(as_json(Target("production", "accounts", "web"), gone))["variables"]["A"]["unset"] is True


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(20, 100) | st.none())
def test_a_table_has_one_line_a_variable(value: str, width: int | None) -> None:
    assert as_table([variable("A", value)], width).count("\n") == 2


@pytest.mark.parametrize(
    ("name", "dotenv", "shell"), [("X.bkp", True, False), ("a b", False, False), ("UID", True, False)]
)
def test_a_name_that_a_reader_does_not_take_is_a_comment(name: str, dotenv: bool, shell: bool) -> None:
    rows = [variable("A", "a"), variable(name, "s3cr3t")]
    assert dotenv_values(stream=io.StringIO(as_dotenv(rows))) == {"A": "a"} | ({name: "s3cr3t"} if dotenv else {})
    assert as_shell(rows).splitlines()[1].startswith("#") != shell
    assert ("s3cr3t" in as_dotenv(rows)) == dotenv
