"""Which commands are sure to be valid, and what the shell says of the others; it runs none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envtree.adapters.process.shell_syntax import syntax_faults
from envtree.core.runit.shell import is_surely_valid

if TYPE_CHECKING:
    from pathlib import Path

PIECES = (
    "a",
    "$X",
    "${X:-y}",
    "'b c'",
    '"d $X"',
    "\\'",
    " ",
    "\n",
    "|",
    "&",
    ";",
    "(",
    ")",
    ">",
    "<",
    "'",
    '"',
    "`",
    "#",
    "if",
    "}",
)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        *(("if true; then", 1), ("a | | b", 1), ("x '", 1), ("foo >", 1), ("a\nb )\nc", 2), ("exit 0\n)", 2)),
        *(("f() { x; ", 1), ("case x in", 1), ("a & ; b", 1), ("\n\n)", 3), ("$(a", 1), ("`a", 1)),
    ],
)
def test_what_no_shell_can_parse_is_found_with_its_line(command: str, line: int) -> None:
    assert not is_surely_valid(command)
    faults = syntax_faults(("echo '", command, "a | b"))
    assert set(faults) == {"echo '", command}
    assert faults[command].line == line
    assert faults[command].reason


def test_one_unclosed_quote_does_not_close_another() -> None:
    assert set(syntax_faults(("echo 'a", "b' c", 'x "', '" y'))) == {"echo 'a", "b' c", 'x "', '" y'}


def test_nothing_of_a_command_is_run(tmp_path: Path) -> None:
    touch = f"touch {tmp_path}/evil"
    forms = ("{}", "$({})", "`{}`", "{}; )", ")\n{}", "'; {}; '", "set +n\n{}", "trap '{}' EXIT; x '", "}}; {}")
    syntax_faults(tuple(form.format(touch) for form in forms))
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=20)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=20, max_size=40, unique=True))
def test_what_is_surely_valid_is_so_by_the_shell_too(commands: list[str]) -> None:
    sure = tuple(filter(is_surely_valid, commands))
    assert syntax_faults(sure) == {}


@pytest.mark.parametrize(
    "command", ["serve", "serve --port $PORT", "bin/x 'a b' \"$A\"", "bundle exec puma -p ${PORT:-80}"]
)
def test_a_program_and_its_words_ask_no_shell(command: str) -> None:
    assert is_surely_valid(command)


@pytest.mark.parametrize("command", ["if", "a > b", "a | b", "X=1 a", "{ a; }", "! a", "a # b", "", "exec a"])
def test_anything_more_is_asked(command: str) -> None:
    assert not is_surely_valid(command)
