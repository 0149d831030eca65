"""A comparison with Heroku as people, programs and reviews read it, to the letter and without a value."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from envtree.core.model.diagnostic import Diagnostic
from envtree.migration.apps.fleet import App
from envtree.migration.comparing.compare import compare
from envtree.migration.comparing.comparison import HerokuComparison
from envtree.migration.comparing.json import as_json
from envtree.migration.comparing.markdown import LISTS, TABLE, as_markdown
from envtree.migration.comparing.progress import progress_of
from envtree.migration.comparing.progress_report import as_json as ledger_json
from envtree.migration.comparing.progress_report import as_text as ledger_text
from envtree.migration.comparing.summary import summary
from envtree.migration.comparing.text import ALL, ComparisonDisplay, as_text
from tests.examples import examples
from tests.heroku_comparisons import HERE, SEALED, a_cell, an_app, compared, expect, ours

MANNER = ComparisonDisplay(b"k" * 16)
FINGERPRINT = re.compile(r"#[0-9a-f]{6}\b")


def told(comparison: HerokuComparison, manner: ComparisonDisplay = MANNER) -> str:
    return FINGERPRINT.sub("#......", as_text(comparison, manner))


def all_sections() -> HerokuComparison:
    """A difference of each section in one app, beside one that is the same and one that can't be read."""
    app = an_app(
        {
            "DATABASE_URL": "postgres://one",
            "HOST": "old.example.com",
            "LEVEL": "info",
            "LOG_FORMAT": "json",
            "MOTD": "hello ",
            "SAME": "1",
            "SEALED": "abc",
            "STRIPE_KEY": "s" * 32,
        },
        HERE,
        "DATABASE_URL",
    )
    worker = {
        "LEVEL": "debug",
        "LOG_FORMAT": "'json'",
        "SAME": "1",
        "HOST": "new.example.com",
        "SEALED": SEALED,
        "DATABASE_URL": "postgres://two",
    }
    web = {**worker, "DYNO": "3000"}
    own = {"web": ours(web, "web/common"), "worker": ours(worker, "worker/common")}
    staging = "staging/accounts"
    return compare(
        [
            (a_cell(HERE), app, own),
            (a_cell(staging), an_app({"LEVEL": "debug"}, staging, release=3), {"web": ours({"LEVEL": "debug"})}),
            (a_cell("staging/pay"), App("acme-pay", fault="403 forbidden\x1b[31m"), {}),
        ],
        (expect("HOST", reason="moved in May"),),
        {app.name: {"LEVEL": "info", "STRIPE_KEY": "old", "LOG_FORMAT": "text"}},
    )


def test_each_app_has_a_line_and_below_it_what_differs() -> None:
    text = told(all_sections())
    lines = [re.sub(" {2,}", "  ", line.strip()) for line in text.splitlines()]
    assert lines == [
        "production/accounts  acme-production-accounts v41: 1 the same, 1 missing, 1 extra, 2 different, "
        "1 that can't be carried, 1 sealed, 1 as expected, 1 of add-ons (1 differs)",
        "- STRIPE_KEY  32 characters #......  missing: on Heroku only; changed on both sides",
        "+ DYNO  web only: 4 characters #......  extra: not on Heroku; changed by us; set by a dyno itself  "
        "configs/accounts/web/common.yaml:7",
        "~ LEVEL  4 characters #...... -> 5 characters #......  "
        "differs in its content; equal to staging/accounts's; changed by us  configs/accounts/web/common.yaml:1",
        "~ LOG_FORMAT  4 characters #...... -> 6 characters #......  "
        "differs in quotes around it; changed on both sides  configs/accounts/web/common.yaml:2",
        "! MOTD  6 characters #......  ends in a blank, which chpst would drop; changed on Heroku since the import",
        "? SEALED  3 characters #...... -> [sealed]  sealed, so it can't be compared  "
        "configs/accounts/web/common.yaml:5",
        "= HOST  15 characters #...... -> 15 characters #......  expected: moved in May; differs in its content; "
        "changed on both sides  configs/accounts/web/common.yaml:4",
        "staging/accounts  acme-staging-accounts v3: 1 the same",
        "staging/pay  acme-pay: could not be compared: 403 forbidden\\x1b[31m",
    ]


def test_names_values_and_words_stand_in_columns() -> None:
    assert told(compared({"A": "1", "LONGER": "123"}, {"A": "2"}, base={"A": "2", "LONGER": "123"})).splitlines() == [
        "production/accounts  acme-production-accounts v41: 0 the same, 1 missing, 1 different",
        "  - LONGER  3 characters #......                        missing: on Heroku only; changed by us",
        "  ~ A       1 character #...... -> 1 character #......  differs in its content; "
        "changed on Heroku since the import  configs/accounts/web/common.yaml:1",
    ]


def test_what_add_ons_set_is_listed_where_it_is_asked_for_and_the_release_named_where_it_is_known() -> None:
    comparison = all_sections()
    assert "DATABASE_URL" not in told(comparison)
    manner = MANNER._replace(listed=ALL, imported={"acme-production-accounts": 40})
    (line,) = (each for each in told(comparison, manner).splitlines() if "DATABASE_URL" in each)
    assert line.split("  ")[1] == "* DATABASE_URL"
    assert line.endswith("changed on both sides; set by postgresql-clear-1  configs/accounts/web/common.yaml:6")
    of_another = told(all_sections(), manner)
    assert "changed on Heroku since v40" in of_another


@pytest.mark.parametrize(
    ("heroku", "own", "shown"),
    [
        ("info", "debug", "info -> debug"),
        ("a\nb", "a\\nb", r'"a\nb" -> "a\\nb"'),
        ("a", "a\n", r'a -> "a\n"'),
        (" a", "a", '" a" -> a'),
        ("", "a\x1b[31m", r'"" -> "a\u001b[31m"'),
        ("a", "a\u202e", r'a -> "a\u202e"'),
        ('"a"', "'a'", r""""\"a\"" -> 'a'"""),
    ],
)
def test_one_variable_can_be_revealed_and_no_two_values_look_alike(heroku: str, own: str, shown: str) -> None:
    comparison = compared({"A": heroku, "B": "hunter1"}, {"A": own, "B": "hunter2"})
    text = as_text(comparison, MANNER._replace(reveal="A"))
    assert f"  {shown}  " in text
    assert "hunter" not in text
    data = json.loads(as_json(comparison, "A"))
    values = [(each["heroku"]["value"], each["ours"]["value"]) for each in data["differences"]]
    assert values == [(heroku, own), (None, None)]


SUMMARIES = [
    (compare([], (), {}), "there is no app to compare"),
    (compared({"A": "1"}, {"A": "1"}), "the app is the same"),
    (compared({"A": "1"}, {"A": "2"}), "the app is not the same: 1 variable differs in 1 app"),
    (compared(App("x", fault="403"), {}), "the app could not be compared"),
    (compared({}, {}, elsewhere={"qa/a": {}, "qa/b": {}}), "all 3 apps are the same"),
    (
        compared({"A": "1"}, {"A": "2"}, expectations=(expect("A"),), elsewhere={"qa/a": {}}),
        "both apps are the same; 1 variable differs as expected",
    ),
    (
        compared({"A": "1", "B": "1", "C": "1", "D": "1"}, {"A": "2", "B": "2"}, elsewhere={"qa/a": {}, "qa/b": {}}),
        "2 of 3 apps are the same: 2 variables differ in 1 app, 2 are missing in 1 app",
    ),
    (
        all_sections(),
        "1 of 3 apps is the same: 2 variables differ in 1 app, 1 is missing in 1 app, 1 is set here only in 1 app, "
        "1 can't be carried in 1 app, 1 is sealed in 1 app, 1 of add-ons differs in 1 app; "
        "1 variable differs as expected; 1 app could not be compared",
    ),
]


@pytest.mark.parametrize(("comparison", "expected"), SUMMARIES)
def test_a_comparison_can_be_said_in_one_sentence(comparison: HerokuComparison, expected: str) -> None:
    assert summary(comparison) == expected


@pytest.mark.parametrize(
    ("comparison", "start"),
    [
        (compare([], (), {}), "there is no app to compare"),
        (compared({"A": "1"}, {"A": "1"}), "the app is the same"),
        (compared({"A": "1"}, {"A": "2"}), "the app is not the same: 1 variable differs in 1 app"),
    ],
)
def test_what_keeps_an_app_from_being_compared_is_in_the_answer(comparison: HerokuComparison, start: str) -> None:
    told = Diagnostic("unmapped-app", "`b` is to be skipped, and is no app", severity="warning")
    assert replace(comparison, problems=(told,)).answer == comparison.answer
    broken = replace(comparison, problems=(told, Diagnostic("unmapped-app", "`a` has no place in the tree")))
    data = json.loads(as_json(broken))
    assert (data["answer"], data["summary"]) == ("incomplete", f"{start}; 1 error leaves this incomplete")
    assert "- :x: `` `a` has no place in the tree ``\n" in as_markdown(broken, MANNER)


def test_a_program_gets_all_of_it_but_the_values() -> None:
    data = json.loads(as_json(all_sections()))
    assert data["answer"] == "incomplete"
    assert [(each["app"], each["same"], each["fault"]) for each in data["apps"]] == [
        ("acme-production-accounts", 1, None),
        ("acme-staging-accounts", 1, None),
        ("acme-pay", None, "403 forbidden\x1b[31m"),
    ]
    (found,) = (each for each in data["differences"] if each["name"] == "LEVEL")
    assert found == {
        "environment": "production",
        "service": "accounts",
        "app": "acme-production-accounts",
        "name": "LEVEL",
        "section": "different",
        "processes": ["web", "worker"],
        "heroku": {"state": "set", "length": 4, "value": None},
        "ours": {"state": "set", "length": 5, "value": None},
        "difference": "other",
        "first_difference": 0,
        "owner": "team",
        "addon": None,
        "reason": None,
        "changed_by": "us",
        "equal_to": ["staging/accounts"],
        "note": None,
        "hint": None,
        "file": "configs/accounts/web/common.yaml",
        "line": 1,
        "column": 10,
    }
    sealed = next(each for each in data["differences"] if each["name"] == "SEALED")
    assert sealed["ours"] == {"state": "sealed", "length": None, "value": None}


def test_a_program_gets_the_expectations_without_effect() -> None:
    data = json.loads(as_json(compared({"A": "1"}, {"A": "1"}, expectations=(expect("A"),))))
    message = "`A` is the same everywhere it is expected to differ"
    assert (data["answer"], data["unmet"]) == ("same", [{"message": message, "file": "envtree.yaml", "line": 9}])


def test_a_comment_is_a_table_in_which_nobody_elses_text_is_markup() -> None:
    nasty = "<img src=x>|`*@all*\n"
    app = App("acme", values={"A|`b": "1", "B": "1"}, attachments=())
    comparison = compare(
        [(a_cell(HERE), app, {"web": ours({"B": "2"})}), (a_cell("qa/a"), App("x", fault=nasty), {})],
        (expect("B", reason=nasty),),
        {},
    )
    html = MarkdownIt().enable("table").render(as_markdown(comparison, MANNER))
    assert html.count("<tr>") == 3
    assert "<img" not in html
    assert "<em>" not in html
    assert html.count("&lt;img src=x&gt;") == 2


def test_a_comment_is_never_longer_than_github_takes() -> None:
    rows = {f"NAME_{number:05}": "1" for number in range(2_000)}
    faults = {f"qa/s{number}": {"A": "1"} for number in range(2)}
    comment = as_markdown(compared(rows, {}, elsewhere=faults), MANNER)
    assert len(comment) < TABLE + LISTS + 2_000
    assert re.search(r"\| and 1,\d{3} more \|", comment)


secrets = st.integers(0, 99).map(lambda number: f"CaN4rY{number:02}")
texts = st.tuples(
    st.sampled_from(["", " ", "'", '{"a": "', "\x1b["]), secrets, st.sampled_from(["", "\n", "'", '"}', " "])
)
rows = st.dictionaries(st.sampled_from("ABCDE"), texts.map("".join), max_size=5)


@examples(30)
@given(rows, rows, rows, rows, rows)
def test_no_value_is_in_what_is_written_unless_it_is_revealed(
    heroku: dict[str, str], web: dict[str, str], worker: dict[str, str], base: dict[str, str], dyno: dict[str, str]
) -> None:
    expectations = (expect("A"), expect("F"))
    comparison = compared(
        heroku, web, worker, expectations=expectations, base=base, dyno=dyno, elsewhere={"qa/a": worker}
    )
    manner = MANNER._replace(listed=ALL, reveal="F")
    written = as_text(comparison, manner) + as_markdown(comparison, manner) + as_json(comparison, "F")
    written += as_json(comparison) + summary(comparison) + ledger_text(progress_of(comparison))
    written += ledger_json(progress_of(comparison)) + "".join(str(each) for each in comparison.unmet)
    assert "canary" not in written.lower()
    revealed = as_text(comparison, manner._replace(reveal="B"))
    values = {each[name] for each in (heroku, web, worker, dyno) for name in each if name == "B"}
    assert all(any(mark in value for value in values) for mark in re.findall(r"CaN4rY\d\d", revealed))
