"""A comparison as people and programs read it, to the letter."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from envtree.core.model.commit import Commit
from envtree.review.diff.json import as_json
from envtree.review.diff.markdown import EDITS, LISTED, LISTS, TABLE, as_markdown
from envtree.review.diff.text import WIDEST, DiffReport, as_names, as_stat, as_text, summary
from tests.builders import Files
from tests.comparisons import KEY, SCHEMA, SERVICE, a_tree, across, against, compared, told

WEB = "production/accounts/web"
ALL = f"{WEB}, production/accounts/worker, staging/accounts/web, staging/accounts/worker"
FINGERPRINT = re.compile(r"#[0-9a-f]{6}\b")
LINE = 'B: !expand "${A}"\n'
CASES: dict[str, tuple[Files, Files, str, str]] = {
    "nothing": (a_tree(common="A: 1\n"), a_tree(common="A: 1\n"), "", "no difference in 4 processes"),
    "one line for all": (
        a_tree(common="A: 1\n"),
        a_tree(common="A: 2\n"),
        f"""\
~ A  1 -> 2
    configs/common.yaml:1:4
    changes 4 processes: {ALL}
""",
        "different: 1 variable in 4 of 4 processes",
    ),
    "shadowed, and through others": (
        a_tree(common=f"A: 1\n{LINE}", production="A: 9\n"),
        a_tree(common=f"A: 2\n{LINE}", production="A: 9\n"),
        """\
~ A  1 -> 2
    configs/common.yaml:1:4
    changes 2 processes (shadowed in 2): staging/accounts/web, staging/accounts/worker
~ B  1 -> 2
    configs/common.yaml:2:4 through `A`
    changes 2 processes: staging/accounts/web, staging/accounts/worker
""",
        "different: 2 variables in 2 of 4 processes",
    ),
    "several values": (
        a_tree(accounts_web_common="A: x\n", staging="A: 1\n"),
        a_tree(staging="A: 1\n"),
        """\
~ A
    configs/accounts/web/common.yaml:1:4 removed
    x -> (not set)  for production/accounts/web
    x -> 1  for staging/accounts/web
    changes 2 processes
""",
        "different: 1 variable in 2 of 4 processes",
    ),
    "added and removed": (
        a_tree(accounts_web_production='A: ""\n'),
        a_tree(accounts_web_production="C: a b\n"),
        """\
- A  ""
    configs/accounts/web/production.yaml:1:4 removed
    gone from 1 process: production/accounts/web
+ C  a b
    configs/accounts/web/production.yaml:1:4
    new to 1 process: production/accounts/web
""",
        "different: 2 variables in 1 of 4 processes",
    ),
    "hidden": (
        a_tree(accounts_web_production="PASSWORD: hunter2\nX: a\n"),
        a_tree(accounts_web_production='PASSWORD: "hunter2\\n"\n'),
        """\
~ PASSWORD  [hidden #......] -> [hidden #......] (differs in a final newline)
    configs/accounts/web/production.yaml:1:11
    changes 1 process: production/accounts/web
- X  [hidden #......]
    configs/accounts/web/production.yaml:2:4 removed
    gone from 1 process: production/accounts/web

! 1 process becomes valid: production/accounts/web
""",
        "different: 2 variables in 1 of 4 processes",
    ),
    "slight differences that are shown": (
        a_tree(production='A: one\nB: two\nC: three\nPEM: "four"\n'),
        a_tree(production='A: "one\\n"\nB: Two\nC: "three\\u00a0"\nPEM: "\'four\'"\n'),
        """\
~ A  one -> one\\n (differs in a final newline)
    configs/production.yaml:1:4
    changes 2 processes: production/accounts/web, production/accounts/worker
~ B  two -> Two
    configs/production.yaml:2:4
    changes 2 processes: production/accounts/web, production/accounts/worker
~ C  three -> three\\xa0 (differs in whitespace at the end)
    configs/production.yaml:3:4
    changes 2 processes: production/accounts/web, production/accounts/worker
~ PEM  four -> 'four'
    configs/production.yaml:4:6
    changes 2 processes: production/accounts/web, production/accounts/worker
""",
        "different: 4 variables in 2 of 4 processes",
    ),
    "a password in an address": (
        a_tree(production="URL: https://u:hunter2@e.com/\n"),
        a_tree(production="URL: https://u:Hunter2@e.com/\n"),
        """\
~ URL  https://u:[hidden]@e.com/ -> https://u:[hidden]@e.com/ (differs in letter case)
    configs/production.yaml:1:6
    changes 2 processes: production/accounts/web, production/accounts/worker
""",
        "different: 1 variable in 2 of 4 processes",
    ),
    "targets that come and go": (
        a_tree(common="A: 1\nB: 2\n"),
        a_tree(common="A: 1\nB: 2\n") | {"configs/accounts/service.yaml": SERVICE.replace("worker", "jobs")},
        """\
+ production/accounts/jobs  2 variables
+ staging/accounts/jobs  2 variables
- production/accounts/worker  2 variables
- staging/accounts/worker  2 variables
""",
        "different: 2 processes new, 2 processes gone",
    ),
    "edits without effect": (
        a_tree(common="A: 1\n", production="A: 2\n", staging="A: 2\nC: 1\n", accounts_web_common="B: 1\n"),
        a_tree(
            common="A: 2\nB: 1\n", production="A: 2\nURL: !unset\n", staging="A: 2\nC: 1\n", accounts_common="B: 1\n"
        ),
        """\
+ B  1
    configs/accounts/common.yaml:1:4
    new to 2 processes: production/accounts/worker, staging/accounts/worker

  B at configs/accounts/web/common.yaml:1 (removed) changes nothing: the value stays the same in 2 processes
  A at configs/common.yaml:1 changes nothing: shadowed in 4 processes
  URL at configs/production.yaml:2 changes nothing: the value stays the same in 2 processes
""",
        "different: 1 variable in 2 of 4 processes",
    ),
    "invalid now": (
        a_tree(common="A: 1\nX: 1\n"),
        a_tree(common="A: 1\n", production="X: 1\n"),
        """\
- X  [hidden #......]
    configs/common.yaml:2:4 removed
    gone from 2 processes: staging/accounts/web, staging/accounts/worker

  X at configs/production.yaml:1 changes nothing: the value stays the same in 2 processes

! 2 processes are invalid: production/accounts/web, production/accounts/worker
! 2 processes become valid: staging/accounts/web, staging/accounts/worker
""",
        "different: 1 variable in 2 of 4 processes",
    ),
    "what can not be told": (
        a_tree(common="A: 1\n", staging="A: 2\n"),
        a_tree(common="A: [1]\n", staging="A: 2\n"),
        f"! 4 processes become invalid: {ALL}\n",
        "no difference in 4 processes; 2 values could not be compared",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_comparison_is_told_as_text(name: str) -> None:
    before, after, text, sentence = CASES[name]
    found = told(before, after)
    assert FINGERPRINT.sub("#......", as_text(found)) == text
    assert summary(found) == sentence


def test_equal_hidden_values_have_equal_fingerprints_and_others_others() -> None:
    before = a_tree(staging="PASSWORD: one\n", production="PASSWORD: two\n")
    after = a_tree(staging="PASSWORD: two\n", production="PASSWORD: three\n")
    two, three, one, again = FINGERPRINT.findall(as_text(told(before, after)))
    assert two == again
    assert len({one, two, three}) == 3


LONG = "x" * 200
LENGTHY = {
    "they part late": (f"{LONG}a{LONG}", f"{LONG}b{LONG}", "...xxxxxxxxxxxxa", "...xxxxxxxxxxxxb"),
    "one goes on": (LONG, f"{LONG}y", "...xxxxxxxxxxxx", "...xxxxxxxxxxxxy"),
    "one is short": ("a", LONG, "a", "xxx"),
    "one is empty": ("", LONG, '""', "xxx"),
    "they part at once": (f"a{LONG}", f"b{LONG}", "ax", "bx"),
}


@pytest.mark.parametrize("name", LENGTHY)
def test_long_values_are_cut_where_they_part(name: str) -> None:
    before, after, start, other_start = LENGTHY[name]
    found = told(a_tree(production=f'A: "{before}"\n'), a_tree(production=f'A: "{after}"\n'))
    shown, _, other = as_text(found).splitlines()[0].removeprefix("~ A  ").partition(" -> ")
    assert shown.startswith(start)
    assert other.startswith(other_start)
    assert shown != other
    assert max(len(shown), len(other)) <= WIDEST
    assert f"| `{shown}` | `{other}` |" in as_markdown(found, "", "")


def test_a_password_is_hidden_before_a_long_value_is_cut() -> None:
    texts = [f"{LONG} https://u:hunter{number}@e.com/{'y' * 100}" for number in (1, 2)]
    found = told(*(a_tree(production=f'A: "{text}"\n') for text in texts))
    for said in (as_text(found), as_markdown(found, "", ""), as_json(found, "", "")):
        assert "hunter" not in said


def test_counts_are_those_of_each_process() -> None:
    before = a_tree(accounts_web_common="A: x\nB: 1\n", staging="A: 1\n", production="URL: u\nPEM: p\n")
    after = a_tree(staging="A: 1\n", production="URL: v\nPEM: p\n", common="B: 2\n")
    assert as_stat(told(before, after)) == (
        "production/accounts/web     +0 ~2 -1\n"
        "production/accounts/worker  +1 ~1 -0\n"
        "staging/accounts/web        +0 ~2 -0\n"
        "staging/accounts/worker     +1 ~0 -0\n"
    )
    gone = a_tree() | {"configs/accounts/service.yaml": "processes: {web: {command: serve}}\n"}
    assert as_stat(told(before, gone)) == (
        "production/accounts/web     +0 ~0 -4\n"
        "production/accounts/worker  +0 ~0 -2\n"
        "staging/accounts/web        +0 ~0 -2\n"
        "staging/accounts/worker     +0 ~0 -1\n"
    )
    assert as_stat(told(before, before)) == ""


def test_names_come_one_a_line_each_once() -> None:
    found = told(a_tree(staging="B: 1\n", production="A: 1\n"), a_tree(staging="B: 2\n", common="A: 2\n"))
    assert as_names(found) == "".join(
        f"{environment}/accounts/{process}\t{name}\n"
        for environment, names in (("production", "A"), ("staging", "AB"))
        for process in ("web", "worker")
        for name in names
    )


def test_json_holds_all_of_it() -> None:
    before = a_tree(common=f"A: 1\n{LINE}PASSWORD: a\n", production="A: 9\nC: 1\n", staging="C: 1\n")
    after = a_tree(common=f"A: 2\n{LINE}PASSWORD: A\nC: 1\n", production="A: 9\nC: 1\n", staging="C: 1\nX: 1\n")
    found = told(before, after)
    entry = found.comparison.changes[0].cause.entry
    assert entry is not None
    commit = Commit("f" * 40, "Ann", "2026-03-01T12:00:00+00:00", "a change")
    data = json.loads(as_json(found._replace(authors={entry: commit}, untouched=3), "HEAD~1:", "the working tree"))
    staging = ["staging/accounts/web", "staging/accounts/worker"]
    production = [WEB, "production/accounts/worker"]
    first, second, third, _ = data.pop("changes")
    assert first == {
        "name": "A",
        "kind": "changed",
        "hidden": False,
        "file": "configs/common.yaml",
        "line": 1,
        "column": 4,
        "through": [],
        "commit": "f" * 40,
        "values": [{"before": "1", "after": "2", "withheld": False, "difference": "other", "targets": staging}],
        "shadowed": production,
    }
    assert (second["name"], second["through"], second["commit"]) == ("B", ["A"], None)
    assert third["values"] == [
        {
            "before": None,
            "after": None,
            "withheld": True,
            "difference": "letter case",
            "targets": [*production, *staging],
        }
    ]
    assert data == {
        "before": "HEAD~1:",
        "after": "the working tree",
        "added": [],
        "removed": [],
        "without_effect": [
            {
                "name": "C",
                "file": "configs/common.yaml",
                "line": 4,
                "column": 4,
                "seen_by": [*production, *staging],
                "shadowed": [*production, *staging],
            }
        ],
        "becomes_invalid": staging,
        "becomes_valid": [],
        "invalid": [],
        "compared": 7,
        "not_compared": 0,
    }


# Markdown.

MARKDOWN = """\
**envtree**: different: 2 variables in 2 of 4 processes (`HEAD~1:` to `HEAD:`)

| | variable | before | after | processes | line |
|---|---|---|---|---|---|
| ~ | `A` | `1` | `2` | 2 | `configs/common.yaml:1` (shadowed in 2) |
| ~ | `B` | `1` | `2` | 2 | `configs/common.yaml:2` through `A` |

<details><summary>Which processes</summary>

- `A`, `B`: `staging/accounts/web`, `staging/accounts/worker`

</details>

:x: becomes invalid: `staging/accounts/web`, `staging/accounts/worker`

`C` at `configs/common.yaml:3` changes nothing: shadowed in 4 processes

`X` at `configs/staging.yaml:2` changes nothing: the value stays the same in 2 processes
"""


def test_a_comparison_is_told_as_a_comment() -> None:
    before = a_tree(common=f"A: 1\n{LINE}", production="A: 9\nC: 1\n", staging="C: 1\n")
    after = a_tree(common=f"A: 2\n{LINE}C: 2\n", production="A: 9\nC: 1\n", staging="C: 1\nX: !unset\n")
    assert as_markdown(told(before, after), "HEAD~1:", "HEAD:") == MARKDOWN
    assert as_markdown(told(before, before), "a", "b") == "**envtree**: no difference in 4 processes (`a` to `b`)\n"


HOSTILE = (
    *(
        "`",
        "``",
        "`a",
        "a`",
        "`` ` ``",
        "|",
        "||",
        "a|b",
        "\\",
        "\\|",
        "\\\\|",
        "a\\",
        "`|`",
        "\\`",
        "_a_",
        "**a**",
        "~~a~~",
    ),
    *(
        "<img src=x onerror=y>",
        "</details>",
        "<!--",
        "-->",
        "@everyone",
        "#1",
        "[a](https://e.com)",
        "![](https://e.com)",
    ),
    *("&amp;", "&#124;", ":x:", "$x$", "https://e.com", "a\nb", "\n| a | b |", "\n\n# a", "\r\n", "\t", " a", "\u2028"),
    *("\u202e", "\x1b[31m", "\u200b", "漢字", "\U0001f600", "e\u0301"),
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_breaks_out_of_a_comment(text: str) -> None:
    """Judged by a renderer: one table row, the value in a code span, and nothing else that is alive."""
    comparison = against(a_tree(production="A: one\n"), WEB, {"A": text})
    said = as_markdown(DiffReport(comparison, {}, (), (), (), KEY), f"HEAD:{text}", text)
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = markdown.parse(said)
    table = [token.type for token in tokens[: next(n for n, each in enumerate(tokens) if each.type == "table_close")]]
    assert table.count("tr_open") == 2
    assert table.count("td_open") == 6
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "code_inline", "strong_open", "strong_close"}
    assert [token.content.strip() for token in tokens if token.type == "html_block"] == [
        "<details><summary>Which processes</summary>",
        "</details>",
    ]
    for child in inline:
        if child.type == "text":
            assert re.fullmatch(r"[\w\s:,.()~]*", child.content), child.content
    shown = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
    codes = [child.content for child in inline if child.type == "code_inline"]
    assert sum(each.strip() == shown.strip() for each in codes) >= 2
    assert said.isprintable() or set(filter(lambda letter: not letter.isprintable(), said)) == {"\n"}


def test_names_that_are_hostile_do_no_harm() -> None:
    names = {"\x1b[31mred": "1", "a\tb": "1", "a\nb": "1", "`|<b>": "1", "\udc80": "1", chr(0xD800): "1"}
    found = DiffReport(against(a_tree(production="A: 1\n"), WEB, names), {}, (), (), (), KEY)
    for said in (as_text(found), as_markdown(found, "", ""), as_stat(found)):
        assert all(line.isprintable() for line in said.splitlines())
        said.encode()
    lines = as_names(found).splitlines()
    assert len(lines) == len(names) + 1
    assert all(each.count("\t") == 1 and each.replace("\t", "").isprintable() for each in lines)
    data = as_json(found, "", "")
    assert all(line.isprintable() for line in data.splitlines())
    assert {each["name"] for each in json.loads(data.encode())["changes"]} == {"A", *names}


def large(services: int, text: str) -> Files:
    files = a_tree(common=text)
    for number in range(services):
        files[f"configs/service-{number}/service.yaml"] = (
            "processes: {a: {command: a}, b: {command: b}, c: {command: c}}\n"
        )
    return files


@pytest.fixture(scope="module")
def many() -> DiffReport:
    """904 processes, and 130 variables that change for all of them."""
    fields = "".join(f'    V{number}: str = ""\n' for number in range(130))
    schema = {"schemas/common.py": SCHEMA + fields}
    before, after = ("".join(f"V{n}: {'x' * 50}{each}\n" for n in range(130)) for each in "ab")
    return told({**large(150, before), **schema}, {**large(150, after), **schema})


def test_nine_hundred_targets_take_a_few_lines_of_text(many: DiffReport) -> None:
    assert summary(many) == "different: 130 variables in 904 of 904 processes"
    lines = as_text(many).splitlines()
    assert len(lines) == 3 * 130
    assert max(map(len, lines)) < 300
    assert lines[2].endswith("and 898 more")


def test_a_comment_is_never_longer_than_one_may_be(many: DiffReport) -> None:
    said = as_markdown(many, "main:", "HEAD:")
    assert len(said) < 65_536
    assert f"`, `production/service-115/a` and {904 - LISTED} more\n" in said
    wide = replace(many.comparison, changes=many.comparison.changes * 5, without_effect=(), added=(), removed=())
    targets = tuple(pair.after for pair in many.comparison.compared if pair.after)
    said = as_markdown(DiffReport(wide, {}, targets, targets, targets, KEY), "main:", "HEAD:")
    assert len(said) < 65_536
    assert re.search(r"^\| \| and \d+ more \| \| \| \| \|$", said, re.MULTILINE)
    assert TABLE + LISTS + EDITS < 65_536
    rows = MarkdownIt("commonmark").enable("table").render(said)
    assert rows.count("<table>") == 1


def test_edits_without_effect_are_cut_in_a_comment_too() -> None:
    lines = "".join(f"V{number}: 1\n" for number in range(1000))
    said = as_markdown(told(a_tree(), a_tree(common=lines.replace("1\n", "!unset\n"))), "", "")
    assert len(said) < 65_536
    assert re.search(r"^and \d+ more that change nothing$", said, re.MULTILINE)


def paint(role: str, text: str) -> str:
    return f"<{role}>{text}</>"


def test_roles_that_are_painted_are_known_to_the_terminal() -> None:
    from envtree.cli.terminal import STYLES

    before, after, _, _ = CASES["invalid now"]
    gone = CASES["targets that come and go"]
    said = (
        as_text(told(before, after), paint)
        + as_text(told(*gone[:2]), paint)
        + as_text(told(*CASES["hidden"][:2]), paint)
    )
    said += as_text(told(*CASES["one line for all"][:2]), paint) + as_text(told(*CASES["added and removed"][:2]), paint)
    assert set(re.findall("<([a-z]+)>", said)) == {"added", "removed", "changed", "error", "good", "frame"}
    assert set(re.findall("<([a-z]+)>", said)) <= STYLES.keys()


def test_who_wrote_a_line_stands_behind_it() -> None:
    comparison = compared(a_tree(common="A: 1\nB: 1\n"), a_tree(common="A: 2\nB: 2\n"))
    entries = [each.cause.entry for each in comparison.changes]
    commit = Commit("f" * 40, "E\x1bve", "2026-03-01T23:59:00+05:30", "why\u202e not")
    found = DiffReport(
        comparison, {entry: by for entry, by in zip(entries, (commit, None), strict=True) if entry}, (), (), (), KEY
    )
    lines = as_text(found).splitlines()
    assert lines[1] == f"    configs/common.yaml:1:4  {'f' * 12} 2026-03-01 E\\x1bve: why\\u202e not"
    assert lines[4] == "    configs/common.yaml:2:4  not committed"


def test_of_one_process_that_is_compared_alone_no_processes_are_listed() -> None:
    found = DiffReport(
        across(a_tree(staging="A: 1\n"), "staging/accounts/web", WEB), {}, (), (), (), KEY, is_history=False
    )
    assert as_text(found) == "- A  1\n    configs/staging.yaml:1:4\n"
    assert summary(found) == "different: 1 variable in 1 of 1 process"
    assert "changes" not in as_text(found)
    assert as_text(found._replace(untouched=1)).endswith(f"    gone from 1 process: staging/accounts/web -> {WEB}\n")


def as_data(found: DiffReport) -> Any:
    return json.loads(as_json(found, "", ""))


def test_what_is_no_history_is_not_called_removed_or_invalid_before() -> None:
    comparison = across(a_tree(staging="A: 1\n"), "staging/accounts/web", WEB)
    (pair,) = comparison.compared
    assert pair.after is not None
    found = DiffReport(comparison, {}, (), (), (pair.after,), KEY, is_history=False)
    assert ":x: is invalid: `production/accounts/web`" in as_markdown(found, "", "")
    assert "before and after" in as_markdown(found._replace(is_history=True), "", "")
    assert as_data(found)["invalid"] == [WEB]
