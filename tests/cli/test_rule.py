"""`envtree rule`: the page of each diagnostic."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, get_args

import pytest

from envtree.commands.rule import rules
from envtree.core.model.diagnostic import Code
from envtree.core.render.rules import RulePage, page_text, read_rules
from tests.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

CODES: tuple[str, ...] = get_args(Code)
PAGES = rules()


@pytest.mark.parametrize("code", CODES)
def test_a_page_says_what_is_wrong_shows_an_example_and_says_how_to_mend_it(code: str) -> None:
    page = PAGES[code]
    what, how = re.split(r"^```console\n(?:.*\n)*?```$", page.markdown, maxsplit=1, flags=re.MULTILINE)
    assert what.strip().endswith((".", ":", "?")), code
    assert how.strip(), code
    assert page.summary
    assert "\n" not in page.summary
    assert "](" not in page.markdown, f"a link of {code}"


def test_each_code_has_a_page() -> None:
    assert tuple(PAGES) == CODES


@pytest.mark.parametrize("words", [["port-clash"], ["error[port-clash]"], ["warning[port-clash]:"], ["`Port-Clash`"]])
def test_a_page_is_shown_by_its_code_as_a_message_has_it(words: list[str], tmp_path: Path) -> None:
    done = run(tmp_path, "rule", *words)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"port-clash\n\n{PAGES['port-clash'].summary}")
    assert "\n    error[port-clash]: " in done.stdout


def test_without_a_code_each_has_a_line(tmp_path: Path) -> None:
    done = run(tmp_path, "rule")
    assert done.code == 0
    assert re.findall(r"^  (\S+)  +\S", done.stdout, re.MULTILINE) == list(CODES)
    assert [line for line in done.stdout.splitlines() if line[:1].strip()] == list(
        dict.fromkeys(each.group for each in PAGES.values())
    )


def test_a_line_of_the_list_fits_a_terminal(tmp_path: Path) -> None:
    assert max(map(len, run(tmp_path, "rule", terminal=True).stdout.splitlines())) <= 80


def test_json_has_one_page_or_all(tmp_path: Path) -> None:
    every = json.loads(run(tmp_path, "rule", "--format", "json").stdout)["rules"]
    assert [each["code"] for each in every] == list(CODES)
    assert json.loads(run(tmp_path, "rule", CODES[0], "--format", "json").stdout) == every[0]


@pytest.mark.parametrize(
    ("asked", "meant"), [("invalid-vlaue", "invalid-value"), ("unknown_variable", "unknown-variable")]
)
def test_what_is_no_code_is_an_error_with_the_one_that_is_meant(asked: str, meant: str, tmp_path: Path) -> None:
    done = run(tmp_path, "rule", asked)
    assert (done.code, done.stdout) == (2, "")
    assert f"did you mean `{meant}`?" in done.stderr


def test_text_is_filled_and_examples_and_tables_are_not() -> None:
    table = "| a | b |\n|---|---|"
    page = f"Words {'and more ' * 30}[linked](a.md#b).\n\n- one\n  goes on\n- two\n\n```\na  b\n\nc\n```\n\n{table}"
    (found,) = read_rules(f"# D\n\n## Group\n\n### `a-code`\n\n{page}\n").values()
    assert found == RulePage("a-code", "Group", page.replace("[linked](a.md#b)", "linked"))
    text = page_text(found, 40)
    assert max(map(len, text.splitlines())) <= 40
    assert "linked.\n\n- one goes on\n- two\n\n    a  b\n\n    c\n\n| a | b |\n|---|---|\n" in text
